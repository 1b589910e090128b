import fc from 'fast-check';
import { expect, test } from 'vitest';
import { globMatches } from '../../services/domain/glob.ts';

test.each([
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/a/b.ts', false],
  ['src/**', 'src/a/b.ts', true],
  ['src/**', 'src/', true],
  ['src/**', 'src', false],
  ['src/**', 'xsrc/a', false],
  ['**/x', 'x', true],
  ['**/x', 'a/b/x', true],
  ['**/x', 'yx', false],
  ['**/x', 'a/yx', false],
  ['**/x', 'xa', false],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/c/d/b', true],
  ['a/**/b', 'ab', false],
  ['a/**/b', 'a/cb', false],
  ['**', '', true],
  ['**', 'a/b', true],
  ['***/x', 'a/x', true],
  ['*', 'a/b', false],
  ['*', '', true],
  ['?', 'a', true],
  ['?', '', false],
  ['?', '/', false],
  ['?', '🦔', true],
  ['a?c', 'abc', true],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
  ['a+', 'aa', false],
  ['**hardcoded-cred**', 'js/hardcoded-credentials', true],
  ['mandatory/**', 'mandatory/tls/1.2', true],
  ['', '', true],
  ['', 'a', false],
  ['Abc', 'abc', false],
  ['*.tf', 'main.tf.bak', false],
])('%j matches %j: %s', (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test('more patterns than are kept are matched all the same, the first ones again too', () => {
  const numbers = Array.from({ length: 6_000 }, (_, n) => n);

  expect(numbers.every((n) => globMatches(`src/${n}/*.ts`, `src/${n}/a.ts`))).toBe(true);
  expect(numbers.some((n) => globMatches(`src/${n}/*.ts`, `src/${n + 1}/a.ts`))).toBe(false);
});

/** The same language by brute force over every split of the text, from the description alone. */
function oracle(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const stars = /^\*+/.exec(pattern)?.[0].length ?? 0;
  const rest = pattern.slice(Math.max(1, stars));
  const ends = Array.from({ length: text.length + 1 }, (_, end) => end);
  if (stars === 1) return ends.some((end) => !text.slice(0, end).includes('/') && oracle(rest, text.slice(end)));
  if (stars > 1 && rest.startsWith('/')) {
    return ends.some((end) => (end === 0 || text[end - 1] === '/') && oracle(rest.slice(1), text.slice(end)));
  }
  if (stars > 1) return ends.some((end) => oracle(rest, text.slice(end)));
  const [first] = text;
  if (first === undefined) return false;
  return (pattern[0] === '?' ? first !== '/' : first === pattern[0]) && oracle(rest, text.slice(1));
}

test('every pattern and text are matched as by brute force', () => {
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '**', '?', '**/'), maxLength: 7 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (glob, path) => {
      expect(globMatches(glob, path)).toBe(oracle(glob, path));
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ['*a'.repeat(14), 'a'.repeat(34)],
  ['**a'.repeat(14), 'a'.repeat(34)],
  ['**/'.repeat(14), 'a/'.repeat(17)],
  [`${'*a'.repeat(149)}b`, 'a'.repeat(400)],
])('a pattern that makes others backtrack for hours is answered: %s', (pattern, text) => {
  expect(globMatches(pattern, `${text}c`)).toBe(false);
});
