import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes } from '../cards/read.ts';
import { exceptionCardsSaying } from './hostile-exceptions.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';

test('none of 2,000 hostile texts becomes a link, a mention, Markdown or an invisible sign on any card of exceptions', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harm = exceptionCardsSaying(text, 'short').flatMap(({ card }) => harmIn(card));
      if (harm.length > 0) expect(harm).toEqual([]);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
}, 120_000);

test.each(UNITS)('no card of exceptions grows over 60 KB with 10,000 %s in every field', (_, unit) => {
  for (const { card, summary } of exceptionCardsSaying(unit.repeat(10_000 / unit.length), 'long')) {
    expect(activityBytes(card, summary), summary.slice(0, 40)).toBeLessThanOrEqual(60 * 1024);
    expect(parseProblems(card)).toEqual([]);
  }
});

test('the plain text of a hostile exception has no mention and no link either', () => {
  for (const { summary } of exceptionCardsSaying('<at>Everyone</at> [x](https://evil.example)\u202e', 'short')) {
    expect(summary).not.toMatch(/<at>|\]\(|\u202e/);
  }
});
