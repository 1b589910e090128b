import { describe, expect, test } from 'vitest';
import { ConflictError, type Table, type Write } from '../../services/ports/table.ts';
import { bothTables, create, named, put, STALE } from './both-tables.ts';

const { azure, inMemory, newPartition } = bothTables();

async function etagOf(table: Table, partition: string, row: string): Promise<string> {
  const found = await table.get('gate', partition, row);
  if (found === undefined) throw new Error(`row ${row} is missing`);
  return found.etag;
}

describe.each([
  ['Azure Table storage', azure],
  ['the table in memory', inMemory],
] as const)('%s', (_, tableOf) => {
  test('what was created is read back with the etag that the commit returned', async () => {
    const table = tableOf();
    const partition = newPartition();
    const values = { text: 'ä "q" \n', empty: '', n: 7, negative: -2_147_483_648, yes: true, no: false };

    const etags = await table.commit('gate', partition, [create('h', values)]);

    expect(await table.get('gate', partition, 'h')).toEqual({ row: 'h', etag: etags.get('h'), values });
  });

  test('whole numbers keep their value up to 2^53 - 1', async () => {
    const table = tableOf();
    const partition = newPartition();
    const values = { a: 2 ** 31 - 1, b: 2 ** 31, c: -(2 ** 31) - 1, d: Number.MAX_SAFE_INTEGER, e: -0 };

    await table.commit('gate', partition, [create('h', values)]);

    expect((await table.get('gate', partition, 'h'))?.values).toEqual({ ...values, e: 0 });
  });

  test('texts that look like times, numbers or identifiers stay texts', async () => {
    const table = tableOf();
    const partition = newPartition();
    const values = { time: '2026-01-01T00:00:00.000Z', n: '12', id: '7d444840-9dc0-11d1-b245-5ffdce74fad2', y: 'true' };

    await table.commit('gate', partition, [create('h', values), create('i', values)]);

    expect((await table.get('gate', partition, 'h'))?.values).toEqual(values);
    expect((await table.get('gate', partition, 'i'))?.values).toEqual(values);
  });

  test('a text longer than one property comes back whole', async () => {
    const table = tableOf();
    const partition = newPartition();
    const text = `${'x'.repeat(32_767)}😀${'ü'.repeat(40_000)}😀`;

    await table.commit('gate', partition, [create('h', { text, other: 'o' })]);

    expect((await table.get('gate', partition, 'h'))?.values).toEqual({ text, other: 'o' });
  });

  test('a text that becomes short leaves nothing of its former length', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [put('h', { text: 'x'.repeat(70_000) })]);

    await table.commit('gate', partition, [put('h', { text: 'short' })]);

    expect((await table.get('gate', partition, 'h'))?.values).toEqual({ text: 'short' });
  });

  test('a missing row is undefined', async () => {
    expect(await tableOf().get('gate', newPartition(), 'h')).toBeUndefined();
  });

  test('creating an existing row is a conflict and changes nothing', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('h', { n: 1 })]);

    await expect(table.commit('gate', partition, [create('h', { n: 2 })])).rejects.toBeInstanceOf(ConflictError);

    expect((await table.get('gate', partition, 'h'))?.values).toEqual({ n: 1 });
  });

  test('replacing needs the etag of the row as it is, and drops what is not given again', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('h', { n: 1, old: true })]);
    const etag = await etagOf(table, partition, 'h');

    const etags = await table.commit('gate', partition, [{ kind: 'replace', row: 'h', values: { n: 2 }, etag }]);

    expect(await table.get('gate', partition, 'h')).toEqual({ row: 'h', etag: etags.get('h'), values: { n: 2 } });
    expect(etags.get('h')).not.toBe(etag);
    await expect(
      table.commit('gate', partition, [{ kind: 'replace', row: 'h', values: { n: 3 }, etag }]),
    ).rejects.toBeInstanceOf(ConflictError);
  });

  test('writing the same values again changes the etag', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [put('h', { n: 1 })]);
    const etag = await etagOf(table, partition, 'h');

    await table.commit('gate', partition, [put('h', { n: 1 })]);

    expect(await etagOf(table, partition, 'h')).not.toBe(etag);
  });

  test('replacing a missing row is a conflict', async () => {
    const write: Write = { kind: 'replace', row: 'h', values: {}, etag: STALE };
    const partition = newPartition();

    await expect(tableOf().commit('gate', partition, [write])).rejects.toBeInstanceOf(ConflictError);
    await expect(tableOf().commit('gate', partition, [put('i'), write])).rejects.toBeInstanceOf(ConflictError);
  });

  test('putting creates a row or replaces it whole', async () => {
    const table = tableOf();
    const partition = newPartition();

    await table.commit('gate', partition, [put('h', { a: 1 })]);
    await table.commit('gate', partition, [put('h', { b: 2 })]);

    expect((await table.get('gate', partition, 'h'))?.values).toEqual({ b: 2 });
  });

  test('deleting a missing row is a conflict', async () => {
    const partition = newPartition();

    await expect(tableOf().commit('gate', partition, [{ kind: 'delete', row: 'h' }])).rejects.toBeInstanceOf(
      ConflictError,
    );
  });

  test('a delete on condition leaves a row that changed, alone and in a transaction', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('h', { n: 1 }), create('i')]);
    const write: Write = { kind: 'delete', row: 'h', etag: STALE };

    await expect(table.commit('gate', partition, [write])).rejects.toBeInstanceOf(ConflictError);
    await expect(
      table.commit('gate', partition, [{ kind: 'delete', row: 'i' }, write, create('j')]),
    ).rejects.toBeInstanceOf(ConflictError);

    expect(named(await table.list('gate', partition))).toEqual(['h', 'i']);
  });

  test('a delete with the current etag deletes, alone and in a transaction', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('h'), create('i'), create('j')]);
    const [h, i] = [await etagOf(table, partition, 'h'), await etagOf(table, partition, 'i')];

    await table.commit('gate', partition, [{ kind: 'delete', row: 'h', etag: h }]);
    const etags = await table.commit('gate', partition, [
      { kind: 'delete', row: 'j' },
      create('k', { text: `\r\nDELETE x HTTP/1.1\r\nIf-Match: *\r\n` }),
      { kind: 'delete', row: 'i', etag: i },
    ]);

    expect(named(await table.list('gate', partition))).toEqual(['k']);
    expect([...etags.keys()]).toEqual(['k']);
  });

  test('a transaction returns the etag of every row that it wrote', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('h'), create('gone')]);
    const etag = await etagOf(table, partition, 'h');

    const etags = await table.commit('gate', partition, [
      { kind: 'delete', row: 'gone' },
      { kind: 'replace', row: 'h', values: { n: 2 }, etag },
      create("it's 100%+ü~{1}"),
      put('v'),
    ]);

    const rows = await table.list('gate', partition);
    expect(etags).toEqual(new Map(rows.map(({ row, etag }) => [row, etag])));
    expect(named(rows)).toEqual(['h', "it's 100%+ü~{1}", 'v']);
  });

  test.each<[string, Write]>([
    ['creates a row that exists', create('taken')],
    ['replaces a row that changed', { kind: 'replace', row: 'taken', values: {}, etag: STALE }],
    ['deletes a row that is missing', { kind: 'delete', row: 'missing' }],
  ])('nothing of a transaction is written when its last write %s', async (_, last) => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('taken', { n: 1 }), create('kept', { n: 1 })]);

    await expect(table.commit('gate', partition, [create('new'), put('kept', { n: 2 }), last])).rejects.toBeInstanceOf(
      ConflictError,
    );

    const rows = await table.list('gate', partition);
    expect(rows.map(({ row, values }) => [row, values])).toEqual([
      ['kept', { n: 1 }],
      ['taken', { n: 1 }],
    ]);
  });

  test('of two creations of one row at the same time exactly one succeeds', async () => {
    const table = tableOf();
    const partition = newPartition();

    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => table.commit('gate', partition, [create('t', { n }), create(`o~${n}`)])),
    );

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await table.list('gate', partition)).toHaveLength(2);
  });

  test('removing takes the row away, and a missing one is fine', async () => {
    const table = tableOf();
    const partition = newPartition();
    await table.commit('gate', partition, [create('h'), create('i')]);

    await table.remove('gate', partition, 'h');
    await table.remove('gate', partition, 'h');

    expect(named(await table.list('gate', partition))).toEqual(['i']);
  });

  test.each<[string, (table: Table, partition: string) => Promise<unknown>]>([
    ['a commit of nothing', (table, partition) => table.commit('gate', partition, [])],
    ['one row written twice', (table, partition) => table.commit('gate', partition, [put('h'), put('h')])],
    ['a key with a slash', (table, partition) => table.commit('gate', partition, [put('a/b')])],
    ['a partition with a slash', (table) => table.commit('gate', 'a/b', [put('h')])],
    ['a missing value', (table, partition) => table.commit('gate', partition, [put('h', { n: Number.NaN })])],
    ['reading an unusable key', (table, partition) => table.get('gate', partition, 'a#b')],
    ['listing an unusable partition', (table) => table.list('gate', '')],
    [
      'a range with a control character',
      (table, partition) => table.list('gate', partition, { ranges: [{ from: 'a', before: 'b\n' }] }),
    ],
    ['a list of at most no row', (table, partition) => table.list('gate', partition, { top: 0 })],
    ['removing an unusable key', (table, partition) => table.remove('gate', partition, '')],
  ])('%s is refused before it is sent', async (_, act) => {
    await expect(act(tableOf(), newPartition())).rejects.toBeInstanceOf(RangeError);
  });

  test('the store is there when asked', async () => {
    await tableOf().prepare();

    await expect(tableOf().probe(new Date().toISOString())).resolves.toBeUndefined();
  });
});
