import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { renderFor, renderNews, renderShort } from '../../bot/render.ts';
import { createNotifier } from '../../bot/teams/notifier.ts';
import { createPace } from '../../bot/teams/pace.ts';
import type { Person } from '../../services/domain/person.ts';
import { TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { startCountersign } from '../fakes/countersign.ts';
import { passing, reconciled, sentTo } from '../fakes/digest-scene.ts';
import { CAST } from '../fakes/exception-scene.ts';
import { type Edit, policyFolder } from '../fakes/policy-folder.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';
import { problemsOf, production } from '../unit/config-env.ts';

// What users expect of delivery, 45, 47 and 50, through the real connector where Teams has a say. 43, 44 and 46 are in
// digest-behaviours.test.ts and digest-card.test.ts. A world begins on a Tuesday at 10:00 in Berlin.

const ALEX = { kind: 'person', oid: PEOPLE.alex } as const;
const NO_CALLS: Edit = ['routes.yaml', /^ +(remind|escalate)After: .*$/gm, ''];

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

/** A world that sends over the connector. */
async function aWorld(...edits: readonly Edit[]): Promise<CoreWorld> {
  const world = await createCoreWorld({ policyDir: await policyFolder(NO_CALLS, ...edits) });
  const { adapter, log } = bot;
  const pace = createPace({ now: () => Date.parse(world.now), sleep: async () => {} });
  const render = (notice: Parameters<typeof renderFor>[0]) => {
    const { card, summary } = renderFor(notice, {});
    return { card, summary };
  };
  const { throttled } = world.ports.pulse;
  const settings = {
    adapter,
    appId: '',
    hosts: [],
    local: true,
    render,
    renderShort,
    renderNews,
    log,
    pace,
    throttled,
  };
  Object.assign(world.ports.notifier, createNotifier(settings));
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  return world;
}

const met = (world: CoreWorld, oid: string) =>
  world.core.reached([{ kind: 'person', oid }], { ...personal(oid), serviceUrl: teams.url });
const cardsOf = (oid: string) => teams.messages(personal(oid).id);

async function after(world: CoreWorld, seconds: number): Promise<void> {
  world.advance(seconds / 60);
  await world.settle();
}

const statusOf = (world: CoreWorld) => world.core.status.deliveryHealth();

test.each([
  [403, 'ConversationBlockedByUser', 'blocked'],
  [403, 'BotDisabledByAdmin', 'switched-off'],
  [403, 'MessageWritesBlocked', 'no-writes'],
  [403, 'BotNotInConversationRoster', 'removed'],
  [403, 'ForbiddenOperationException', 'not-installed'],
  [403, 'ACodeOfTomorrow', 'refused'],
  [404, 'ConversationNotFound', 'gone'],
] as const)(
  'behaviour 45: after %i %s somebody is told by another road and why, and the item stays due and comes once',
  async (status, code, why) => {
    const world = await aWorld();
    await met(world, PEOPLE.alex);
    await met(world, PEOPLE.isaiah);
    teams.fail({ status, code });
    await world.deliver();
    await world.settle();
    expect(cardsOf(PEOPLE.alex)).toEqual([]);
    expect(cardsOf(PEOPLE.isaiah)).toHaveLength(1);
    expect((await statusOf(world)).unreachable).toContainEqual(
      expect.objectContaining({ name: 'Alex Wilber', why, loss: expect.objectContaining({ code }) }),
    );
    for (let n = 0; n < 2; n += 1) {
      await met(world, PEOPLE.alex);
      await world.settle();
    }
    expect([cardsOf(PEOPLE.alex).length, cardsOf(PEOPLE.isaiah).length]).toEqual([1, 1]);
    expect((await statusOf(world)).unreachable.map(({ name }) => name)).not.toContain('Alex Wilber');
  },
);

test('behaviour 45: a digest that is refused stays due, is seen in status, and comes once, later the same day', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  world.teams.answer = () => ({ kind: 'refused', code: 'ConversationBlockedByUser' });
  await reconciled(world);
  expect((await world.ports.digestMarks.of(`user:${PEOPLE.adele}`))?.mark).toMatchObject({
    outcome: 'unreachable',
    code: 'ConversationBlockedByUser',
  });
  expect((await statusOf(world)).digests?.unreachable).toBeGreaterThan(0);
  world.teams.answer = () => undefined;
  await world.meet(PEOPLE.adele);
  await passing(world, 130);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('behaviour 47: after 429 a card is sent again when Teams said, not before, and once', async () => {
  const world = await aWorld();
  await met(world, PEOPLE.alex);
  teams.fail({ status: 429, code: 'Throttled', retryAfter: '30' });
  await world.deliver();
  await world.settle();
  expect((await statusOf(world)).throttled).toEqual({ count: 1, until: '2026-11-24T09:00:30.000Z' });
  await after(world, 29);
  expect(teams.requests).toHaveLength(1);
  await after(world, 2);
  expect(cardsOf(PEOPLE.alex)).toHaveLength(1);
  for (let n = 0; n < 10; n += 1) await after(world, 60);
  expect(cardsOf(PEOPLE.alex)).toHaveLength(1);
  expect((await statusOf(world)).deadLetters).toEqual([]);
});

test('behaviour 47: of many messages that are throttled none is lost and none comes twice', async () => {
  const world = await aWorld([
    'routes.yaml',
    '{ quorum: 1, from: ["group:payments-leads"] }',
    '{ quorum: 2, from: ["group:payments-leads"] }',
  ]);
  for (const oid of [PEOPLE.alex, PEOPLE.megan]) await met(world, oid);
  teams.fail({ status: 429, code: 'Throttled', retryAfter: '7', times: 5 });
  await world.deliver();
  for (let n = 0; n < 40; n += 1) await after(world, 5);
  expect([PEOPLE.alex, PEOPLE.megan].map((oid) => cardsOf(oid).length)).toEqual([1, 1]);
  expect((await statusOf(world)).throttled).toMatchObject({ count: 5 });
});

test('behaviour 50: help needs no sign-in, and an unknown command is answered with the nearest one', async () => {
  const countersign = await startCountersign();
  onTestFinished(countersign.close);
  const stranger = { oid: '99999999-0000-4000-8000-000000000009', name: 'Nobody Known' };
  const answer = async (text: string) => {
    expect((await countersign.teams.say(stranger, text)).status).toBe(200);
    return JSON.stringify(countersign.teams.messages().at(-1)?.activity);
  };
  expect(await answer('help')).toContain('approvals');
  expect(await answer('aprovals')).toContain('approvals [mine|all|SCOPE]');
  expect(countersign.teams.requests.map(({ body }) => JSON.stringify(body)).join()).not.toContain('signin');
});

test('behaviour 50: what is wrong with the settings is found at start, each by its name', () => {
  expect(problemsOf({ ...production, BOT_TENANT_ID: 'contoso', TABLES_URL: 'contoso' })).toEqual([
    expect.stringMatching(/^BOT_TENANT_ID: /),
    expect.stringMatching(/^TABLES_URL: /),
  ]);
});

test.each<[string, Edit, RegExp]>([
  [
    'an unknown zone',
    ['contract.yaml', 'Europe/Berlin', 'Europe/Bern'],
    /^contract\.yaml:\d+ calendar\.timezone: is "Europe\/Bern"; allowed: an IANA/,
  ],
  [
    'a holiday that is no day',
    ['contract.yaml', 'holidays: [2026-12-25', 'holidays: [2026-02-30'],
    /^contract\.yaml:\d+ calendar\.holidays\[0\]: is "2026-02-30"; allowed: /,
  ],
  [
    'a holiday that is no date',
    ['contract.yaml', 'holidays: [2026-12-25', 'holidays: [Christmas'],
    /^contract\.yaml:\d+ calendar\.holidays\[0\]: is "Christmas"; allowed: /,
  ],
])('behaviour 50: %s is found at load with file, line and field, and status names it', async (_what, edit, problem) => {
  const world = await createCoreWorld({ policyDir: await policyFolder(edit) });
  const { policyProblems, contract } = await statusOf(world);
  expect(policyProblems).toEqual([expect.stringMatching(problem)]);
  expect(contract).toBeUndefined();
});

test('bad input: a channel that was deleted is named with the reason, its card waits, and comes once when it is back', async () => {
  const world = await aWorld([
    'routes.yaml',
    /post: \{ dm: true \}/g,
    'post: { dm: false, channel: Payments/Releases }',
  ]);
  const channel = { kind: 'channel', channel: 'Payments/Releases' } as const;
  const conversation = { ...personal('x'), id: '19:releases', kind: 'channel', serviceUrl: teams.url } as const;
  await world.core.listed('team', [{ recipients: [channel], conversation }]);
  await met(world, PEOPLE.isaiah);
  await world.core.left([channel], conversation, 'ChannelDeleted');
  await world.deliver();
  await world.settle();
  expect((await statusOf(world)).unreachable).toMatchObject([{ name: 'Payments/Releases', why: 'gone' }]);
  expect(cardsOf(PEOPLE.isaiah)).toHaveLength(1);
  await world.core.listed('team', [{ recipients: [channel], conversation }]);
  await world.settle();
  await world.core.listed('team', [{ recipients: [channel], conversation }]);
  await world.settle();
  expect(teams.messages('19:releases')).toHaveLength(1);
  expect((await statusOf(world)).unreachable).toEqual([]);
});

test('bad input: where the bot was removed what is sent from then on waits, and comes once when it is installed again', async () => {
  const world = await aWorld();
  await met(world, PEOPLE.alex);
  await world.core.left([ALEX], { ...personal(PEOPLE.alex), serviceUrl: teams.url });
  await world.deliver();
  await world.settle();
  expect((await statusOf(world)).unreachable).toContainEqual(
    expect.objectContaining({ name: 'Alex Wilber', why: 'removed' }),
  );
  for (let n = 0; n < 2; n += 1) {
    await met(world, PEOPLE.alex);
    await world.settle();
  }
  expect(cardsOf(PEOPLE.alex)).toHaveLength(1);
});

test('bad input: somebody who has left the directory is named as such, and nothing is lost of what others are asked', async () => {
  const world = await aWorld();
  await met(world, CAST.diego);
  const id = await world.deliver();
  await world.settle();
  const { directory } = world.ports;
  const person = directory.person.bind(directory);
  directory.person = async (oid: string): Promise<Person | undefined> =>
    oid === PEOPLE.alex ? undefined : person(oid);
  expect((await statusOf(world)).unreachable).toContainEqual(
    expect.objectContaining({ recipient: `user:${PEOPLE.alex}`, why: 'left' }),
  );
  expect(cardsOf(CAST.diego)).toHaveLength(1);
  expect((await world.core.approvals.find(id))?.state).toBe('asked');
});
