import { expect, test } from 'vitest';
import type { Exception } from '../../services/domain/exception.ts';
import { narrowed } from '../../services/domain/exception-life.ts';
import type { ExceptionChange, ExceptionStore, StoredException } from '../../services/ports/exception-store.ts';
import { ConflictError, StoreUnavailableError } from '../../services/ports/table.ts';
import { createInMemoryTable, type Fault, type InMemoryTable } from '../fakes/in-memory-table.ts';
import {
  AT,
  aProcess,
  changed,
  created,
  creation,
  expectAgreement,
  grant,
  inForce,
  NOTHING,
  PARTITION,
  renewing,
  requested,
  revoked,
  SCOPE,
} from './exception-scene.ts';

// Every call of every change meets every fault; whoever was not answered tries again.

const FAULTS: readonly Exclude<Fault, 'ok'>[] = ['before', 'after', 'after-conflict'];
const TARGET = { fingerprints: ['a', 'b'] };

interface Change {
  readonly name: string;
  prepare(exceptions: ExceptionStore): Promise<unknown>;
  /** As a process does that knows nothing: read, and changed if it is not yet. */
  run(exceptions: ExceptionStore): Promise<unknown>;
  readonly state: Exception['state'];
}

const EX1 = requested('EX-1', { target: TARGET });
const read = async (exceptions: ExceptionStore, id = 'EX-1') => (await exceptions.locate(id)) as StoredException;

/** The change, unless it was made before. */
async function once(exceptions: ExceptionStore, change: (from: StoredException) => ExceptionChange): Promise<void> {
  const from = await read(exceptions);
  const made = change(from);
  if (from.evidence.some(({ op }) => op.startsWith('once'))) return;
  const { kind } = await exceptions.commit(from, { ...made, op: 'once' });
  if (kind === 'lost') throw new StoreUnavailableError('overtaken, by nobody');
}

const CHANGES: readonly Change[] = [
  {
    name: 'asked for',
    state: 'requested',
    prepare: async () => undefined,
    run: (exceptions) => exceptions.create(creation(EX1)),
  },
  {
    name: 'granted',
    state: 'active',
    prepare: (exceptions) => created(exceptions, EX1),
    run: (exceptions) => once(exceptions, (from) => changed(from, inForce(from))),
  },
  {
    name: 'narrowed',
    state: 'requested',
    prepare: (exceptions) => created(exceptions, EX1),
    run: (exceptions) =>
      once(exceptions, (from) => {
        const less = narrowed(from.exception, { fingerprints: ['a'] }, AT) as Exception;
        return changed(from, { ...less, revision: 2 });
      }),
  },
  {
    name: 'revoked',
    state: 'revoked',
    prepare: async (exceptions) => grant(exceptions, await created(exceptions, EX1)),
    run: (exceptions) => once(exceptions, (from) => changed(from, revoked(from))),
  },
  {
    name: 'renewed',
    state: 'active',
    prepare: async (exceptions) => {
      await grant(exceptions, await created(exceptions, requested('EX-2', { target: TARGET })));
      await created(exceptions, EX1);
    },
    run: async (exceptions) => {
      const old = await read(exceptions, 'EX-2');
      if (old.exception.state === 'active') await once(exceptions, (from) => renewing(from, old));
    },
  },
];

interface World {
  readonly table: InMemoryTable;
  readonly exceptions: ExceptionStore;
  /** Calls from now on are counted, and the nth meets the fault. */
  plan(nth: number, fault: Fault): void;
  count(): number;
}

function aWorld(): World {
  const plan = { from: Number.POSITIVE_INFINITY, nth: 0, fault: 'ok' as Fault, last: 0 };
  const table = createInMemoryTable({
    fault: ({ number }) => {
      plan.last = number;
      return number - plan.from === plan.nth ? plan.fault : 'ok';
    },
  });
  return {
    table,
    exceptions: aProcess(table).exceptions,
    plan: (nth, fault) => Object.assign(plan, { from: plan.last, nth, fault }),
    count: () => plan.last - plan.from,
  };
}

async function callsOf(change: Change): Promise<number> {
  const world = aWorld();
  await change.prepare(world.exceptions);
  world.plan(0, 'ok');
  await change.run(world.exceptions);
  return world.count();
}

/** What it was answered, or the fault, which must be one that callers know. */
async function tried(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError) && !(error instanceof ConflictError)) throw error;
    return false;
  }
}

test.each(CHANGES)(
  'whatever call fails while it is $name: nothing is half written, and the next try ends it',
  async (change) => {
    const calls = await callsOf(change);
    expect(calls).toBeGreaterThan(1);
    for (const fault of FAULTS) {
      for (let nth = 1; nth <= calls; nth += 1) {
        const world = aWorld();
        await change.prepare(world.exceptions);
        world.plan(nth, fault);
        const isDone = await tried(() => change.run(world.exceptions));
        world.plan(0, 'ok');
        expectAgreement(world.table.rowsOf('scope', PARTITION));
        const fresh = aProcess(world.table).exceptions;
        if (!isDone) await change.run(fresh);
        expectAgreement(world.table.rowsOf('scope', PARTITION));
        const { exception, evidence } = await read(fresh);
        expect(exception.state, `${fault} at call ${nth}`).toBe(change.state);
        expect(new Set(evidence.map(({ op }) => op)).size).toBe(evidence.length);
      }
    }
  },
);

test.each(FAULTS)(
  'a fault (%s) while it is shown loses no card that is noted, and leaves it to be shown or shown',
  async (fault) => {
    const card = { topic: 'ask', recipient: 'user:bob', conversation: 'c', activityId: 'm1', shows: 'requested 1' };
    for (let nth = 1; nth <= 4; nth += 1) {
      const world = aWorld();
      const stored = await created(world.exceptions, EX1);
      world.plan(nth, fault);
      const isDone = await tried(() =>
        world.exceptions.shown(stored, { cards: [card], lookAt: '2026-12-01T00:00:00.000Z' }),
      );
      world.plan(0, 'ok');
      const after = await read(aProcess(world.table).exceptions);
      // What a pass that met another one has shown is sent once more.
      const shows = after.showing === undefined ? card.shows : '';
      if (isDone) expect(after.cards).toEqual([{ ...card, shows }]);
      if (after.showing === undefined) expect(await world.exceptions.live()).toHaveLength(1);
      else await world.exceptions.shown(after, { cards: [card] });
      expect(await world.exceptions.live()).toHaveLength(1);
      expect((await read(world.exceptions)).showing).toBeUndefined();
      expectAgreement(world.table.rowsOf('scope', PARTITION));
    }
  },
);

test('a judgement, a request, a click and a list cost one call each, whatever was before: ten thousand past ones here', async () => {
  const table = createInMemoryTable();
  const { exceptions, scopes } = aProcess(table);
  const stored = await created(exceptions, requested('EX-99999'));
  const { stored: active } = await grant(exceptions, stored);
  await exceptions.commit(
    await read(exceptions, 'EX-99999'),
    changed(await read(exceptions, 'EX-99999'), revoked(active)),
  );
  await exceptions.shown(await read(exceptions, 'EX-99999'), NOTHING);
  const past = table.rowsOf('scope', PARTITION).filter(({ row }) => /^[eh]~/.test(row));
  table.load(
    Array.from({ length: 10_000 }, (_, n) =>
      past.map((row) => ({
        ...row,
        row: row.row.replace('ex-99999', `ex-${n + 1}`),
        table: 'scope' as const,
        partition: PARTITION,
      })),
    ).flat(),
  );
  await grant(exceptions, await created(exceptions, requested('EX-10001')));
  await created(exceptions, requested('EX-10002'));
  await exceptions.locate('EX-1');
  table.resetCalls();
  const view = await scopes.view(SCOPE, []);
  expect([view.exceptions, view.requested].flat().map(({ id }) => id)).toEqual(['EX-10001', 'EX-10002']);
  expect(table.calls).toMatchObject({ list: 1, total: 1 });
  await exceptions.scope(SCOPE);
  expect(table.calls.total).toBe(2);
  expect((await exceptions.read(SCOPE, 'EX-1'))?.evidence).toHaveLength(past.length - 1);
  expect(table.calls.total).toBe(3);
  await exceptions.live('payments-api');
  expect(table.calls).toMatchObject({ list: 5, total: 5 });
});
