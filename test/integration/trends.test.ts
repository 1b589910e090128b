import { expect, onTestFinished, test } from 'vitest';
import { createPromoteTrend } from '../../bot/handlers/promote-trend.ts';
import { createShowTrends } from '../../bot/handlers/show-trends.ts';
import type { Trends } from '../../services/domain/trend.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createTrends } from '../../services/trends.ts';
import { ORG } from '../builders.ts';
import { textById } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld, createCoreWorldOn, PEOPLE } from '../fakes/core-world.ts';
import { startCountersign } from '../fakes/countersign.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { aWaitingGate, by } from '../fakes/waiting-gate.ts';

const DAY = 1_440;
const STRANGER = '99999999-0000-4000-8000-000000000009';
const commit = (n: number) => n.toString(16).padStart(40, 'e');

async function measured({ core }: Pick<CoreWorld, 'core'>, scope?: string): Promise<Trends> {
  const answer = await core.trends.trends(scope);
  if (answer.kind !== 'measured') throw new Error(JSON.stringify(answer));
  return answer.trends;
}

/** Three that are only counted, of which one is gone after ten days, and one that warns in both environments. */
async function grown(world: CoreWorld): Promise<void> {
  await scanned(world, ['a', 'b', 'c'], { commit: commit(1), level: 'note' });
  world.advance(10 * DAY);
  await scanned(world, ['a', 'b'], { commit: commit(2), level: 'note' });
  await scanned(world, ['d'], { commit: commit(3), service: 'orders-api' });
  world.advance(60);
}

test('what pipelines reported is measured as a whole: what appeared and is gone by week, ages, clusters, what is new', async () => {
  const world = await createCoreWorld();
  await grown(world);
  const trends = await measured(world);

  expect(trends.weeks.slice(-2).map(({ appeared, gone, total }) => [appeared, gone, total])).toEqual([
    [3, 0, 3],
    [1, 1, 3],
  ]);
  expect(trends.classes.map(({ decision, open, fresh }) => [decision, open, fresh])).toEqual([
    ['block', 0, 0],
    ['warn', 1, 1],
    ['monitor', 2, 0],
  ]);
  expect(trends.classes[2]).toMatchObject({ medianDays: 10, oldestDays: 10, ageUnknown: 0 });
  expect(trends.clusters).toHaveLength(4);
  expect(trends.clusters[0]).toMatchObject({ team: 'group:payments-owners', service: 'payments-api', control: 'sast' });
  expect([trends.services, trends.leftOut, trends.gaps.length]).toEqual([2, 0, 0]);
});

test('of one service or environment only that is read; an unknown name gets those that are known', async () => {
  const world = await createCoreWorld();
  await grown(world);

  const payments = await measured(world, 'Payments-API');
  expect([payments.scope, payments.services, payments.prompts]).toEqual(['payments-api', 1, undefined]);
  expect(payments.classes[1]?.open).toBe(0);
  const prod = await measured(world, 'prod');
  expect(new Set(prod.clusters.map(({ environment }) => environment))).toEqual(new Set(['prod']));
  const { text, card } = await createShowTrends(world.core.trends)(by(PEOPLE.isaiah), 'payment-api');
  expect(card).toBeUndefined();
  expect(text).toBe(
    'There is no service or environment of this name. Did you mean "payments-api"? There are prod, staging, orders-api and payments-api.',
  );
});

test('an owner of whom everybody has left is a gap, and how often people are asked to decide is counted', async () => {
  const policyDir = await policyFolder(['catalog.yaml', 'owner: "group:orders-owners"', 'owner: "group:founders"']);
  const { world } = await aWaitingGate({ policyDir });
  await scanned(world, ['d'], { commit: commit(3), service: 'orders-api' });
  const { gaps, prompts } = await measured(world);

  expect(gaps).toEqual([{ owner: 'group:founders', count: 1, services: 1 }]);
  expect(prompts).toMatchObject({ people: 2, median: 1 });
});

test('an owner of whom only guests and disabled accounts are left is a gap too', async () => {
  const policyDir = await policyFolder([
    'directory.yaml',
    /(name: (?:Adele Vance|Diego Siciliani)\n)/g,
    '$1    disabled: true\n',
  ]);
  const world = await createCoreWorld({ policyDir });
  await scanned(world, ['d']);

  expect((await measured(world)).gaps).toEqual([{ owner: 'group:payments-owners', count: 1, services: 1 }]);
});

test('in the chat: the card for the people of the directory, a refusal for strangers, for whom nothing is read', async () => {
  const world = await createCoreWorld();
  await grown(world);
  const show = createShowTrends(world.core.trends);
  const { card, text } = await show(by(PEOPLE.isaiah), undefined);
  expect(card && textById(card, 'state')).toContain('3 open findings');
  expect(text).toContain('Accumulation by week');

  const table = createInMemoryTable();
  const empty = createCoreWorldOn(table);
  const before = { ...table.calls };
  const refused = await createShowTrends(empty.core.trends)(by(STRANGER), undefined);
  expect(refused.text).toContain('not found in the directory');
  expect(table.calls).toEqual(before);
});

test('typed in Teams, the command is answered with the card', async () => {
  const { teams, close } = await startCountersign();
  onTestFinished(close);
  const isaiah = { oid: PEOPLE.isaiah, name: 'Isaiah Langer' };
  await teams.install(isaiah);
  expect((await teams.say(isaiah, 'Trends prod')).status).toBe(200);

  expect(JSON.stringify(teams.messages().at(-1)?.activity)).toContain('Trends of prod');
});

test('the button to promote shows YAML and changes nothing; what cannot be promoted gets a sentence', async () => {
  const world = await createCoreWorld();
  await grown(world);
  const before = { ...world.table.calls };
  const promote = createPromoteTrend(world.core.promoteTrend);

  expect((await promote(by(PEOPLE.isaiah), 'sast', 1)).text).toContain('- { when: { severity: [low] }, then: warn');
  expect((await promote(by(PEOPLE.isaiah), 'activity', 1)).text).toContain('Nothing of activity is only counted');
  expect((await promote(by(PEOPLE.isaiah), 'sats', 1)).text).toContain('Did you mean "sast"?');
  expect((await promote(by(STRANGER), 'sast', 1)).text).toContain('not found in the directory');
  expect(world.table.calls).toEqual(before);
});

test('without a contract nothing is measured; a store or directory that does not answer is never taken for “nothing open”', async () => {
  const none = await createCoreWorld({
    policyDir: await policyFolder(['contract.yaml', 'kind: GatingContract', 'kind: X']),
  });
  const { text } = await createShowTrends(none.core.trends)(by(PEOPLE.isaiah), undefined);
  expect(text).toContain('No valid gating contract is in force.');

  let isDown = false;
  const world = await createCoreWorld({ fault: () => (isDown ? 'before' : 'ok') });
  await grown(world);
  isDown = true;
  await expect(measured(world)).rejects.toThrow(StoreUnavailableError);
  isDown = false;
  const { ports } = world;
  const blind = createTrends({
    ...ports,
    orgs: [ORG],
    directory: { membersOf: () => Promise.reject(new DirectoryUnavailableError('switched off')) },
    strangerBecause: async () => undefined,
  });
  expect(await blind.trendsFor(by(PEOPLE.isaiah))).toBe('cannot-verify-now');
});

test('whoever asks while it is being measured gets the same figures, and each scope is read once', async () => {
  const world = await createCoreWorld();
  await grown(world);
  world.table.resetCalls();
  const [one, other] = await Promise.all([measured(world), measured(world)]);

  expect(other).toBe(one);
  // Of two services: three views and three lists of events, exceptions of two environments; all requests, and what was held back.
  expect(world.table.calls.list).toBe(2 * (3 + 3 + 2) + 2);
});
