import { type Button, findAction, submittedData } from './teams-card.ts';
import { type Connector, startConnector, type TeamsMessage } from './teams-connector.ts';
import { createTeamsDirectory, type TeamsChannel } from './teams-directory.ts';
import { CONNECTOR_ISSUER, createTeamsTokens, type TeamsTokens } from './teams-tokens.ts';

type Json = Record<string, unknown>;

export interface TeamsUser {
  /** Entra object id. */
  readonly oid: string;
  readonly name: string;
}

/** What the bot answered to an activity. */
export interface BotAnswer {
  readonly status: number;
  readonly text: string;
  /** Parsed `text`; undefined when empty. */
  readonly body: unknown;
}

/** The body that answers a card action. */
export interface ActionAnswer {
  readonly statusCode: number;
  readonly type: string;
  readonly value: unknown;
}

export interface TeamsSettings {
  readonly tenant: string;
  /** App id; without it the bot is called `bot`, as a bot without credentials is. */
  readonly botId?: string;
  /** Sends a signed token with every activity; needs `botId`. */
  readonly authenticated?: boolean;
}

export interface FakeTeams extends Connector {
  /** Present when authenticated. */
  readonly tokens: TeamsTokens | undefined;
  /** Metadata of the issuer of `tokens`. */
  readonly openIdMetadataUrl: string;
  /** Where the bot listens: `http://…/api/messages`. */
  connect(botUrl: string): void;
  /** Activity of a kind, complete as Teams sends it, in the personal chat of the user. */
  activity(user: TeamsUser, members: Json): Json;
  /** Posts any activity; `token` replaces the signed one, empty for none. */
  send(activity: unknown, token?: string): Promise<BotAnswer>;
  /** Installs the app for a person; the conversation's id. */
  install(user: TeamsUser): Promise<string>;
  uninstall(user: TeamsUser): Promise<string>;
  /** Adds the app to a channel; the conversation's id. */
  installInChannel(channel: TeamsChannel, by: TeamsUser): Promise<string>;
  /** Adds the app to a team that has General and these channels; Teams tells of the team alone. */
  installInTeam(team: string, channels: readonly string[], by: TeamsUser): Promise<void>;
  uninstallFromTeam(team: string, by: TeamsUser): Promise<void>;
  createChannel(channel: TeamsChannel, by: TeamsUser): Promise<void>;
  renameChannel(channel: TeamsChannel, name: string, by: TeamsUser): Promise<void>;
  renameTeam(team: string, name: string, by: TeamsUser): Promise<void>;
  deleteChannel(channel: TeamsChannel, by: TeamsUser): Promise<void>;
  /** Writes in the personal chat. */
  say(user: TeamsUser, text: string): Promise<BotAnswer>;
  /** Writes `@Countersign text` as a new post of a channel. */
  mention(user: TeamsUser, channel: TeamsChannel, text: string): Promise<BotAnswer>;
  /** The card as this person sees it. */
  cardOf(message: TeamsMessage, user?: TeamsUser): unknown;
  /** Presses an Action.Execute; a card in the answer replaces the card for this person alone. */
  press(
    user: TeamsUser,
    message: TeamsMessage,
    button: Button,
    inputs?: Readonly<Record<string, string>>,
  ): Promise<ActionAnswer>;
  /** What a client without Action.Execute does: the same data as a message. */
  pressSubmit(
    user: TeamsUser,
    message: TeamsMessage,
    button: Button,
    inputs?: Readonly<Record<string, string>>,
  ): Promise<BotAnswer>;
  /** The card came into view: its refresh action, if this person is among its users; undefined otherwise. */
  view(user: TeamsUser, message: TeamsMessage): Promise<ActionAnswer | undefined>;
  /** The invoke that `press` sends. */
  actionActivity(user: TeamsUser, message: TeamsMessage, verb: string, data: Json, trigger?: string): Json;
}

const BOT_NAME = 'Countersign';

export function personalConversation(user: TeamsUser): string {
  return `a:${user.oid}`;
}

/** A Bot Connector and the people's Teams clients, over HTTP on this machine. */
export async function startTeams(settings: TeamsSettings): Promise<FakeTeams> {
  const tokens =
    settings.authenticated && settings.botId !== undefined ? await createTeamsTokens(settings.botId) : undefined;
  const directory = createTeamsDirectory();
  const documents = {
    '/.well-known/openidconfiguration': async (url: string) => ({ issuer: CONNECTOR_ISSUER, jwks_uri: `${url}keys` }),
    '/keys': async () => (await tokens?.keys()) ?? { keys: [] },
  };
  const connector = await startConnector(documents, directory.answer);
  const bot = { id: settings.botId === undefined ? 'bot' : `28:${settings.botId}`, name: BOT_NAME };
  let botUrl = '';
  let sequence = 1;

  const send: FakeTeams['send'] = async (activity, token) => {
    const bearer = token ?? (await tokens?.sign(connector.url)) ?? '';
    const response = await fetch(botUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify(activity),
    });
    const text = await response.text();
    return { status: response.status, text, body: text === '' ? undefined : parsed(text) };
  };
  const activity: FakeTeams['activity'] = (user, members) => ({
    id: `f:${sequence++}`,
    timestamp: new Date().toISOString(),
    channelId: 'msteams',
    serviceUrl: connector.url,
    from: { id: `29:${user.oid}`, name: user.name, aadObjectId: user.oid },
    recipient: bot,
    conversation: { id: personalConversation(user), tenantId: settings.tenant, conversationType: 'personal' },
    channelData: { tenant: { id: settings.tenant } },
    locale: 'en-US',
    ...members,
  });
  const inChannel = (channel: TeamsChannel, thread?: string): Json => {
    const { team, channel: id } = directory.ids(channel);
    // Teams names neither team nor channel in what people write.
    const named = thread === undefined;
    const channelName = named && id !== team ? { name: channel.channel } : {};
    return {
      conversation: {
        id: thread === undefined ? id : `${id};messageid=${thread}`,
        tenantId: settings.tenant,
        conversationType: 'channel',
        isGroup: true,
      },
      channelData: {
        tenant: { id: settings.tenant },
        team: { id: team, ...(named ? { name: channel.team } : {}) },
        channel: { id, ...channelName },
      },
    };
  };
  const inConversationOf = (message: TeamsMessage): Json => {
    if (!message.conversation.startsWith('19:')) return {};
    const id = `${message.conversation};messageid=${message.id}`;
    return {
      conversation: { id, tenantId: settings.tenant, conversationType: 'channel', isGroup: true },
      channelData: { tenant: { id: settings.tenant }, channel: { id: message.conversation } },
    };
  };
  const cardOf: FakeTeams['cardOf'] = (message, user) => {
    const [attachment] = (message.activity['attachments'] ?? []) as { content?: unknown }[];
    return (user === undefined ? undefined : message.views.get(user.oid)) ?? attachment?.content;
  };
  const actionActivity: FakeTeams['actionActivity'] = (user, message, verb, data, trigger = 'manual') =>
    activity(user, {
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: message.id,
      value: { action: { type: 'Action.Execute', id: '', verb, data }, trigger },
      ...inConversationOf(message),
    });
  const invoke = async (user: TeamsUser, message: TeamsMessage, invoked: Json): Promise<ActionAnswer> => {
    const answered = await send(invoked);
    if (answered.status !== 200) throw new Error(`the bot answered ${answered.status} ${answered.text}`);
    const body = answered.body as ActionAnswer;
    if (body.type === 'application/vnd.microsoft.card.adaptive') message.views.set(user.oid, body.value);
    return body;
  };
  const installation = async (by: TeamsUser, action: string, members: Json): Promise<void> => {
    const changed = action === 'add' ? 'membersAdded' : 'membersRemoved';
    await send(activity(by, { type: 'conversationUpdate', [changed]: [{ id: bot.id }], ...members }));
    await send(activity(by, { type: 'installationUpdate', action, ...members }));
  };

  const channelEvent = async (eventType: string, channel: TeamsChannel, by: TeamsUser): Promise<void> => {
    const members = inChannel(channel);
    const channelData = { ...(members['channelData'] as Json), eventType };
    await send(activity(by, { type: 'conversationUpdate', ...members, channelData }));
  };

  return {
    ...connector,
    tokens,
    openIdMetadataUrl: `${connector.url}.well-known/openidconfiguration`,
    connect: (url) => {
      botUrl = url;
    },
    activity,
    send,
    cardOf,
    actionActivity,
    async install(user) {
      await installation(user, 'add', {});
      return personalConversation(user);
    },
    async uninstall(user) {
      await installation(user, 'remove', {});
      return personalConversation(user);
    },
    async installInChannel(channel, by) {
      await installation(by, 'add', inChannel(channel));
      return directory.ids(channel).channel;
    },
    async installInTeam(team, channels, by) {
      for (const channel of channels) directory.ids({ team, channel });
      const { channelData, ...members } = inChannel({ team, channel: 'General' });
      const { channel: _, ...ofTeam } = channelData as Json;
      await installation(by, 'add', { ...members, channelData: ofTeam });
    },
    async uninstallFromTeam(team, by) {
      await installation(by, 'remove', inChannel({ team, channel: 'General' }));
    },
    createChannel: (channel, by) => channelEvent('channelCreated', channel, by),
    async renameChannel({ team, channel }, name, by) {
      directory.renameChannel({ team, channel }, name);
      await channelEvent('channelRenamed', { team, channel: name }, by);
    },
    async renameTeam(team, name, by) {
      directory.renameTeam(team, name);
      await channelEvent('teamRenamed', { team: name, channel: 'General' }, by);
    },
    async deleteChannel(channel, by) {
      const members = inChannel(channel);
      directory.deleteChannel(channel);
      const channelData = { ...(members['channelData'] as Json), eventType: 'channelDeleted' };
      await send(activity(by, { type: 'conversationUpdate', ...members, channelData }));
    },
    say: (user, text) => send(activity(user, { type: 'message', textFormat: 'plain', text })),
    mention: (user, channel, text) => {
      const at = `<at>${BOT_NAME}</at>`;
      const entities = [{ type: 'mention', text: at, mentioned: bot }];
      const thread = inChannel(channel, `${1_600_000_000_000 + sequence}`);
      return send(activity(user, { type: 'message', text: `${at}&nbsp;${text}`, entities, ...thread }));
    },
    press: (user, message, button, inputs = {}) => {
      const card = cardOf(message, user);
      const action = findAction(card, 'Action.Execute', button);
      const data = submittedData(card, action, inputs);
      return invoke(user, message, actionActivity(user, message, action.verb, data));
    },
    pressSubmit: (user, message, button, inputs = {}) => {
      const card = cardOf(message, user);
      const value = submittedData(card, findAction(card, 'Action.Submit', button), inputs);
      return send(activity(user, { type: 'message', replyToId: message.id, value, ...inConversationOf(message) }));
    },
    view: async (user, message) => {
      const card = cardOf(message) as { refresh?: { action: Json; userIds?: string[] } } | undefined;
      const refresh = card?.refresh;
      if (refresh === undefined || refresh.userIds?.includes(`29:${user.oid}`) === false) return undefined;
      const data = (refresh.action['data'] ?? {}) as Json;
      const verb = String(refresh.action['verb']);
      return invoke(user, message, actionActivity(user, message, verb, data, 'automatic'));
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
