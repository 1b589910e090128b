import { expect, test } from 'vitest';
import { createScheduler } from '../../bot/scheduler.ts';
import { createPulse } from '../../services/pulse.ts';
import { createPulses } from '../../services/tables/pulses.ts';
import { TENANT } from '../builders.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { CAST } from '../fakes/exception-scene.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

const NOW = '2026-11-24T09:00:00.000Z';

/** Processes on one store, with a clock that a test moves. */
function setScene() {
  const table = createInMemoryTable();
  const world = { now: NOW };
  const clock = { now: () => world.now };
  const pulses = createPulses({ table, tenant: TENANT });
  return Object.assign(world, {
    pulses,
    start: (instance: string) => createPulse({ clock, instance, pulses }),
    advance: (minutes: number) => {
      world.now = new Date(Date.parse(world.now) + minutes * 60_000).toISOString();
    },
  });
}

test('what one process heard another one shows, five minutes later at most, and says whose word it is', async () => {
  const scene = setScene();
  const [one, two] = [scene.start('one'), scene.start('two')];
  one.heard({ kind: 'report', tool: 'semgrep', service: 'payments-api' });
  await one.beat();
  scene.advance(1);
  two.heard({ kind: 'check' });
  expect((await two.health()).sources).toEqual([
    { kind: 'check', at: '2026-11-24T09:01:00.000Z', by: 'this-process' },
    { kind: 'report', tool: 'semgrep', service: 'payments-api', at: NOW, by: 'noted' },
  ]);
});

test('a process notes itself every five minutes, and calls nothing in between', async () => {
  const scene = setScene();
  const one = scene.start('one');
  let reads = 0;
  const { read } = scene.pulses;
  scene.pulses.read = () => {
    reads += 1;
    return read();
  };
  for (let minute = 0; minute < 10; minute += 1) {
    await one.beat();
    scene.advance(1);
  }
  expect(reads).toBe(2);
});

test('what a process that is long gone had heard is kept by another one', async () => {
  const scene = setScene();
  const gone = scene.start('gone');
  gone.heard({ kind: 'hook' });
  await gone.beat();
  const one = scene.start('one');
  for (let hour = 0; hour < 26; hour += 1) {
    scene.advance(60);
    await one.beat();
  }
  const { pulses } = await scene.pulses.read();
  expect(pulses.map(({ pulse }) => pulse.instance)).toEqual(['one']);
  expect((await scene.start('two').health()).sources).toEqual([{ kind: 'hook', at: NOW, by: 'noted' }]);
});

test.each([
  [14, undefined],
  [15, { from: NOW, until: '2026-11-24T09:15:00.000Z' }],
])('after %i minutes in which no process noted anything the outage is %j', async (minutes, lastOutage) => {
  const scene = setScene();
  await scene.start('one').beat();
  scene.advance(minutes);
  const two = scene.start('two');
  await two.beat();
  expect((await two.health()).lastOutage).toEqual(lastOutage);
  expect(two.untold()).toHaveLength(lastOutage === undefined ? 0 : 1);
});

test('the first process on a new store has found no outage', async () => {
  const one = setScene().start('one');
  await one.beat();
  expect((await one.health()).lastOutage).toBeUndefined();
});

test('throttling of the last hour is counted over all processes that run, until the longest wait', async () => {
  const scene = setScene();
  const [one, two] = [scene.start('one'), scene.start('two')];
  one.throttled(600);
  await one.beat();
  scene.advance(2);
  for (const seconds of [10, 20]) two.throttled(seconds);
  expect((await two.health()).throttled).toEqual({ count: 3, until: '2026-11-24T09:10:00.000Z' });
  scene.advance(61);
  expect((await two.health()).throttled).toBeUndefined();
});

test('the clock is compared with the date that an answer bears', async () => {
  const one = setScene().start('one');
  one.dated('Azure DevOps', 'Tue, 24 Nov 2026 08:58:45 GMT');
  one.dated('Azure Table Storage', 'no date');
  expect(one.own().clocks).toEqual([{ with: 'Azure DevOps', seconds: 75, at: NOW }]);
});

test('checks, reports, messages, policy, directory and Azure DevOps are remembered as they come', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.deliver();
  const { sources } = await world.core.status.deliveryHealth();
  expect(new Set(sources.map(({ kind }) => kind))).toEqual(
    new Set(['message', 'policy', 'report', 'check', 'directory', 'azure-devops']),
  );
  expect(sources).toContainEqual(
    expect.objectContaining({ tool: 'semgrep', service: 'payments-api', by: 'this-process' }),
  );
});

test('while Azure DevOps does not answer, that it last did is as old as it is', async () => {
  const world = await createCoreWorld();
  await world.deliver();
  const last = world.now;
  world.azureDevOps.down = true;
  world.advance(30);
  await world.deliver().catch(() => undefined);
  const { sources } = await world.core.status.deliveryHealth();
  expect(sources.find(({ kind }) => kind === 'azure-devops')?.at).toBe(last);
});

test('an idle process with the lease makes 4 calls a tick, its lease and 2 in five minutes for its pulse; a heartbeat that was sent costs nothing more', async () => {
  const world = await createCoreWorld();
  for (const oid of Object.values(CAST)) await world.meet(oid);
  const scheduler = createScheduler({
    clock: world.ports.clock,
    due: world.ports.due,
    leases: { hold: async () => true, release: async () => {} },
    run: world.core.runDue,
    beat: world.core.beat,
    anchor: world.core.anchor,
    reconcile: world.core.reconcile,
    failed: (error) => {
      throw error;
    },
    intervalMs: 5_000,
  });
  await world.ports.due.remind({ kind: 'gate', org: 'org', id: 'later' }, '2026-11-25T09:00:00.000Z');
  await scheduler.tick();
  world.advance(5);
  await scheduler.tick();
  // What the reconciliation began beside it.
  await world.settle();
  const made: number[] = [];
  // Between two reconciliations.
  for (let n = 0; n < 58; n += 1) {
    world.advance(5 / 60);
    world.table.resetCalls();
    await scheduler.tick();
    made.push(world.table.calls.total);
  }
  // The one that leaves a bucket.
  expect(made.filter((calls) => calls > 4)).toHaveLength(1);
  world.advance(2 * 5);
  await scheduler.tick();
  await world.settle();
  world.table.resetCalls();
  await world.core.beat();
  expect(world.table.calls.total).toBe(0);
  world.advance(5);
  await world.core.beat();
  expect(world.table.calls).toMatchObject({ list: 1, commit: 1, total: 2 });
});
