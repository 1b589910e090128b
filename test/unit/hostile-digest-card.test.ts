import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestCard, digestSummary, digestText } from '../../cards/digest-card.ts';
import { warningCard, warningListCard, warningListText } from '../../cards/warnings-card.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes } from '../cards/read.ts';
import type { Lists } from './hostile-records.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';
import { hostileDigest, hostileWarnings } from './hostile-warnings.ts';
import { NOW } from './judge-input.ts';

function cardsSaying(text: string, lists: Lists) {
  const warnings = hostileWarnings(text, lists);
  const digest = hostileDigest(text, lists);
  const context = { at: NOW, vacant: [`group:${text}` as const], service: text };
  const list = { ...context, section: 'unowned' as const, warnings };
  return [
    { card: digestCard(digest), summary: digestSummary(digest) },
    { card: warningListCard(list), summary: lists === 'long' ? warningListText(list) : '' },
    { card: warningCard({ ...context, fingerprint: text, warnings }), summary: '' },
  ];
}

test('no hostile text becomes a link, a mention, Markdown or an invisible sign on a card about warnings', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harm = cardsSaying(text, 'short').flatMap(({ card }) => harmIn(card));
      if (harm.length > 0) expect(harm).toEqual([]);
    }),
    { seed: SEED, numRuns: 2_000 },
  );
}, 300_000);

test.each(UNITS)('no card about warnings grows over 60 KB with 10,000 %s in every field', (_, unit) => {
  for (const { card, summary } of cardsSaying(unit.repeat(10_000 / unit.length), 'long')) {
    expect(activityBytes(card, summary)).toBeLessThanOrEqual(60 * 1024);
    expect(parseProblems(card)).toEqual([]);
  }
});

test('the plain text of a hostile digest has no mention and no link either', () => {
  const said = digestText(hostileDigest('<at>Everyone</at> [x](https://evil.example)\u202e', 'short'));
  expect(said).toContain('Everyone');
  expect(said).not.toMatch(/<at>|\]\(|\u202e/);
});
