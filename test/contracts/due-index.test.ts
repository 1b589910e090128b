import { describe, expect, test } from 'vitest';
import type { DueHint, DueIndex } from '../../services/ports/due-index.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { ORG } from '../builders.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const START = '2026-11-23T09:30:00.000Z';
const at = (minutes: number, milliseconds = 0) =>
  new Date(Date.parse(START) + minutes * 60_000 + milliseconds).toISOString();
const gate = (id: string): DueHint => ({ kind: 'gate', org: ORG, id });
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const idsIn = (items: readonly { readonly hint: DueHint }[]) =>
  items.map(({ hint }) => {
    if (hint.kind === 'scope') return hint.service;
    if (hint.kind === 'nudge') return hint.reader;
    return hint.kind === 'approval' ? hint.ref.id : hint.id;
  });

interface Scene {
  readonly table: FaultyTable;
  readonly due: DueIndex;
  now: string;
  /** Another process on the same store, at the same time of day. */
  restart(): DueIndex;
}

async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const time = { now: START };
  const start = () => createDueIndex({ table, clock: { now: () => time.now } });
  return {
    table,
    due: start(),
    restart: start,
    get now() {
      return time.now;
    },
    set now(value) {
      time.now = value;
    },
  };
}

async function takeAll(due: DueIndex, now: string): Promise<string[]> {
  const items = await due.take(now);
  for (const item of items) await due.done(item);
  return idsIn(items);
}

function counted(table: FaultyTable) {
  const lists = {
    count: 0,
    table: {
      ...table,
      list: (...args: Parameters<FaultyTable['list']>) => {
        lists.count += 1;
        return table.list(...args);
      },
    },
  };
  return lists;
}

describe.each(freshTables())('%s', (_, newTable) => {
  test('a step and a wake-up of one scope at the same second are two hints', async () => {
    const { due } = await setScene(newTable);
    const scope = { kind: 'scope', org: ORG, service: 'payments-api', environment: '-' } as const;
    for (const hint of [scope, { ...scope, step: true } as const]) await due.remind(hint, at(1));
    const hints = (await due.take(at(1))).map(({ hint }) => 'step' in hint);
    expect(hints.sort()).toEqual([false, true]);
  });

  test('hints are found from their time on, in all shards and over the end of a bucket, oldest first', async () => {
    const { due } = await setScene(newTable);
    for (const [n, id] of IDS.entries()) await due.remind(gate(id), at(8 - n));
    expect(await due.take(at(0))).toEqual([]);
    expect(idsIn(await due.take(at(3)))).toEqual(['h', 'g', 'f']);
    expect(idsIn(await due.take(at(8)))).toEqual([...IDS].reverse());
  });

  test('since when the oldest that is due waits is told by any process, and looking changes nothing', async () => {
    const { due, restart, table } = await setScene(newTable);
    expect(await restart().oldest(at(0))).toBeUndefined();
    for (const [n, id] of IDS.entries()) await due.remind(gate(id), at(20 + n));
    expect(await restart().oldest(at(19))).toBeUndefined();
    const before = await table.list('sys', 'due');
    expect(await restart().oldest(at(90))).toBe(at(20));
    expect(await table.list('sys', 'due')).toEqual(before);
    expect(await takeAll(due, at(90))).toHaveLength(IDS.length);
    expect(await restart().oldest(at(90))).toBeUndefined();
  });

  test('what was carried along counts from when it was due', async () => {
    const scene = await setScene(newTable);
    await scene.due.remind(gate('a'), at(0));
    for (let minutes = 0; minutes <= 60; minutes += 5) {
      scene.now = at(minutes);
      await scene.due.take(scene.now);
    }
    expect(await scene.restart().oldest(at(60))).toBe(at(0));
  });

  test('a hint never comes up before its time, though keys hold whole seconds', async () => {
    const { due } = await setScene(newTable);
    await due.remind(gate('a'), at(1, 900));
    expect(await due.take(at(1, 200))).toEqual([]);
    expect(idsIn(await due.take(at(1, 1_000)))).toEqual(['a']);
  });

  test('the same hint twice is one; what is done is gone, and done twice does no harm', async () => {
    const { due } = await setScene(newTable);
    await due.remind(gate('a'), at(1));
    await due.remind(gate('a'), at(1));
    await due.remind({ kind: 'scope', org: ORG, service: 'Payments API/1', environment: '-' }, at(1));
    const items = await due.take(at(1));
    expect(idsIn(items).sort()).toEqual(['Payments API/1', 'a']);
    for (const item of [...items, ...items]) await due.done(item);
    expect(await due.take(at(2))).toEqual([]);
  });

  test('a hint that is written anew while its work is done stays', async () => {
    const { due } = await setScene(newTable);
    await due.remind(gate('a'), at(1));
    const [item] = await due.take(at(1));
    if (item === undefined) throw new Error('no hint');
    await due.remind(gate('a'), at(1));
    await due.done(item);
    expect(idsIn(await due.take(at(1)))).toEqual(['a']);
  });

  test('hints stay until they are done, over a restart too', async () => {
    const scene = await setScene(newTable);
    await scene.due.remind(gate('a'), at(1));
    expect(idsIn(await scene.due.take(at(1)))).toEqual(['a']);
    expect(idsIn(await scene.due.take(at(4)))).toEqual(['a']);
    expect(await takeAll(scene.restart(), at(9))).toEqual(['a']);
    expect(await scene.due.take(at(9))).toEqual([]);
  });

  test('nothing is lost when the first look comes two days after the first hint', async () => {
    const scene = await setScene(newTable);
    for (const [n, id] of IDS.entries()) await scene.due.remind(gate(id), at(n * 300));
    scene.now = at(2_880);
    const due = scene.restart();
    expect(idsIn(await due.take(scene.now))).toEqual(IDS);
    expect(await takeAll(due, scene.now)).toEqual(IDS);
    expect(await takeAll(scene.restart(), scene.now)).toEqual([]);
  });

  test('after days in which nobody looked, or this process did not, no empty bucket is read', async () => {
    const scene = await setScene(newTable);
    const lists = counted(scene.table);
    const due = createDueIndex({ table: lists.table, clock: { now: () => scene.now } });
    await scene.due.remind(gate('a'), at(1));
    expect(await takeAll(due, at(1))).toEqual(['a']);
    for (const [n, id] of IDS.entries()) await scene.due.remind(gate(id), at(n * 300));
    lists.count = 0;
    scene.now = at(2_880);
    expect(await takeAll(due, scene.now)).toEqual(IDS);
    // Of each shard the last quarter of an hour, and what holds one of the hints.
    expect(lists.count).toBeLessThanOrEqual(4 * 4 + IDS.length);
    expect(await takeAll(scene.restart(), scene.now)).toEqual([]);
  });

  test('a hint for a time that has passed is found, though that time was left behind', async () => {
    const scene = await setScene(newTable);
    await scene.due.remind(gate('a'), at(1));
    scene.now = at(60);
    expect(await takeAll(scene.due, scene.now)).toEqual(['a']);
    expect(await takeAll(scene.due, scene.now)).toEqual([]);
    await scene.due.remind(gate('b'), at(2));
    expect(await takeAll(scene.due, scene.now)).toEqual(['b']);
  });

  test('a hint that arrives within two minutes after its bucket ended is found', async () => {
    const scene = await setScene(newTable);
    await scene.due.remind(gate('a'), at(4));
    expect(await takeAll(scene.due, at(5))).toEqual(['a']);
    expect(await takeAll(scene.due, at(6))).toEqual([]);
    await scene.restart().remind(gate('b'), at(4));
    expect(await takeAll(scene.due, at(7))).toEqual([]);
    expect(await takeAll(scene.due, at(8))).toEqual(['b']);
  });

  test('the place reached is kept over a restart, and never passes what is still to be done', async () => {
    const scene = await setScene(newTable);
    await scene.due.remind(gate('a'), at(2));
    await scene.due.remind(gate('late'), at(600));
    expect(await takeAll(scene.due, at(60))).toEqual(['a']);
    await scene.due.take(at(61));
    const cursors = await scene.table.list('sys', 'due');
    expect(cursors).toHaveLength(4);
    for (const { values } of cursors) expect(String(values['bucket']) >= at(45)).toBe(true);
    expect(await takeAll(scene.restart(), at(600))).toEqual(['late']);
  });

  test('what cannot be done for hours is carried along, so that a look reads no more buckets for it', async () => {
    const scene = await setScene(newTable);
    await scene.due.remind(gate('stuck'), at(1));
    const lists = counted(scene.table);
    const due = createDueIndex({ table: lists.table, clock: { now: () => scene.now } });
    for (let minutes = 1; minutes <= 120; minutes += 3) {
      scene.now = at(minutes);
      expect(idsIn(await due.take(scene.now))).toEqual(['stuck']);
    }
    lists.count = 0;
    expect(await takeAll(due, scene.now)).toEqual(['stuck']);
    expect(lists.count).toBeLessThanOrEqual(4 * 4);
    expect(await takeAll(due, at(140))).toEqual([]);
  });

  test('two processes that look side by side lose nothing of one another', async () => {
    const scene = await setScene(newTable);
    const [one, two] = [scene.due, scene.restart()];
    const seen = new Set<string>();
    for (const [n, id] of IDS.entries()) {
      scene.now = at(n * 4);
      await (n % 2 === 0 ? one : two).remind(gate(id), at(n * 4 + 1));
      for (const found of await takeAll(n % 3 === 0 ? two : one, scene.now)) seen.add(found);
    }
    for (const found of await takeAll(two, at(60))) seen.add(found);
    expect([...seen].sort()).toEqual(IDS);
  });

  test('a first hint is not written before the place to begin with is', async () => {
    const scene = await setScene(newTable);
    scene.table.failNextCommit('sys', 'before');
    await expect(scene.due.remind(gate('a'), at(1))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await scene.due.take(at(2))).toEqual([]);
    scene.table.failNextCommit('sys', 'after-conflict');
    await scene.due.remind(gate('a'), at(1));
    expect(await takeAll(scene.restart(), at(90))).toEqual(['a']);
  });
});
