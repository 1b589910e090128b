import { expect, test } from 'vitest';
import type { Values, Write } from '../../services/ports/table.ts';
import { checkKey, checkRanges, checkTop, checkWrites } from '../../services/tables/limits.ts';

const put = (row: string, values: Values = {}): Write => ({ kind: 'put', row, values });
const check = (...writes: readonly Write[]) => checkWrites('org~1', writes);
/** What a caller without types could pass. */
const untyped = (value: unknown) => value as string;

test.each([['a/b'], ['a\\b'], ['a#b'], ['a?b'], ['a\u0000b'], ['a\tb'], ['a\u007fb'], ['a\u009fb'], ['\ud800'], ['']])(
  'a key %j is refused',
  (key) => {
    expect(() => checkKey('row', key)).toThrow(RangeError);
    expect(() => checkWrites(key, [put('h')])).toThrow(RangeError);
    expect(() => check(put(key))).toThrow(RangeError);
  },
);

test('a key has at most 512 characters', () => {
  expect(() => checkKey('partition', 'k'.repeat(512))).not.toThrow();
  expect(() => checkKey('partition', 'k'.repeat(513))).toThrow(/partition key .* 513 characters/);
});

test.each([[undefined], [null], [7]])('a key that is %s is refused', (key) => {
  expect(() => checkKey('row', untyped(key))).toThrow(RangeError);
});

test.each([[null], [undefined], [Number.NaN], [Number.POSITIVE_INFINITY], [1.5], [2 ** 53], [7n], [{}], ['\ud800']])(
  'a value %s is refused, naming row and property',
  (value) => {
    expect(() => check(put('h', { note: untyped(value) }))).toThrow(/row "h", property "note"/);
  },
);

test.each([['1a'], ['a-b'], ['ä'], [''], ['text__1'], ['etag'], ['PartitionKey'], ['rowKey'], ['a'.repeat(256)]])(
  'a property named %j is refused',
  (name) => {
    expect(() => check(put('h', { [name]: 1 }))).toThrow(/row "h", property/);
  },
);

test('a property named like the prototype is refused', () => {
  expect(() => check(put('h', JSON.parse('{"__proto__":1}')))).toThrow(/__proto__/);
});

test('a row has at most 252 properties, pieces of long texts included', () => {
  const values = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, n]));

  expect(() => check(put('h', values(252)))).not.toThrow();
  expect(() => check(put('h', values(253)))).toThrow(/row "h": at most 252 properties/);
  expect(() => check(put('h', { ...values(251), text: 'x'.repeat(32_769) }))).toThrow(/252 properties/);
});

test('a row has at most 1 MiB as the store counts it', () => {
  // 4 for the row, 2 × (5 + 1) for its keys, 34 for its timestamp, 12 + 2 × 1 for the property `t` and its 16 pieces
  // (`t__1` to `t__9` with 2 × 4, `t__10` to `t__15` with 2 × 5 characters of name), 2 for each character.
  const overhead = 4 + 12 + 34 + 16 * 12 + 2 * (1 + 9 * 4 + 6 * 5);
  const fitting = (2 ** 20 - overhead) / 2;

  expect(() => check(put('h', { t: 'x'.repeat(fitting) }))).not.toThrow();
  expect(() => check(put('h', { t: 'x'.repeat(fitting + 1) }))).toThrow(/row "h", property "t": .* 1 MiB/);
});

test('a transaction has at most 100 writes', () => {
  const writes = Array.from({ length: 101 }, (_, n) => put(`r~${n}`));

  expect(() => check(...writes.slice(1))).not.toThrow();
  expect(() => check(...writes)).toThrow(/at most 100 writes, got 101/);
});

test('a transaction has at most 4 MiB as it is sent', () => {
  const writes = (count: number) => Array.from({ length: count }, (_, n) => put(`r~${n}`, { t: 'x'.repeat(500_000) }));

  expect(() => check(...writes(8))).not.toThrow();
  expect(() => check(...writes(9))).toThrow(/at most 4 MiB/);
  expect(() => check(put('r', { t: '€'.repeat(500_000) }), put('s', { t: '€'.repeat(500_000) }))).not.toThrow();
  expect(() => check(...['r', 's', 't'].map((row) => put(row, { t: '€'.repeat(500_000) })))).toThrow(/at most 4 MiB/);
});

test('a row is written once in a transaction', () => {
  expect(() => check(put('h'), { kind: 'delete', row: 'h' })).toThrow(/row "h" is written twice/);
});

test.each([['*'], [''], [untyped(undefined)], ['a\r\nb']])('a replacement with the etag %j is refused', (etag) => {
  expect(() => check({ kind: 'replace', row: 'h', values: {}, etag })).toThrow(/row "h": replace needs the etag/);
});

test('a delete takes no etag or that of a row, never any', () => {
  expect(() => check({ kind: 'delete', row: 'h' })).not.toThrow();
  expect(() => check({ kind: 'delete', row: 'h', etag: '*' })).toThrow(/delete needs the etag/);
});

test('a query takes at most 7 ranges: 15 comparisons with that of the partition', () => {
  const ranges = Array.from({ length: 8 }, () => ({ from: 'a', before: 'b' }));

  expect(() => checkRanges(ranges.slice(1))).not.toThrow();
  expect(() => checkRanges(ranges)).toThrow(/at most 7 ranges, got 8/);
});

test('a range has bounds of the key alphabet', () => {
  expect(() => checkRanges([{ from: '', before: 'b~~' }])).not.toThrow();
  expect(() => checkRanges([{ from: untyped(undefined), before: 'b' }])).toThrow(RangeError);
  expect(() => checkRanges([{ from: 'a', before: untyped(null) }])).toThrow(RangeError);
});

test.each([[0], [-1], [1.5], [Number.NaN]])('a list of at most %d rows is refused', (top) => {
  expect(() => checkTop(top)).toThrow(RangeError);
});
