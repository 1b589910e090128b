import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes } from '../cards/read.ts';
import { postureCardsSaying } from './hostile-postures.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';

test('none of 2,000 hostile texts becomes more than text on a card of environments or of the platform', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(postureCardsSaying(text, 'short').flatMap(({ card }) => harmIn(card))).toEqual([]);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
}, 120_000);

test.each(UNITS)('none of them grows over 60 KB with 10,000 %s in every field', (_, unit) => {
  for (const { card, summary } of postureCardsSaying(unit.repeat(10_000 / unit.length), 'long')) {
    expect(activityBytes(card, summary)).toBeLessThanOrEqual(60 * 1024);
    expect(parseProblems(card)).toEqual([]);
  }
});
