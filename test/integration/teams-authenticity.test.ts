import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { requireConnectorClaims } from '../../bot/teams/adapter.ts';
import type { ActionInput } from '../../bot/teams/application.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';
import { CONNECTOR_ISSUER, type TokenOverrides } from '../fakes/teams-tokens.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';
const OTHER_TENANT = '7f1c2a34-0000-4000-8000-00000000000b';
const BOT = '11111111-2222-4333-8444-555555555555';
const OTHER_APP = '99999999-2222-4333-8444-555555555555';
const ann = { oid: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'Ann' };

let teams: FakeTeams;
let bot: TeamsBot;
let actions: ActionInput[];
const printed: unknown[][] = [];
const { console: output } = globalThis;
const original = output.error;

beforeAll(async () => {
  output.error = (...data: unknown[]) => void printed.push(data);
  teams = await startTeams({ tenant: TENANT, botId: BOT, authenticated: true });
  bot = await startTeamsBot(
    teams,
    TENANT,
    {
      runAction: async (_by, input) => {
        actions.push(input);
        return { text: 'Recorded.' };
      },
    },
    BOT,
  );
});

beforeEach(() => {
  actions = [];
});

afterEach(() => {
  expect(printed).toEqual([]);
});

afterAll(async () => {
  output.error = original;
  await bot.close();
  await teams.close();
});

function aClick(members: Record<string, unknown> = {}): Record<string, unknown> {
  const value = { action: { type: 'Action.Execute', verb: 'approval.decide', data: { requestId: 'r' } } };
  return teams.activity(ann, { type: 'invoke', name: 'adaptiveCard/action', value, ...members });
}

const signed = (overrides?: TokenOverrides) => teams.tokens?.sign(teams.url, overrides) ?? Promise.resolve('');
const entra = (tenant: string, claims: Record<string, unknown>) =>
  signed({ claims: { iss: `https://sts.windows.net/${tenant}/`, tid: tenant, ver: '1.0', ...claims } });

interface Attempt {
  readonly what: string;
  readonly token: () => Promise<string>;
  readonly members?: Record<string, unknown>;
}

const letIn: readonly Attempt[] = [
  { what: 'a valid token', token: signed },
  { what: 'a token that expired less than five minutes ago', token: () => signed({ expiresIn: -240 }) },
];

const refused: readonly Attempt[] = [
  { what: 'no token', token: async () => '' },
  { what: 'garbage for a token', token: async () => 'abc.def.ghi' },
  { what: 'a token whose payload is null', token: async () => 'eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA' },
  { what: 'alg none', token: async () => teams.tokens?.unsigned(teams.url) ?? '' },
  { what: 'the signature of another key under the id of ours', token: () => signed({ forged: true }) },
  { what: 'an unknown key', token: () => signed({ keyId: 'unknown' }) },
  { what: 'another audience', token: () => signed({ claims: { aud: OTHER_APP } }) },
  { what: 'another issuer', token: () => signed({ claims: { iss: 'https://evil.example' } }) },
  { what: 'a token that expired ten minutes ago', token: () => signed({ expiresIn: -600 }) },
  { what: 'a token for another service url', token: () => signed({ claims: { serviceurl: 'https://evil.example/' } }) },
  { what: 'a token without a service url', token: () => signed({ claims: { serviceurl: undefined } }) },
  { what: 'an activity with another service url', token: signed, members: { serviceUrl: 'https://evil.example/' } },
  { what: 'an activity without a service url', token: signed, members: { serviceUrl: undefined } },
  { what: 'a channel that the key is not endorsed for', token: signed, members: { channelId: 'directline' } },
  { what: 'a blank channel', token: signed, members: { channelId: '' } },
  {
    what: 'an activity of another tenant',
    token: signed,
    members: { conversation: { id: 'c', tenantId: OTHER_TENANT }, channelData: { tenant: { id: OTHER_TENANT } } },
  },
  { what: 'an activity for another bot', token: signed, members: { recipient: { id: `28:${OTHER_APP}` } } },
  {
    what: "a person's Entra v2 token for the bot, from any tenant",
    token: () =>
      entra(OTHER_TENANT, {
        iss: `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`,
        ver: '2.0',
        azp: BOT,
        aud: BOT,
      }),
  },
  {
    what: "the bot's own token for the connector",
    token: () => entra(TENANT, { appid: BOT, aud: 'https://api.botframework.com' }),
  },
  {
    what: "the bot's own token for the connector with another tenant's name",
    token: () => entra(OTHER_TENANT, { appid: BOT, aud: 'https://api.botframework.com' }),
  },
  { what: "another app's token for the bot (skill)", token: () => entra(TENANT, { appid: OTHER_APP, aud: BOT }) },
  {
    what: "another app's token for the bot under the connector's name",
    token: () => signed({ claims: { ver: '1.0', appid: OTHER_APP } }),
  },
];

test.each(letIn)('$what is let in', async ({ token }) => {
  const answered = await teams.send(aClick(), await token());

  expect([answered.status, actions.length]).toEqual([200, 1]);
});

test.each(refused)('$what is refused with 401 and an empty body', async ({ token, members }) => {
  const answered = await teams.send(aClick(members), await token());

  expect([answered.status, answered.text, actions.length]).toEqual([401, '', 0]);
});

test('a captured click that is sent again is let in as the same operation', async () => {
  const [click, token] = [aClick(), await signed()];

  await teams.send(click, token);
  await teams.send(click, token);

  expect(actions.map(({ op }) => op)).toEqual([actions[0]?.op, actions[0]?.op]);
});

test('an ignored kind of activity is authenticated all the same', async () => {
  const typing = teams.activity(ann, { type: 'typing' });

  expect((await teams.send(typing, '')).status).toBe(401);
  expect((await teams.send(typing)).status).toBe(200);
});

test('while the keys cannot be read nobody is let in, and the caller may come again', async () => {
  const elsewhere = await startTeams({ tenant: TENANT, botId: BOT, authenticated: true });
  const blind = await startTeamsBot({ ...elsewhere, openIdMetadataUrl: `${elsewhere.url}missing` }, TENANT, {}, BOT);

  const answered = await elsewhere.send(elsewhere.activity(ann, { type: 'message', text: 'help' }));

  expect([answered.status, answered.text]).toEqual([503, '']);
  await blind.close();
  await elsewhere.close();
});

test.each([
  ['another issuer', { iss: 'https://sts.windows.net/x/' }],
  ['another audience', { aud: OTHER_APP }],
  ['no service url', { serviceurl: undefined }],
])('claims with %s are not those of the Bot Connector, whoever signed them', (_what, claims) => {
  const all = { iss: CONNECTOR_ISSUER, aud: BOT, serviceurl: 'https://smba.trafficmanager.net/', ...claims };
  const list = Object.entries(all).flatMap(([type, value]) => (value === undefined ? [] : [{ type, value }]));

  expect(() => requireConnectorClaims(list, { issuer: CONNECTOR_ISSUER, botId: BOT })).toThrow(
    expect.objectContaining({ name: 'Error', statusCode: 401 }),
  );
});
