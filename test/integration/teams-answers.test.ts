import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNotifier } from '../../bot/teams/notifier.ts';
import { createPace } from '../../bot/teams/pace.ts';
import { coverCard } from '../../cards/cover-card.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { shortCard } from '../../cards/short-card.ts';
import type { CoverNews } from '../../services/domain/cover.ts';
import { ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';

// Each answer that Teams documents for a send, through the connector, the notifier, the outbox and the store.

const ALEX = { kind: 'person', oid: PEOPLE.alex } as const;
const CHAT = `a:${PEOPLE.alex}`;

let teams: FakeTeams;
/** Another host of Teams. */
let gcc: FakeTeams;
let bot: TeamsBot;
let world: CoreWorld;

beforeEach(async () => {
  [teams, gcc] = await Promise.all([startTeams({ tenant: TENANT }), startTeams({ tenant: TENANT })]);
  bot = await startTeamsBot(teams, TENANT);
  // What reminds of a card is a message of its own.
  world = await createCoreWorld({
    policyDir: await policyFolder(['routes.yaml', /^ +(remind|escalate)After: .*$/gm, '']),
  });
  const { adapter, log } = bot;
  const pace = createPace({ now: () => Date.parse(world.now), sleep: async () => {} });
  const render = {
    render: ({ gate }: { gate: Parameters<typeof gateCard>[0] }) => ({ card: gateCard(gate), summary: 'whole' }),
    renderShort: ({ gate }: { gate: Parameters<typeof gateCard>[0] }) => ({ card: shortCard(gate), summary: 'short' }),
    renderNews: (news: CoverNews) => ({ card: coverCard(news), summary: 'news' }),
  };
  Object.assign(
    world.ports.notifier,
    createNotifier({ adapter, appId: '', hosts: [], local: true, otherUrl: gcc.url, ...render, log, pace }),
  );
  await meetAlex();
});
afterEach(async () => {
  await bot.close();
  await Promise.all([teams.close(), gcc.close()]);
});

const meetAlex = () => world.core.reached([ALEX], { ...personal(PEOPLE.alex), serviceUrl: teams.url });

/** A gate that asks Alex, after this answer to the first send of its card. */
async function asked(fault?: Parameters<FakeTeams['fail']>[0]): Promise<string> {
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  if (fault !== undefined) teams.fail(fault);
  return world.deliver();
}

async function after(minutes: number): Promise<void> {
  world.advance(minutes);
  await world.settle();
}

async function standing(id: string) {
  const { unreachable, deadLetters } = await world.core.status.deliveryHealth();
  return {
    cards: teams.messages(CHAT).length,
    isParked: unreachable.some(({ name }) => name === 'Alex Wilber'),
    isKnown: (await world.ports.conversations.find(ALEX)) !== undefined,
    dead: deadLetters.map(({ kind }) => kind),
    waiting: (await world.ports.gates.read(ORG, id))?.outbox.map(({ kind }) => kind),
  };
}

const PARKED = { cards: 0, isParked: true, isKnown: false, dead: [], waiting: [] };
const DEAD = { cards: 0, isParked: false, isKnown: true, dead: ['card'], waiting: [] };
const WAITING = { cards: 0, isParked: false, isKnown: true, dead: [], waiting: ['card'] };
const SENT = { cards: 1, isParked: false, isKnown: true, dead: [], waiting: [] };

test.each([
  'BotDisabledByAdmin',
  'ConversationBlockedByUser',
  'MessageWritesBlocked',
  'BotNotInConversationRoster',
  'ForbiddenOperationException',
])('after 403 %s the card waits until they write or install the app, and status names them', async (code) => {
  const id = await asked({ status: 403, code });
  expect(await standing(id)).toEqual(PARKED);
  await after(60);
  expect(teams.requests).toHaveLength(1);
  await meetAlex();
  expect(await standing(id)).toEqual(SENT);
});

test.each([
  [400, 'Bad Argument'],
  [403, 'NotEnoughPermissions'],
])(
  'after %i %s the person stays known, and the card is given up for all to see until it is replayed',
  async (status, code) => {
    const id = await asked({ status, code });
    expect(await standing(id)).toEqual(DEAD);
    expect(bot.lines).toMatchObject([{ level: 'error', message: 'card not sent' }]);
    await after(50);
    expect(teams.requests).toHaveLength(1);
    expect(await world.core.replay(id)).toMatchObject({ kind: 'replayed', replayed: ['card'] });
    await after(0.1);
    expect(await standing(id)).toEqual(SENT);
  },
);

test('401 BotNotRegistered is an alarm, and tried again until it is a dead letter', async () => {
  const id = await asked({ status: 401, code: 'BotNotRegistered', times: 100 });
  expect(await standing(id)).toEqual(WAITING);
  expect(bot.lines).toMatchObject([{ level: 'error', message: 'card not sent' }]);
  for (let n = 0; n < 32; n += 1) await after(10);
  expect(teams.requests).toHaveLength(30);
  expect(await standing(id)).toEqual(DEAD);
});

test('after 403 InvalidBotApiHost the card is sent to the other host at once', async () => {
  const id = await asked({ status: 403, code: 'InvalidBotApiHost' });
  expect(gcc.messages(CHAT)).toHaveLength(1);
  expect(await standing(id)).toEqual({ ...SENT, cards: 0 });
});

test('where the other host refuses as well, the card waits until they write', async () => {
  gcc.fail({ status: 403, code: 'InvalidBotApiHost' });
  expect(await standing(await asked({ status: 403, code: 'InvalidBotApiHost' }))).toEqual(PARKED);
});

test('a card that Teams does not find any more is posted anew', async () => {
  const id = await asked();
  const [first] = teams.messages(CHAT);
  if (first === undefined) throw new Error('no card');
  teams.remove(first);
  const by = { kind: 'person' as const, tenant: TENANT, oid: PEOPLE.alex, name: 'x' };
  await world.core.approvals.decide({ requestId: id, revision: 1, verdict: 'approve', comment: '', by, op: 'click' });
  await world.settle();
  expect(await standing(id)).toMatchObject({ cards: 1, waiting: [], dead: [] });
  expect(teams.messages(CHAT)[0]?.id).not.toBe(first.id);
});

test('after 404 ConversationNotFound for a new card the card waits until they write', async () => {
  const id = await asked({ status: 404, code: 'ConversationNotFound' });
  expect(await standing(id)).toEqual(PARKED);
  await meetAlex();
  expect(await standing(id)).toEqual(SENT);
});

test('after 413 MessageSizeTooBig the short card is there at once, with how to see the rest', async () => {
  const id = await asked({ status: 413, code: 'MessageSizeTooBig' });
  expect(await standing(id)).toEqual(SENT);
  const card = JSON.stringify(teams.cardOf(teams.messages(CHAT)[0] ?? expect.fail('no card')));
  for (const part of ['"id":"title"', '"id":"state"', '"id":"facts"', `why ${id}`]) expect(card).toContain(part);
});

test('where even the short card is too large, it is given up for all to see', async () => {
  expect(await standing(await asked({ status: 413, code: 'MessageSizeTooBig', times: 2 }))).toEqual(DEAD);
});

test.each([
  [412, 'PreconditionFailed'],
  [429, 'Throttled'],
  [500, 'ServiceError'],
  [502, 'BadGateway'],
  [503, 'ServiceUnavailable'],
  [504, 'GatewayTimeout'],
])('after %i %s the card is sent again a little later', async (status, code) => {
  const id = await asked({ status, code });
  expect(await standing(id)).toEqual(WAITING);
  await after(0.2);
  expect(await standing(id)).toEqual(SENT);
});

test('after a cut connection the card is sent again a little later', async () => {
  const id = await asked({ cut: 'before' });
  expect(await standing(id)).toEqual(WAITING);
  await after(0.2);
  expect(await standing(id)).toEqual(SENT);
});

test('what Teams asks to wait is waited for, and no other card goes to that conversation before', async () => {
  const id = await asked({ status: 429, code: 'Throttled', retryAfter: '120' });
  await after(1);
  await world.ports.gates.enqueue({ org: ORG, id }, 'card', world.now);
  await world.core.outbox.drain(ORG, id);
  expect(await standing(id)).toMatchObject({ cards: 0 });
  expect(teams.requests).toHaveLength(1);
  await after(1.5);
  expect(await standing(id)).toEqual(SENT);
});
