import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Canonical, canonicalJson } from '../../services/domain/canonical.ts';

test('keys are sorted by UTF-16 code units, as in the example of RFC 8785', () => {
  const example = Object.fromEntries([
    ['\u20ac', 'Euro Sign'],
    ['\r', 'Carriage Return'],
    ['\ufb33', 'Hebrew Letter Dalet With Dagesh'],
    ['1', 'One'],
    ['\ud83d\ude00', 'Emoji: Grinning Face'],
    ['\u0080', 'Control'],
    ['\u00f6', 'Latin Small Letter O With Diaeresis'],
  ]);
  const said = [...canonicalJson(example).matchAll(/:"([^"]+)"/g)].map(([, name]) => name);

  expect(said).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test.each<[Canonical, string]>([
  [null, 'null'],
  [true, 'true'],
  [-0, '0'],
  [-7, '-7'],
  ['a"\\\n\u2028€', '"a\\"\\\\\\n\u2028€"'],
  [[], '[]'],
  [[1, [2, 'x'], { b: 1, a: [] }], '[1,[2,"x"],{"a":[],"b":1}]'],
  [{}, '{}'],
  [{ b: { d: 1, c: 2 }, a: null }, '{"a":null,"b":{"c":2,"d":1}}'],
])('%j is written without white space', (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('a member that is undefined is left out, null is kept', () => {
  expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
});

test.each([[1.5], [Number.NaN], [Number.POSITIVE_INFINITY], [2 ** 53]])(
  '%d is no integer that can be checksummed',
  (number) => {
    expect(() => canonicalJson({ deep: [number] })).toThrow(
      new TypeError(`only integers can be checksummed, got ${number}`),
    );
  },
);

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  ),
})).value as fc.Arbitrary<Canonical>;

test('what is written says the same, whatever the order of keys', () => {
  const turned = (value: Canonical): Canonical => {
    if (Array.isArray(value)) return value.map(turned);
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value).map(([key, member]) => [key, turned(member as Canonical)] as const);
    return Object.fromEntries(entries.reverse());
  };
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(turned(value))).toBe(text);
      expect(canonicalJson(JSON.parse(text) as Canonical)).toBe(text);
      // JSON has one zero only.
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
