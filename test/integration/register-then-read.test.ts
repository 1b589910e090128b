import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Core } from '../../bot/core.ts';
import { aCheck, COMMIT } from '../builders.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import type { Call, Fault } from '../fakes/in-memory-table.ts';

// The due index is never run here: what must be judged again is found by registering before reading alone.

const BYTES = new Map(
  ['semgrep-payments.sarif', 'gitleaks-clean.sarif', 'gitleaks-orders.sarif'].map((name) => [
    name,
    Uint8Array.from(readFileSync(new URL(`../fixtures/sarif/${name}`, import.meta.url))),
  ]),
);

async function importReport(core: Core, name: string, environment?: string): Promise<void> {
  async function* body() {
    yield BYTES.get(name) ?? new Uint8Array();
  }
  const place = environment === undefined ? {} : { environment };
  await core.findings.import({ service: 'payments-api', commit: COMMIT, ...place, body: body() });
}

async function deliver(core: Core): Promise<void> {
  const receipt = await core.deliveries.receive({
    check: aCheck(),
    jobToken: 'token',
    runId: 7,
    stage: 'Deploy',
    environment: 'prod',
  });
  if (receipt.kind !== 'accepted') throw new Error(receipt.kind);
  core.accepted(receipt);
}

async function stateOf(world: CoreWorld): Promise<string | undefined> {
  const [open] = await world.ports.gates.open();
  return open === undefined ? undefined : (await world.core.approvals.find(open.id))?.state;
}

interface Interruption {
  readonly world: CoreWorld;
  /** Whether there was a call with this number. */
  readonly reached: boolean;
}

/** Does `first`, and `second` in full right before the call with this number, in a process of its own or in the same. */
async function interrupt(
  at: number,
  actors: { readonly first: (core: Core) => Promise<void>; readonly second: (core: Core) => Promise<void> },
  where: 'another process' | 'the same process',
): Promise<Interruption> {
  const hook: { onCall: (call: Call) => Promise<void> } = { onCall: async () => {} };
  const world = await createCoreWorld({
    fault: async (call): Promise<Fault> => {
      await hook.onCall(call);
      return 'ok';
    },
  });
  await importReport(world.core, 'semgrep-payments.sarif');
  await world.core.idle();
  const other = where === 'another process' ? world.restart() : world.core;
  const progress = { calls: 0, begun: false };
  hook.onCall = async () => {
    progress.calls += 1;
    if (progress.calls !== at) return;
    progress.begun = true;
    await actors.second(other);
    if (where === 'another process') await other.idle();
  };
  await actors.first(world.core);
  await world.core.idle();
  await other.idle();
  await world.core.idle();
  return { world, reached: progress.begun };
}

const cleanReport = (core: Core) => importReport(core, 'gitleaks-clean.sarif');

describe.each(['another process', 'the same process'] as const)('in %s', (where) => {
  test.each([
    ['a report comes at any moment of a judgement', deliver, cleanReport],
    ['a check comes at any moment of an import', cleanReport, deliver],
  ] as const)('%s: the gate is judged on it', async (_, first, second) => {
    let at = 1;
    for (; at < 60; at += 1) {
      const { world, reached } = await interrupt(at, { first, second }, where);
      if (!reached) break;
      expect(await stateOf(world), `before call ${at}`).toBe('asked');
      expect(world.posted, `before call ${at}`).toEqual([]);
    }
    expect(at).toBeGreaterThan(6);
    expect(at).toBeLessThan(60);
  });
});

interface Turns {
  readonly state: string | undefined;
  /** Whether both stops were reached. */
  readonly reached: { readonly judgement: boolean; readonly other: boolean };
}

/** Set in everything that the other process does. */
const inOther = new AsyncLocalStorage<true>();

/** Two stops: the judgement before its commit number `first`, the import's process then before its call `second`. */
async function takeTurns(first: number, second: number): Promise<Turns> {
  const hook: { onCall: (call: Call) => Promise<void> } = { onCall: async () => {} };
  const world = await createCoreWorld({
    fault: async (call): Promise<Fault> => {
      await hook.onCall(call);
      return 'ok';
    },
  });
  await importReport(world.core, 'semgrep-payments.sarif');
  await world.core.idle();
  const other = world.restart();
  const reached = { judgement: false, other: false };
  const judgementGoesOn = Promise.withResolvers<void>();
  const otherGoesOn = Promise.withResolvers<void>();
  const otherEnded = Promise.withResolvers<void>();
  const calls = { judgement: 0, other: 0 };
  const runOther = () => inOther.run(true, () => cleanReport(other).then(() => other.idle()));
  hook.onCall = async ({ kind, table }) => {
    const who = inOther.getStore() === true ? 'other' : 'judgement';
    // Hints and the list of what is open decide nothing.
    if (who === 'judgement' && (kind !== 'commit' || (table !== 'gate' && table !== 'scope'))) return;
    calls[who] += 1;
    if (calls[who] !== (who === 'other' ? second : first)) return;
    reached[who] = true;
    if (who === 'judgement') {
      runOther().finally(judgementGoesOn.resolve).then(otherEnded.resolve, otherEnded.reject);
      await judgementGoesOn.promise;
    } else {
      judgementGoesOn.resolve();
      await otherGoesOn.promise;
    }
  };
  await deliver(world.core);
  await world.core.idle();
  hook.onCall = async () => {};
  otherGoesOn.resolve();
  if (reached.judgement) await otherEnded.promise;
  return { state: await stateOf(world), reached };
}

test('wherever a judgement and the wake-up of a report overtake each other, the gate is judged on the report', async () => {
  let longest = 0;
  for (let first = 1; first < 30; first += 1) {
    for (let second = 1; second < 60; second += 1) {
      const { state, reached } = await takeTurns(first, second);
      if (!reached.judgement) return expect([first, longest].every((calls) => calls > 5)).toBe(true);
      expect(state, `judgement stopped before commit ${first}, import before call ${second}`).toBe('asked');
      if (!reached.other) break;
      longest = Math.max(longest, second);
    }
  }
  throw new Error('the judgement makes more calls than are tried');
}, 180_000);

test('in every order of the calls of a judgement and two imports in three processes, the gate is judged on both', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.constantFrom(undefined, 'prod'), async (scheduler, environment) => {
      const hold = { on: false };
      const world = await createCoreWorld({
        fault: () => (hold.on ? scheduler.schedule(Promise.resolve('ok' as const)) : 'ok'),
      });
      hold.on = true;
      const [one, two] = [world.restart(), world.restart()];
      const all = Promise.all([
        deliver(world.core).then(() => world.core.idle()),
        importReport(one, 'semgrep-payments.sarif', environment).then(() => one.idle()),
        importReport(two, 'gitleaks-clean.sarif').then(() => two.idle()),
      ]);
      await scheduler.waitFor(all);
      hold.on = false;
      expect(await stateOf(world)).toBe('asked');
    }),
    { numRuns: 60 },
  );
}, 180_000);

test('in every order a blocking report closes the gate that a judgement was about to open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const hold = { on: false };
      const world = await createCoreWorld({
        fault: () => (hold.on ? scheduler.schedule(Promise.resolve('ok' as const)) : 'ok'),
      });
      await importReport(world.core, 'semgrep-payments.sarif');
      await cleanReport(world.core);
      await world.core.idle();
      hold.on = true;
      const other = world.restart();
      const all = Promise.all([
        deliver(world.core).then(() => world.core.idle()),
        importReport(other, 'gitleaks-orders.sarif', 'prod').then(() => other.idle()),
      ]);
      await scheduler.waitFor(all);
      hold.on = false;
      expect(await stateOf(world)).toBe('blocked');
    }),
    { numRuns: 40 },
  );
}, 180_000);
