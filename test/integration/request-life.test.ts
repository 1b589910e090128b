import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Deployment } from '../fakes/deployments.ts';
import { edited } from '../fakes/policy-folder.ts';

// What takes a waiting request's place, what ends it, and who is reminded: received → asked or blocked → an end.

test.each<[string, Deployment]>([
  ['run', { run: 200 }],
  ['attempt', { run: 100, attempt: 2 }],
])('a newer %s takes the place of one that waits for people', async (_what, newer) => {
  const { world, deploy, gate, decide, kinds } = await aLife();
  const old = await deploy({ run: 100 });
  const young = await deploy(newer);
  expect(await gate(old)).toMatchObject({ state: 'superseded', supersededBy: { requestId: young } });
  expect(await gate(young)).toMatchObject({ state: 'asked' });
  expect(world.told).toMatchObject([{ result: 'failed', reason: 'superseded' }]);
  expect((await gate(old)).toldAt).toBeDefined();
  const shown = world.posted.filter(({ notice }) => notice.gate.id === old && notice.about === undefined);
  expect(shown.map(({ notice }) => notice.gate.state)).toContain('superseded');
  expect(gateAnswer(await gate(old)).text).toMatch(/Superseded.*\n?.*newer/s);
  expect(await decide(old, PEOPLE.alex)).toMatchObject({ kind: 'refused', refusal: 'superseded' });
  expect(await kinds(old)).not.toContain('decided');
});

test('a newer run takes the place of one that is blocked', async () => {
  const { world, deploy, gate } = await aLife();
  await world.report('gitleaks-orders.sarif');
  const old = await deploy({ run: 100 });
  expect(await gate(old)).toMatchObject({ state: 'blocked' });
  const young = await deploy({ run: 200 });
  expect(await gate(old)).toMatchObject({ state: 'superseded' });
  expect(await gate(young)).toMatchObject({ state: 'blocked' });
  expect(world.told).toMatchObject([{ result: 'failed', reason: 'superseded' }]);
});

test.each<[string, Deployment]>([
  ['stage', { stage: 'Smoke' }],
  ['pipeline', { pipeline: 77 }],
  ['service', { service: 'orders-api' }],
])('a newer run of another %s takes nobody’s place', async (_what, other) => {
  const { world, deploy, gate } = await aLife([
    'catalog.yaml',
    'repositories: [orders-api, orders-api-deploy]',
    'repositories: [orders-api, payments-api]',
  ]);
  const old = await deploy({ run: 100, service: 'payments-api' });
  await deploy({ run: 200, service: 'payments-api', ...other });
  expect(await gate(old)).toMatchObject({ state: 'asked' });
  expect(world.told).toEqual([]);
});

test('a newer run of another environment takes nobody’s place', async () => {
  const { deploy, gate } = await aLife([
    'contract.yaml',
    'staging: { tier: non-production, approval: none }',
    'staging: { tier: production, approval: required }',
  ]);
  const old = await deploy({ run: 100 });
  await deploy({ run: 200, environment: 'staging' });
  expect(await gate(old)).toMatchObject({ state: 'asked' });
});

test.each([
  ['waits', false],
  ['was released', true],
])('a check that arrives after a newer run %s is superseded at once', async (_what, released) => {
  const { world, deploy, gate, decide } = await aLife();
  const young = await deploy({ run: 200 });
  if (released) await decide(young, PEOPLE.alex);
  await world.settle();
  const cards = world.posted.length;
  const late = await deploy({ run: 100 });
  expect(await gate(late)).toMatchObject({ state: 'superseded', supersededBy: { requestId: young } });
  expect(await gate(young)).toMatchObject({ state: released ? 'approved' : 'asked' });
  // Nobody is asked; whoever asked for it hears how it ended.
  expect(world.posted.slice(cards).map(({ to }) => to)).toEqual([`a:${PEOPLE.adele}`]);
});

test('one that was approved and not told yet keeps its approval when a newer run comes', async () => {
  const { world, deploy, gate, decide } = await aLife();
  const old = await deploy({ run: 100 });
  const { complete } = world.ports.azureDevOps;
  Object.assign(world.ports.azureDevOps, { complete: () => Promise.reject(new Error('down')) });
  await decide(old, PEOPLE.alex);
  await world.settle();
  const young = await deploy({ run: 200 });
  Object.assign(world.ports.azureDevOps, { complete });
  world.advance(2);
  await world.settle();
  expect(await gate(old)).toMatchObject({ state: 'approved', verdict: { result: 'succeeded' } });
  expect((await gate(old)).toldAt).toBeDefined();
  expect(await gate(young)).toMatchObject({ state: 'asked' });
});

test('a cancelled run leaves nothing waiting', async () => {
  const { world, deploy, gate, decide } = await aLife();
  const id = await deploy();
  world.azureDevOps.completed = 'canceled';
  world.advance(6);
  await world.core.reconcile();
  await world.settle();
  expect(await gate(id)).toMatchObject({ state: 'abandoned' });
  expect(await decide(id, PEOPLE.alex)).toMatchObject({ refusal: 'already-decided' });
});

test('the end is on the card as a date and a time', async () => {
  const { deploy, gate } = await aLife();
  const asked = await gate(await deploy());
  // Eight working hours from 10:00 in Berlin: the next morning, half an hour after work begins.
  expect(asked.closesAt).toBe('2026-11-25T08:30:00.000Z');
  expect(gateAnswer(asked).text).toContain('Closes Wed 25 Nov 2026, 08:30 UTC');
});

/** Saturday, 10:00 in Berlin. */
const SATURDAY = '2026-11-28T09:00:00.000Z';
const SUNDAY_PEOPLE =
  '    team: payments\n    calendar: { timezone: Europe/Berlin, workingDays: [sun, mon, tue, wed, thu], workingHours: "09:00-17:30" }';

test('who is silent is reminded once, then others are asked too, in the working hours of the service’s own calendar', async () => {
  const life = await aLife(['catalog.yaml', '    team: payments', SUNDAY_PEOPLE]);
  const { world, gate, kinds, said, decide } = life;
  world.now = SATURDAY;
  await world.report('semgrep-payments.sarif');
  const id = await life.deploy();
  const reminders = () => world.posted.filter(({ notice }) => notice.about === 'reminder').map(({ to }) => to);

  // One working hour after Sunday 09:00 in Berlin; not in the night, and not on Saturday.
  world.now = '2026-11-29T08:59:00.000Z';
  await world.settle();
  expect(reminders()).toEqual([]);
  world.now = '2026-11-29T09:00:00.000Z';
  await world.settle();
  expect(reminders().sort()).toEqual([`a:${PEOPLE.alex}`, `a:${PEOPLE.megan}`].sort());
  world.now = '2026-11-29T10:59:00.000Z';
  await world.settle();
  expect(reminders()).toHaveLength(2);
  expect(await decide(id, PEOPLE.isaiah)).toMatchObject({ refusal: 'not-an-approver' });

  world.now = '2026-11-29T11:00:00.000Z';
  await world.settle();
  expect(await kinds(id)).toContain('escalated');
  expect((await gate(id)).ask?.levels).toMatchObject([{ escalatedTo: 'group:release-managers' }]);
  expect(world.posted.some(({ to, notice }) => to === `a:${PEOPLE.isaiah}` && notice.gate.id === id)).toBe(true);
  expect(await decide(id, PEOPLE.isaiah)).toMatchObject({ kind: 'decided', gate: { state: 'approved' } });
  expect(await said(id, 'decided')).toMatchObject({ levels: [{ escalatedTo: 'group:release-managers' }] });
  expect((await kinds(id)).filter((kind) => kind === 'reminded' || kind === 'escalated')).toEqual([
    'reminded',
    'escalated',
  ]);
});

test('when nobody asked is awake before the end, the others are asked at once', async () => {
  const { world, deploy, gate, decide } = await aLife();
  world.now = SATURDAY;
  const id = await deploy();
  // 46 hours from Saturday 10:00 end on Monday 08:00, an hour before anybody works.
  expect(await gate(id)).toMatchObject({
    state: 'asked',
    closesAt: '2026-11-30T07:00:00.000Z',
    ask: { levels: [{ escalatedTo: 'group:release-managers' }] },
  });
  expect(await decide(id, PEOPLE.isaiah)).toMatchObject({ kind: 'decided', gate: { state: 'approved' } });
});

test('a withdrawn approval counts no more', async () => {
  const { deploy, gate, decide } = await aLife(['routes.yaml', 'quorum: 1, from: ["group:payments-leads"]', QUORUM_2]);
  const id = await deploy();
  await decide(id, PEOPLE.alex);
  await decide(id, PEOPLE.alex, 'withdraw');
  expect(await decide(id, PEOPLE.megan)).toMatchObject({ gate: { state: 'asked' } });
  expect((await gate(id)).votes.map(({ by }) => by.oid)).toEqual([PEOPLE.megan]);
  expect(await decide(id, PEOPLE.alex)).toMatchObject({ gate: { state: 'approved' } });
});

const QUORUM_2 = 'quorum: 2, from: ["group:payments-leads"]';

test('a quorum that is reached in two processes at once gives one verdict', async () => {
  const { world, deploy, gate, decide, kinds } = await aLife([
    'routes.yaml',
    'quorum: 1, from: ["group:payments-leads"]',
    QUORUM_2,
  ]);
  const id = await deploy();
  const other = world.restart();
  await Promise.all([decide(id, PEOPLE.alex), decide(id, PEOPLE.megan, 'approve', { core: other })]);
  await other.idle();
  await world.settle();
  expect(await gate(id)).toMatchObject({ state: 'approved', verdict: { result: 'succeeded' } });
  expect((await kinds(id)).filter((kind) => kind === 'verdict-sealed')).toHaveLength(1);
  expect(new Set(world.told.map(({ result }) => result))).toEqual(new Set(['succeeded']));
});

test('an edit of the routes while people are asked is only one for those whom it concerns', async () => {
  const { world, policyDir, deploy, gate, decide } = await aLife();
  const id = await deploy();
  await edited(policyDir, ['routes.yaml', 'group:orders-leads', 'group:release-managers']);
  // What stands above it moves it to another line.
  await edited(policyDir, ['routes.yaml', 'routes:\n', 'routes:\n  # of the shop\n']);
  world.advance(6);
  await world.core.reconcile();
  await world.settle();
  expect(await gate(id)).toMatchObject({ state: 'asked', revision: 1 });
  expect(await decide(id, PEOPLE.alex, 'approve', { revision: 1 })).toMatchObject({ kind: 'decided' });
});
