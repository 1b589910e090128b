import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAdapter } from '../../bot/teams/adapter.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';

let teams: FakeTeams;
let bot: TeamsBot;

beforeEach(async () => {
  teams = await startTeams({ tenant: TENANT });
  bot = await startTeamsBot(teams, TENANT);
});

afterEach(async () => {
  await bot.close();
  await teams.close();
});

test.each([429, 502, 503, 504])(
  'a send that fails with %i is tried once, not again behind our back',
  async (status) => {
    teams.fail({ status, times: 10 });

    await bot.adapter.continueConversationAsync('', reference(), async (context) => {
      await expect(context.sendActivity('x')).rejects.toMatchObject({ statusCode: status });
    });

    expect(teams.requests).toHaveLength(1);
  },
);

test('a send whose connection is cut is tried once', async () => {
  teams.fail({ cut: 'after', times: 10 });

  await bot.adapter.continueConversationAsync('', reference(), async (context) => {
    await expect(context.sendActivity('x')).rejects.toThrow();
  });

  expect(teams.requests).toHaveLength(1);
});

test('members that the client does not know arrive on the wire', async () => {
  const entities = [
    { type: 'https://schema.org/Message', '@type': 'Message', additionalType: ['AIGeneratedContent'] },
    { type: 'mention', text: '<at>on call</at>', mentioned: { id: 'tag', name: 'on call', type: 'tag' } },
  ];

  await bot.adapter.continueConversationAsync('', reference(), async (context) => {
    await context.sendActivity({ type: 'message', text: '<at>on call</at>', entities });
  });

  expect(teams.messages().at(-1)?.activity['entities']).toEqual(entities);
});

test('without a bot id the adapter exists in local mode only', () => {
  const settings = { cloud: 'public', botType: 'SingleTenant', botTenantId: TENANT } as const;

  expect(() => createAdapter({ ...settings, local: false })).toThrow(/BOT_ID.*COUNTERSIGN_LOCAL/);
});

function reference() {
  const conversation = { id: 'a:ann', isGroup: false, conversationType: 'personal', name: '' };
  return { serviceUrl: teams.url, channelId: 'msteams', bot: { id: 'bot', name: '' }, conversation };
}
