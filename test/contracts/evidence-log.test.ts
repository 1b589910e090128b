import { describe, expect, test } from 'vitest';
import { chainProblem } from '../../services/domain/checkpoint.ts';
import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../../services/domain/evidence.ts';
import { ConflictError, StoreUnavailableError, type Table } from '../../services/ports/table.ts';
import { createEvidenceLog } from '../../services/tables/evidence-log.ts';
import { pointersAt } from '../../services/tables/evidence-places.ts';
import { evidenceWrite } from '../../services/tables/evidence-row.ts';
import { createNotedTable } from '../../services/tables/noted-table.ts';
import { TENANT } from '../builders.ts';
import { collected } from './both-tables.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const NOON = '2026-11-28T12:00:00.000Z';
const ONE_PAST = '2026-11-28T13:00:00.000Z';

interface Scene {
  readonly store: FaultyTable;
  readonly noted: Table;
  readonly log: ReturnType<typeof createEvidenceLog>;
  now: string;
  /** Calls that wrote pointers. */
  readonly pointed: string[][];
}

function sceneOn(store: FaultyTable): Scene {
  const pointed: string[][] = [];
  const watched: Table = {
    ...store,
    commit: (name, partition, writes) => {
      if (name === 'log') pointed.push(writes.map(({ row }) => row));
      return store.commit(name, partition, writes);
    },
  };
  const scene = { store, now: NOON, pointed, log: createEvidenceLog({ table: store, tenant: TENANT }) };
  return Object.assign(scene, {
    noted: createNotedTable(watched, { tenant: TENANT, clock: { now: () => scene.now } }),
  });
}

function chainOf(length: number, aggregate = 'org 1'): EvidenceEntry[] {
  const chain: EvidenceEntry[] = [];
  for (let n = 1; n <= length; n += 1) {
    const draft = {
      kind: 'judged',
      actor: { kind: 'countersign' },
      data: { n },
      texts: { why: `because ${n}` },
    } as const;
    chain.push(nextEntry(chain.at(-1) ?? EMPTY_CHAIN, draft, { aggregate, at: NOON, op: `op ${n}`, salt: 's' }));
  }
  return chain;
}

const add = (
  { noted }: Scene,
  partition: string,
  entry: EvidenceEntry | undefined,
  prefix: readonly string[] = ['e'],
) => {
  if (entry === undefined) throw new Error('no such entry');
  return noted.commit('gate', partition, [evidenceWrite(prefix, entry)]);
};
const namesIn = async ({ log }: Scene, from = NOON, before = ONE_PAST) =>
  (await collected(log.changed(from, before))).map(({ partition, prefix, entries }) => [
    partition,
    prefix,
    entries.length,
  ]);

describe.each(freshTables())('evidence by time on %s', (_, fresh) => {
  const setScene = async () => sceneOn(await fresh());

  test('a chain is found whole and once in all the time in which it changed, and not besides', async () => {
    const scene = await setScene();
    const [one, two] = chainOf(2);
    await add(scene, 'org~r~1', one);
    scene.now = '2026-11-28T12:12:00.000Z';
    await add(scene, 'org~r~1', two);
    expect(await namesIn(scene)).toEqual([['org~r~1', 'e', 2]]);
    expect(await namesIn(scene, NOON, '2026-11-28T12:10:00.000Z')).toEqual([['org~r~1', 'e', 2]]);
    expect(await namesIn(scene, '2026-11-28T12:05:00.000Z', '2026-11-28T12:10:00.000Z')).toEqual([]);
    expect(await namesIn(scene, '2026-11-28T12:14:00.000Z', ONE_PAST)).toEqual([['org~r~1', 'e', 2]]);
    expect(await namesIn(scene, NOON, NOON)).toEqual([]);
  });

  test('entries come back as they were written, and verify', async () => {
    const scene = await setScene();
    const chain = chainOf(3);
    for (const entry of chain) await add(scene, 'org~r~1', entry);
    const [found] = await collected(scene.log.changed(NOON, ONE_PAST));
    expect(found).toEqual({ table: 'gate', partition: 'org~r~1', prefix: 'e', entries: chain });
    expect(await scene.log.chain({ table: 'gate', partition: 'org~r~1', prefix: 'nothing' })).toBeUndefined();
  });

  test('chains whose keys continue one another are kept apart, whatever else lies in their partition', async () => {
    const scene = await setScene();
    await add(scene, 'p', chainOf(1)[0]);
    await add(scene, 'p', chainOf(1, 'org 2')[0], ['e', 'r1']);
    await add(scene, 'p', chainOf(1, 'org 3')[0], ['e', 'r1', '0000000001']);
    await scene.noted.commit('gate', 'p', [{ kind: 'put', row: 'h', values: { entry: 'x', op: 'y' } }]);
    expect((await namesIn(scene)).map(([, prefix, length]) => [prefix, length]).sort()).toEqual([
      ['e', 1],
      ['e~r1', 1],
      ['e~r1~0000000001', 1],
    ]);
  });

  test('a pointer to where no chain can stand ends nothing', async () => {
    const scene = await setScene();
    await add(scene, 'p', chainOf(1)[0]);
    const values = { table: 'gate', partition: "a'b/c", prefix: 'e' };
    await scene.store.commit('log', pointersAt(TENANT, NOON), [{ kind: 'put', row: 'zzz', values }]);
    expect(await scene.log.places(NOON, ONE_PAST)).toEqual([{ table: 'gate', partition: 'p', prefix: 'e' }]);
  });

  test('many chains come in a stable order', async () => {
    const scene = await setScene();
    const names = Array.from({ length: 30 }, (_none, n) => `org~r~${n}`);
    await Promise.all(names.map((name) => add(scene, name, chainOf(1)[0])));
    const first = await namesIn(scene);
    expect(first.map(([name]) => name).sort()).toEqual(names.toSorted());
    expect(await namesIn(scene)).toEqual(first);
    expect((await scene.log.places(NOON, ONE_PAST)).map(({ partition }) => partition)).toEqual(
      first.map(([name]) => name),
    );
  });

  test.each(['not json', '{"why":null}', '[]', '"x"'])(
    'a row whose texts somebody has made %s is given as a chain that does not verify',
    async (texts) => {
      const scene = await setScene();
      const [entry] = chainOf(1);
      if (entry === undefined) throw new Error('no entry');
      const write = evidenceWrite(['e'], entry);
      if (!('values' in write)) throw new Error('no values');
      await scene.noted.commit('gate', 'p', [{ ...write, values: { ...write.values, texts } }]);
      const [found] = await collected(scene.log.changed(NOON, ONE_PAST));
      expect(chainProblem(found?.entries ?? [])).toBe('broken');
    },
  );

  test('the pointer stands before the commit: without it nothing is committed', async () => {
    const scene = await setScene();
    scene.store.failNextCommit('log', 'before');
    await expect(add(scene, 'org~r~1', chainOf(1)[0])).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await scene.store.list('gate', 'org~r~1')).toEqual([]);
    await add(scene, 'org~r~1', chainOf(1)[0]);
    expect(await namesIn(scene)).toEqual([['org~r~1', 'e', 1]]);
  });

  test('a commit that is lost or refused leaves a pointer that leads to what is there', async () => {
    const scene = await setScene();
    scene.store.failNextCommit('gate', 'before');
    await expect(add(scene, 'org~r~1', chainOf(1)[0])).rejects.toBeInstanceOf(StoreUnavailableError);
    scene.store.failNextCommit('gate', 'after-conflict');
    await expect(add(scene, 'org~r~2', chainOf(1)[0])).rejects.toBeInstanceOf(ConflictError);
    expect(await namesIn(scene)).toEqual([['org~r~2', 'e', 1]]);
  });
});

describe('what a pointer costs', () => {
  const [, [, fresh]] = freshTables();

  test('one call for a chain in five minutes, and none for what is no evidence', async () => {
    const scene = sceneOn(await fresh());
    for (const entry of chainOf(5)) await add(scene, 'org~r~1', entry);
    await scene.noted.commit('gate', 'org~r~1', [{ kind: 'put', row: 'h', values: { op: 'x', evHash: 'y' } }]);
    expect(scene.pointed).toHaveLength(1);
  });

  test('no five minutes are left out, also when the clock is set back', async () => {
    const scene = sceneOn(await fresh());
    const chain = chainOf(4);
    const times = ['12:04:59.999', '12:05:00.000', '12:09:59.999', '12:01:00.000'];
    for (const [n, time] of times.entries()) {
      scene.now = `2026-11-28T${time}Z`;
      await add(scene, 'org~r~1', chain[n]);
    }
    expect(scene.pointed).toHaveLength(3);
    expect(await namesIn(scene, '2026-11-28T12:05:00.000Z', ONE_PAST)).toEqual([['org~r~1', 'e', 4]]);
  });

  test('those asked for at the same time go in one transaction, at most a hundred in each', async () => {
    const scene = sceneOn(await fresh());
    await Promise.all(Array.from({ length: 250 }, (_, n) => add(scene, `org~r~${n}`, chainOf(1)[0])));
    expect(scene.pointed.map((rows) => rows.length)).toEqual([100, 100, 50]);
  });

  test('what was not written for one is asked for again by the next, and hinders nobody else', async () => {
    const scene = sceneOn(await fresh());
    scene.store.failNextCommit('log', 'before');
    const both = await Promise.allSettled([add(scene, 'org~r~1', chainOf(1)[0]), add(scene, 'org~r~1', chainOf(1)[0])]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await add(scene, 'org~r~1', chainOf(1)[0]);
    expect(scene.pointed).toHaveLength(2);
    expect(await namesIn(scene)).toEqual([['org~r~1', 'e', 1]]);
  });

  test('a commit that took long has its pointer again in the five minutes in which it ended, whether or not its answer came', async () => {
    const scene = sceneOn(await fresh());
    scene.store.beforeNextWrite('gate', async () => {
      scene.now = '2026-11-28T12:30:00.000Z';
    });
    await add(scene, 'org~r~1', chainOf(1)[0]);
    expect(await namesIn(scene, '2026-11-28T12:30:00.000Z', ONE_PAST)).toEqual([['org~r~1', 'e', 1]]);
    scene.store.beforeNextWrite('gate', async () => {
      scene.now = '2026-11-28T12:50:00.000Z';
    });
    scene.store.failNextCommit('gate', 'after');
    await expect(add(scene, 'org~r~2', chainOf(1)[0])).rejects.toThrow('the answer was lost');
    expect(await namesIn(scene, '2026-11-28T12:50:00.000Z', ONE_PAST)).toEqual([['org~r~2', 'e', 1]]);
  });
});
