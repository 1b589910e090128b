import fc from 'fast-check';
import { expect, test } from 'vitest';
import { component, key, keyTime, prefixRange, sequence } from '../../services/tables/keys.ts';

const aName = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', 'B', '_', '~', '.', '-', '/', '#', '7', '\ud800', '\udfff') }),
  fc.string({ unit: fc.constantFrom('a', '-', '9'), minLength: 195, maxLength: 210 }),
);

test('a plain name is its own component', () => {
  expect(component('payments-api.v2')).toBe('payments-api.v2');
});

test('a name of other characters becomes its checksum behind an underscore', () => {
  expect(component('Zahlungen / EU')).toMatch(/^_[a-z2-7]{52}$/);
});

test('names that differ by case are one where the source ignores case, and two where it does not', () => {
  expect(component('EX-12', { caseInsensitive: true })).toBe('ex-12');
  expect(component('Müller', { caseInsensitive: true })).toBe(component('MÜLLER', { caseInsensitive: true }));
  expect(component('Main')).not.toBe(component('main'));
});

test('different names never share a component', () => {
  fc.assert(
    fc.property(aName, aName, (one, other) => {
      expect(component(one) === component(other)).toBe(one === other);
    }),
    { numRuns: 500 },
  );
  expect(component('\ud800')).not.toBe(component('\udfff'));
  expect(component('\ud800')).not.toBe(component(JSON.stringify('\ud800')));
});

test('every component has 1 to 200 characters of the key alphabet', () => {
  fc.assert(
    fc.property(aName, (name) => {
      expect(component(name)).toMatch(/^[a-z0-9._-]{1,200}$/);
    }),
  );
});

test('different tuples of names never share a key', () => {
  const aTuple = fc.array(aName, { minLength: 1, maxLength: 4 });
  const keyOf = (names: readonly string[]) => key(...names.map((name) => component(name)));
  fc.assert(
    fc.property(aTuple, aTuple, (one, other) => {
      expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
    }),
  );
  expect(keyOf(['a', 'b'])).not.toBe(keyOf(['a~b']));
  expect(keyOf(['', 'a'])).not.toBe(keyOf(['a', '']));
});

test.each([[''], ['a~b'], ['a/b'], ['ü']])('%j cannot enter a key without component()', (text) => {
  expect(() => key('org', text)).toThrow(RangeError);
});

test('a key of nothing is refused', () => {
  expect(() => key()).toThrow(RangeError);
});

test('sequence numbers sort as text as they do as numbers', () => {
  expect([sequence(10), sequence(9), sequence(0)].sort()).toEqual(['0000000000', '0000000009', '0000000010']);
  expect(sequence(9_999_999_999)).toBe('9999999999');
});

test.each([[-1], [1.5], [10_000_000_000], [Number.NaN]])('%d is no sequence number', (n) => {
  expect(() => sequence(n)).toThrow(RangeError);
});

test('a time in a key is UTC to the second', () => {
  expect(keyTime('2026-03-29T01:59:59.999Z')).toBe('20260329T015959');
  expect(keyTime('2026-03-29T01:00:00+02:00')).toBe('20260328T230000');
});

test.each([['2026-03-29'], ['2026-03-29T01:00:00'], ['yesterday'], [''], ['2026-13-01T00:00:00Z']])(
  '%j is no time for a key',
  (text) => {
    expect(() => keyTime(text)).toThrow(RangeError);
  },
);

test('a prefix range holds exactly the keys that go on after the prefix', () => {
  const { from, before } = prefixRange('e');
  const rows = ['d~1', 'e', 'e-x~1', 'e.x', 'e0', 'e_', 'ee~1', 'e~-', 'e~0000000001', 'e~zz~zz', 'e~_q', 'f~1'];

  expect(rows.filter((row) => row >= from && row < before)).toEqual(['e~-', 'e~0000000001', 'e~zz~zz', 'e~_q']);
});

test.each([[''], ['e~']])('%j is no prefix', (prefix) => {
  expect(() => prefixRange(prefix)).toThrow(RangeError);
});
