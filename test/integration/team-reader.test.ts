import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Reachable } from '../../services/ports/notifier.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';
const GENERAL = '19:payments@thread.tacv2';
const RELEASES = '19:payments-releases@thread.tacv2';
const ann = { oid: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'Ann' };
const releases = { team: 'Payments', channel: 'Releases' };

let teams: FakeTeams;
let bot: TeamsBot;
let listed: { team: string; channels: readonly Reachable[] }[];

beforeEach(async () => {
  listed = [];
  teams = await startTeams({ tenant: TENANT });
  bot = await startTeamsBot(teams, TENANT, {
    listed: async (team, channels) => void listed.push({ team, channels }),
  });
});

afterEach(async () => {
  await bot.close();
  await teams.close();
});

/** The names last listed, by channel. */
const names = () =>
  Object.fromEntries(
    (listed.at(-1)?.channels ?? []).map(({ conversation, recipients }) => [
      conversation.id,
      recipients.map((recipient) => (recipient.kind === 'channel' ? recipient.channel : recipient.kind)),
    ]),
  );

test('a team that installs the bot tells all its channels, each with its own conversation', async () => {
  await teams.installInTeam('Payments', ['Releases'], ann);

  expect(names()).toEqual({
    [GENERAL]: [GENERAL, 'Payments/General', 'General'],
    [RELEASES]: [RELEASES, 'Payments/Releases', 'Releases'],
  });
  expect(listed.at(-1)?.channels[1]?.conversation).toEqual({
    id: RELEASES,
    serviceUrl: teams.url,
    tenantId: TENANT,
    kind: 'channel',
    botId: 'bot',
  });
});

test('a channel that is created, renamed or deleted, and a renamed team, are read anew', async () => {
  await teams.installInTeam('Payments', [], ann);
  await teams.createChannel(releases, ann);
  expect(names()[RELEASES]).toContain('Releases');

  await teams.renameChannel(releases, 'Ships', ann);
  expect(names()[RELEASES]).toEqual([RELEASES, 'Payments/Ships', 'Ships']);

  await teams.renameTeam('Payments', 'Money', ann);
  expect(names()[RELEASES]).toEqual([RELEASES, 'Money/Ships', 'Ships']);

  await teams.deleteChannel({ team: 'Money', channel: 'Ships' }, ann);
  expect(names()).not.toHaveProperty([RELEASES]);
});

test('a team that removes the bot has no channels any more, and is not read for it', async () => {
  await teams.installInTeam('Payments', [], ann);
  const before = teams.reads.length;

  await teams.uninstallFromTeam('Payments', ann);

  expect(listed.at(-1)).toEqual({ team: GENERAL, channels: [] });
  expect(teams.reads).toHaveLength(before);
});

test('a team is read when it is met for the first time, and not again for the next message', async () => {
  await teams.mention(ann, releases, 'help');
  await expect.poll(() => names()[RELEASES]).toContain('Payments/Releases');
  await teams.mention(ann, releases, 'help');

  expect(listed).toHaveLength(1);
});

test('a list that cannot be read is logged and asked for again, and the person is answered', async () => {
  teams.failReads(503);
  await teams.mention(ann, releases, 'help');
  await expect.poll(() => bot.lines).toMatchObject([{ message: 'channels of the team not learnt' }]);
  teams.failReads(undefined);
  await teams.mention(ann, releases, 'help');

  await expect.poll(() => listed).toHaveLength(1);
  expect(teams.messages()).toHaveLength(2);
});

test('a connector that knows no such list is asked once', async () => {
  teams.failReads(404);
  await teams.mention(ann, releases, 'help');
  await expect.poll(() => bot.lines).toHaveLength(1);
  await teams.mention(ann, releases, 'help');

  expect(teams.reads).toHaveLength(2);
  expect(listed).toEqual([]);
});
