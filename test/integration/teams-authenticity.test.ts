import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { requireConnectorClaims } from '../../bot/teams/adapter.ts';
import type { ActionInput } from '../../bot/teams/application.ts';
import { TENANT } from '../builders.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';
import { CONNECTOR_ISSUER } from '../fakes/teams-tokens.ts';
import { BOT, FORGED, LET_IN, OTHER_APP } from '../hostile/forged-activities.ts';

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

function aClick(members: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const value = { action: { type: 'Action.Execute', verb: 'approval.decide', data: { requestId: 'r' } } };
  return teams.activity(ann, { type: 'invoke', name: 'adaptiveCard/action', value, ...members });
}

test.each(LET_IN)('$what is let in', async ({ token }) => {
  const answered = await teams.send(aClick(), await token(teams));

  expect([answered.status, actions.length]).toEqual([200, 1]);
});

test.each(FORGED)('$what is refused with 401 and an empty body', async ({ token, members }) => {
  const answered = await teams.send(aClick(members), await token(teams));

  expect([answered.status, answered.text, actions.length]).toEqual([401, '', 0]);
});

test('a captured click that is sent again is let in as the same operation', async () => {
  const [click, token] = [aClick(), await teams.tokens?.sign(teams.url)];

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
