import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PIECE_LENGTH, splitText, toProperties, toValues } from '../../services/tables/row-codec.ts';

test('a text of exactly one property stays whole', () => {
  expect(splitText('x'.repeat(PIECE_LENGTH))).toHaveLength(1);
  expect(splitText('x'.repeat(PIECE_LENGTH + 1)).map(({ length }) => length)).toEqual([PIECE_LENGTH, 1]);
  expect(splitText('')).toEqual(['']);
});

test('a cut never falls inside a surrogate pair, and no piece is longer than a property', () => {
  const aCharacter = fc.constantFrom('x', '😀');
  const aLength = fc.integer({ min: PIECE_LENGTH - 2, max: PIECE_LENGTH + 2 });
  fc.assert(
    fc.property(fc.array(fc.tuple(aCharacter, aLength), { minLength: 1, maxLength: 3 }), (parts) => {
      const text = parts.map(([character, length]) => character.repeat(length)).join('x');

      const pieces = splitText(text);

      expect(pieces.join('')).toBe(text);
      expect(pieces.every((piece) => piece.isWellFormed() && piece.length <= PIECE_LENGTH)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('a long text goes on in numbered properties, in order past the ninth', () => {
  const text = Array.from({ length: 12 }, (_, n) => String.fromCharCode(97 + n).repeat(PIECE_LENGTH)).join('');

  const properties = toProperties({ text });

  expect(Object.keys(properties)).toEqual(['text', ...Array.from({ length: 11 }, (_, n) => `text__${n + 1}`)]);
  expect(toValues(Object.fromEntries(Object.entries(properties).reverse()))).toEqual({ text });
});

test('whole numbers beyond 32 bits are sent as Int64 and read as numbers', () => {
  expect(toProperties({ a: 2 ** 31 - 1, b: 2 ** 31, c: -(2 ** 31) - 1 })).toEqual({
    a: 2 ** 31 - 1,
    b: { type: 'Int64', value: '2147483648' },
    c: { type: 'Int64', value: '-2147483649' },
  });
  expect(toValues({ b: 2_147_483_648n })).toEqual({ b: 2_147_483_648 });
});

test('what the store adds to a row is not among its values', () => {
  const entity = { partitionKey: 'p', rowKey: 'r', etag: 'e', timestamp: 't', 'odata.metadata': 'm', n: 1 };

  expect(toValues(entity)).toEqual({ n: 1 });
});

test.each([
  ['a fraction', 1.5],
  ['an Int64 beyond 2^53', 2n ** 60n],
  ['a binary', new Uint8Array(1)],
  ['null', null],
])('%s in the store is refused on reading', (_, n) => {
  expect(() => toValues({ n })).toThrow(/"n"/);
});
