import { isZone } from '../../cards/show-time.ts';
import type { Conversation, Reachable, Recipient } from '../../services/ports/notifier.ts';
import { at, type Fields, textAt } from './fields.ts';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
  return GUID.test(text);
}

/**
 * Where the next message to the people of this activity goes. A channel is addressed by its own id, so that a message
 * starts a new post; a person and a group chat by the id of the chat.
 */
export function conversationOf(activity: Fields, tenantId: string): Conversation {
  const kind = kindOf(activity);
  const zone = kind === 'personal' ? textAt(activity, 'localTimezone') : undefined;
  return {
    id: kind === 'channel' ? channelIdOf(activity) : (textAt(activity, 'conversation', 'id') ?? ''),
    serviceUrl: textAt(activity, 'serviceUrl') ?? '',
    tenantId,
    kind,
    botId: textAt(activity, 'recipient', 'id') ?? '',
    ...(zone !== undefined && isZone(zone) ? { zone } : {}),
  };
}

/**
 * Every name by which routes can address the conversation of this activity: the person of a personal chat by object id,
 * a channel by its id and as `TEAM/CHANNEL` when Teams told both names, a group chat by its id.
 */
export function recipientsOf(activity: Fields): readonly Recipient[] {
  const kind = kindOf(activity);
  if (kind === 'personal') {
    const oid = textAt(activity, 'from', 'aadObjectId');
    return oid !== undefined && isGuid(oid) ? [{ kind: 'person', oid: oid.toLowerCase() }] : [];
  }
  if (kind === 'groupChat') return channels([textAt(activity, 'conversation', 'id')]);
  return channels([channelIdOf(activity), channelNameOf(activity)]);
}

/** A team and its channels as the connector lists them; the General channel has its team's id and no name. */
export interface TeamList {
  readonly id: string;
  readonly name?: string | undefined;
  readonly channels: readonly { readonly id?: string | undefined; readonly name?: string | null | undefined }[];
}

/**
 * Every channel of the team with its names: id, `TEAM/CHANNEL` and `CHANNEL`. `like` is any conversation with the bot in
 * this team.
 */
export function channelsOf(team: TeamList, like: Conversation): readonly Reachable[] {
  return team.channels.flatMap(({ id, name }) => {
    if (id === undefined || id === '') return [];
    const channel = name || (id === team.id ? 'General' : undefined);
    const full = team.name && channel && `${team.name}/${channel}`;
    // Teams forbids these characters in names: what has them would pass for an id or for a channel of another team.
    const bare = channel !== undefined && /[/:]/.test(channel) ? undefined : channel;
    const conversation: Conversation = { ...like, id, kind: 'channel' };
    return [{ recipients: channels([id, full, bare]), conversation }];
  });
}

/** An activity without `conversationType` is taken for a personal chat only when nothing speaks against it. */
function kindOf(activity: Fields): Conversation['kind'] {
  const type = textAt(activity, 'conversation', 'conversationType');
  if (type === 'personal' || type === 'channel' || type === 'groupChat') return type;
  if (at(activity, 'channelData', 'team') !== undefined || at(activity, 'channelData', 'channel') !== undefined) {
    return 'channel';
  }
  const shared =
    at(activity, 'conversation', 'isGroup') === true || textAt(activity, 'conversation', 'id')?.startsWith('19:');
  return shared ? 'groupChat' : 'personal';
}

/** In an event about a team, the conversation is its General channel. */
function channelIdOf(activity: Fields): string {
  const id = textAt(activity, 'channelData', 'channel', 'id') ?? textAt(activity, 'conversation', 'id') ?? '';
  return id.split(';', 1)[0] ?? '';
}

function channelNameOf(activity: Fields): string | undefined {
  const team = textAt(activity, 'channelData', 'team', 'name');
  // Teams gives the General channel its team's id and no name.
  const general = channelIdOf(activity) === textAt(activity, 'channelData', 'team', 'id') ? 'General' : undefined;
  const channel = textAt(activity, 'channelData', 'channel', 'name') ?? general;
  return team === undefined || channel === undefined ? undefined : `${team}/${channel}`;
}

function channels(names: readonly (string | undefined)[]): readonly Recipient[] {
  return names
    .filter((name): name is string => name !== undefined && name !== '')
    .map((channel) => ({ kind: 'channel', channel }));
}
