import type { Answer, TurnPerson } from '../../bot/answer.ts';
import { createPersonTokens } from '../../bot/teams/person-tokens.ts';
import { type PersonTokens, PersonTokensUnavailableError } from '../../services/ports/person-tokens.ts';
import { createConversations } from '../../services/tables/conversations.ts';
import { TENANT } from '../builders.ts';
import { createInMemoryTable, type InMemoryTable } from './in-memory-table.ts';
import { type BotAnswer, type FakeTeams, startTeams } from './teams.ts';
import { startTeamsBot, type TeamsBot } from './teams-bot.ts';
import { type EntraAccount, startTokenService, type TokenService } from './token-service.ts';

type Json = Record<string, unknown>;

export const CONNECTION = 'azure-devops';
export const ann = { oid: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'Ann' };
export const bob = { oid: 'bbbbbbbb-0000-4000-8000-000000000002', name: 'Bob' };
export const annsAccount: EntraAccount = { tenant: TENANT, oid: ann.oid };
export const bobsAccount: EntraAccount = { tenant: TENANT, oid: bob.oid };
/** Ann's id in Teams. */
export const ANN = `29:${ann.oid}`;

export const channel = {
  conversation: {
    id: '19:releases@thread.tacv2;messageid=1',
    tenantId: TENANT,
    conversationType: 'channel',
    isGroup: true,
  },
  channelData: { tenant: { id: TENANT }, channel: { id: '19:releases@thread.tacv2' } },
};
export const groupChat = {
  conversation: { id: '19:g@thread.v2', tenantId: TENANT, conversationType: 'groupChat' },
};

export interface SignInScene {
  readonly teams: FakeTeams;
  readonly service: TokenService;
  readonly bot: TeamsBot;
  readonly table: InMemoryTable;
  /** What was carried out as a person, with the token that it was done by. */
  readonly done: readonly { readonly by: string; readonly op: string; readonly token: string }[];
  /** As another process on the same store has them. */
  tokensElsewhere(): PersonTokens;
  /** Ann's click in her personal chat unless said otherwise; `brought` is beside the action. */
  click(brought?: Json, where?: Json, user?: typeof ann): Promise<BotAnswer>;
  /** Another invoke of Ann's. */
  invoke(name: string, value: Json): Promise<BotAnswer>;
  /** All that left the bot or was written by it, but for tokens handed to `done`. */
  written(): string;
  close(): Promise<void>;
}

/**
 * The Teams edge with a connector and a token service on real ports, and behind it an action that carries out a click
 * under the person's own token.
 */
export async function startSignInScene(
  { connection }: { readonly connection?: string } = { connection: CONNECTION },
): Promise<SignInScene> {
  const teams = await startTeams({ tenant: TENANT });
  const service = await startTokenService(CONNECTION);
  const table = createInMemoryTable();
  const start = () => createConversations({ table, tenant: TENANT, now: () => '2026-11-24T09:00:00.000Z' });
  const done: { by: string; op: string; token: string }[] = [];
  const answers: string[] = [];
  const conversations = start();
  const carryOut = async (by: TurnPerson, op: string): Promise<Answer> => {
    const held = await tokens.tokenOf(by);
    if (held.kind === 'sign-in-needed') return { signIn: true, text: 'Sign in, so that this is done as yourself.' };
    if (held.kind === 'not-configured') return { text: 'Approve it in Azure DevOps.' };
    done.push({ by: by.oid, op, token: held.token });
    return { text: 'Done as yourself.' };
  };
  const act = (by: TurnPerson, op: string): Promise<Answer> =>
    carryOut(by, op).catch((error: unknown) => {
      if (!(error instanceof PersonTokensUnavailableError)) throw error;
      return { text: 'It is not known whether you are signed in. Nothing was recorded.' };
    });
  const bot = await startTeamsBot(teams, TENANT, {
    oauthUrl: service.url,
    signInConnection: connection,
    runAction: (by, { op }) => act(by, op),
    runCommand: (by, _text, op) => act(by, op),
    reached: async (recipients, conversation, by) => {
      const user = by && conversations.rememberUser(by);
      await Promise.all([conversations.remember(recipients, conversation), user]);
    },
  });
  const { adapter } = bot;
  const tokens = createPersonTokens({ adapter, connection, userIdOf: conversations.userIdOf });
  const send = async (activity: Json): Promise<BotAnswer> => {
    const answered = await teams.send(activity);
    answers.push(answered.text);
    return answered;
  };
  return {
    teams,
    service,
    bot,
    table,
    done,
    tokensElsewhere: () => createPersonTokens({ adapter, connection, userIdOf: start().userIdOf }),
    click: (brought = {}, where = {}, user = ann) => {
      const value = { action: { type: 'Action.Execute', verb: 'do', data: { requestId: 'r' } }, ...brought };
      const invoked = { type: 'invoke', name: 'adaptiveCard/action', replyToId: 'm1', value, ...where };
      return send(teams.activity(user, invoked));
    },
    invoke: (name, value) => send(teams.activity(ann, { type: 'invoke', name, value })),
    written: () =>
      JSON.stringify([bot.lines.map(inWords), teams.requests, answers, table.dump(), done.map(({ op }) => op)]),
    close: async () => {
      await bot.close();
      await service.close();
      await teams.close();
    },
  };
}

/** The link of the login request that answers a click. */
export function linkIn({ body }: BotAnswer): string {
  const link = (body as { value: { buttons?: { value: string }[] } }).value.buttons?.[0]?.value;
  if (link === undefined) throw new Error(`no button to sign in: ${JSON.stringify(body)}`);
  return link;
}

/** A line with its errors spelled out as a log does. */
function inWords({ data, message }: TeamsBot['lines'][number]): unknown {
  const spelled = Object.entries(data).map(([key, value]) => [
    key,
    value instanceof Error ? [value.name, value.message, value.stack, value.cause] : value,
  ]);
  return { message, ...Object.fromEntries(spelled) };
}
