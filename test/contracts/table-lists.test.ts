import { describe, expect, test } from 'vitest';
import { onlyRange, prefixRange } from '../../services/tables/keys.ts';
import { bothTables, collected, create, named } from './both-tables.ts';

const { azure, inMemory, newPartition } = bothTables();

describe.each([
  ['Azure Table storage', azure],
  ['the table in memory', inMemory],
] as const)('%s', (_, tableOf) => {
  test('a list holds the rows of its partition and table only, in key order', async () => {
    const table = tableOf();
    const [partition, other] = [newPartition(), newPartition()];
    await table.commit(
      'gate',
      partition,
      ['b', '_', 'a~2', 'Z', 'a', '~', 'a~10'].map((row) => create(row)),
    );
    await table.commit('gate', other, [create('foreign')]);
    await table.commit('scope', partition, [create('foreign')]);

    expect(named(await table.list('gate', partition))).toEqual(['Z', '_', 'a', 'a~10', 'a~2', 'b', '~']);
  });

  test('quotes in a partition or range select nothing else', async () => {
    const table = tableOf();
    const [partition, other] = [newPartition(), newPartition()];
    await table.commit('gate', partition, [create('secret')]);
    const injected = `${other}' or PartitionKey eq '${partition}`;

    expect(await table.list('gate', injected)).toEqual([]);
    expect(await table.get('gate', injected, 'secret')).toBeUndefined();
    expect(
      await table.list('gate', other, { ranges: [{ from: 'a', before: `b') or (PartitionKey eq '${partition}` }] }),
    ).toEqual([]);
  });

  test('a list of ranges holds each row from the start to before the end, once', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit(
      'gate',
      partition,
      ['a', 'b', 'c', 'd', 'e', 'f'].map((row) => create(row)),
    );
    const ranges = [
      { from: 'e', before: 'f' },
      { from: 'a', before: 'c' },
      { from: 'b', before: 'd' },
      { from: 'x', before: 'a' },
    ];

    expect(named(await table.list('gate', partition, { ranges }))).toEqual(['a', 'b', 'c', 'e']);
    expect(named(await table.list('gate', partition, { ranges: [{ from: '', before: 'b' }] }))).toEqual(['a']);
  });

  test('one row of every partition in a range is read, in order of the partitions, whatever else is in them', async () => {
    const table = tableOf();
    const [first, second] = [newPartition(), newPartition()];
    const inside = [`${first}~r~b`, `${first}~r~a`, `${first}~r~c`];
    for (const partition of [...inside, `${first}~s`, `${second}~r~a`]) {
      await table.commit('gate', partition, [create('h', { partition }), create('e~1'), create('ha')]);
    }
    await table.commit('gate', `${first}~r~d`, [create('e~1')]);
    await table.commit('scope', `${first}~r~e`, [create('h')]);
    const read = await collected(
      table.across('gate', { from: `${first}~r~`, before: `${first}~r~~` }, [onlyRange('h')]),
    );

    expect(read.map(({ row, values }) => [row, values['partition']])).toEqual(inside.sort().map((name) => ['h', name]));
    expect(read.map(({ partition }) => partition)).toEqual(inside);
    expect(await collected(table.across('gate', { from: 'no', before: 'nobody' }, [onlyRange('h')]))).toEqual([]);
  });

  test('several ranges of every partition in a range are read, none of no ranges', async () => {
    const table = tableOf();
    const first = newPartition();
    const partitions = { from: `${first}~s~`, before: `${first}~s~~` };
    for (const name of ['b', 'a'])
      await table.commit(
        'scope',
        `${first}~s~${name}`,
        ['a~1', 'c', 'e~1', 'e~2', 'f'].map((row) => create(row)),
      );
    const read = await collected(
      table.across('scope', partitions, [prefixRange('e'), onlyRange('c'), prefixRange('a')]),
    );

    expect(read.map(({ partition, row }) => `${partition.at(-1)} ${row}`)).toEqual(
      ['a', 'b'].flatMap((name) => ['a~1', 'c', 'e~1', 'e~2'].map((row) => `${name} ${row}`)),
    );
    expect(await collected(table.across('scope', partitions, []))).toEqual([]);
  });

  test('a list of no ranges is empty', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('a')]);

    expect(await table.list('gate', partition, { ranges: [] })).toEqual([]);
  });

  test('a list stops at the first rows asked for, beyond a page of 1,000 too', async () => {
    const table = tableOf();
    const partition = newPartition();
    const rows = Array.from({ length: 1_100 }, (_, n) => `r~${String(n).padStart(4, '0')}`);
    for (let start = 0; start < rows.length; start += 100) {
      await table.commit(
        'gate',
        partition,
        rows.slice(start, start + 100).map((row) => create(row)),
      );
    }

    expect(named(await table.list('gate', partition))).toEqual(rows);
    expect(named(await table.list('gate', partition, { top: 2 }))).toEqual(rows.slice(0, 2));
    expect(named(await table.list('gate', partition, { top: 1_050 }))).toEqual(rows.slice(0, 1_050));
    const ranges = [{ from: 'r~0003', before: 'r~9' }];
    expect(named(await table.list('gate', partition, { ranges, top: 1 }))).toEqual(['r~0003']);
  });
});
