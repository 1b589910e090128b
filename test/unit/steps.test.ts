import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256, sha256Of } from '../../services/domain/checksum.ts';
import { atOnce, byText, type Steps, sorted, visit } from '../../services/domain/steps.ts';

const MOST = 500;

/** How often it lets others have their turn. */
function stepsOf(steps: Steps<unknown>): number {
  let count = 0;
  while (steps.next().done !== true) count += 1;
  return count;
}

const anyTexts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 40, size: 'max' });

/** Longer than one run, in few distinct words: equals stand in different runs. */
const anyEntries = anyTexts.map((texts) =>
  Array.from({ length: texts.length * 60 }, (_, n) => ({ text: texts[(n * 7) % texts.length] ?? '', n })),
);

test('sorting in steps gives what sorting at once gives, equals in their order', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      const compare = (a: (typeof entries)[number], b: (typeof entries)[number]) => byText(a.text, b.text);
      expect(atOnce(sorted(entries, compare))).toEqual(entries.toSorted(compare));
    }),
    { numRuns: 50 },
  );
});

test('texts are sorted as `sort` does it by itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      expect(atOnce(sorted(texts, byText))).toEqual(texts.toSorted());
    }),
  );
});

test('what is sorted changes nothing of what it was given', () => {
  const texts = ['b', 'a'];

  expect(atOnce(sorted(texts, byText))).toEqual(['a', 'b']);

  expect(texts).toEqual(['b', 'a']);
});

test('no step compares more than one run, however many there are', () => {
  let compared = 0;
  const compare = (a: number, b: number) => {
    compared += 1;
    return a - b;
  };
  const sorting = sorted(
    Array.from({ length: 20_000 }, (_, n) => (n * 7_919) % 20_011),
    compare,
  );
  let most = 0;
  for (let step = sorting.next(); step.done !== true; step = sorting.next()) {
    most = Math.max(most, compared);
    compared = 0;
  }

  expect(most).toBeLessThan(MOST * Math.log2(MOST));
});

test('a visit sees each in its order, and stops after every few hundred', () => {
  const all = Array.from({ length: 2 * MOST + 1 }, (_, n) => n);
  const seen: number[] = [];

  expect(stepsOf(visit(all, (one) => seen.push(one)))).toBe(2);

  expect(seen).toEqual(all);
});

test('what is few takes no turn of its own', () => {
  expect(stepsOf(visit([1, 2], () => undefined))).toBe(0);
  expect(stepsOf(sorted(['b', 'a'], byText))).toBeLessThan(2);
});

test('a checksum in steps is that of everything at once', () => {
  fc.assert(
    fc.property(anyTexts, (texts) => {
      expect(atOnce(sha256Of(texts, (one) => `${one}\n`))).toBe(sha256(...texts.map((one) => `${one}\n`)));
    }),
  );
});
