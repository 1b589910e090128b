import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestCard, digestSummary } from '../../cards/digest-card.ts';
import { nudgeCard, nudgeSummary } from '../../cards/nudge-card.ts';
import { aHeldBackDigest } from '../cards/digest-samples.ts';
import { someNudges } from '../cards/nudge-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonById, buttonsOf, textById } from '../cards/read.ts';
import { aNudge } from '../nudges.ts';
import { nudgeCardsSaying } from './hostile-nudges.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';

const card = (count: number) => nudgeCard({ nudges: someNudges(count), settled: 0 });

test('a list says how much of what waits, and each row leads to what it is about', () => {
  const seven = card(7);
  expect(textById(seven, 'title')).toBe('7 reminders');
  expect(textById(seven, 'state')).toContain(
    '3 deployments wait for approval, 1 exception waits to be granted or refused',
  );
  expect(buttonsOf(seven).map(({ verb }) => verb)).toEqual([
    'approval.view',
    'approval.view',
    'approval.view',
    'exception.view',
    'exception.view',
    'exception.view',
    'approval.viewMany',
  ]);
  expect(textById(seven, 'reminders')).toContain(
    'Nobody has reviewed the trends since Mon 23 Nov 2026: write "trends"',
  );
});

test('of a review that was missed once the list announces what follows, as its own card does', () => {
  expect(textById(card(7), 'reminders')).toMatch(
    /EX-7, .*: is it still needed\? Without an answer by .*27 Nov 2026.* it is suspended, and what it covers blocks again\./,
  );
  const first = aNudge({ kind: 'review', id: 'EX-8', about: 'exception EX-8' });
  expect(textById(nudgeCard({ nudges: [first], settled: 0 }), 'reminders')).toMatch(/is it still needed\?$/);
});

test('what closes first comes first, and twenty can be decided together', () => {
  const late = aNudge({ id: 'laterlaterlaterl', name: 'late', deadline: '2026-11-25T09:00:00.000Z' });
  const soon = aNudge({ id: 'soonersoonersoon', name: 'soon', deadline: '2026-11-24T09:00:00.000Z' });
  const two = nudgeCard({ nudges: [late, soon], settled: 0 });
  expect(buttonById(two, 'show')?.data?.['requestIds']).toEqual([soon.id, late.id]);
  expect(buttonById(card(499), 'show')?.data?.['requestIds']).toHaveLength(20);
  expect(buttonById(nudgeCard({ nudges: [soon], settled: 0 }), 'show')).toBeUndefined();
});

test('500 reminders are one card that Teams takes, with the way to the others', () => {
  expect(activityBytes(card(500), nudgeSummary({ nudges: someNudges(500), settled: 0 }))).toBeLessThan(60 * 1024);
  expect(textById(card(500), 'reminders')).toContain('and 480 more: type "approvals" or "exceptions mine" to see all');
  expect(parseProblems(card(500))).toEqual([]);
});

test('what is decided is counted and not listed; an empty list and an older one say so', () => {
  const done = nudgeCard({ nudges: [], settled: 3 });
  expect(textById(done, 'state')).toContain('Nothing here waits for you any more');
  expect(textById(done, 'state')).toContain('3 that were here need nothing of you any more');
  expect(buttonsOf(done)).toEqual([]);
  const less = nudgeCard({ nudges: someNudges(5), settled: 1 });
  expect(textById(less, 'state')).toContain('1 more that was here needs nothing of you any more');
  const older = nudgeCard({ nudges: [], settled: 0, isContinued: true });
  expect(textById(older, 'state')).toContain('A newer message lists what is left of these');
});

test('what is said out of turn says why, in the notification what waits', () => {
  const nudges = someNudges(5).slice(0, 1);
  expect(textById(nudgeCard({ nudges, settled: 0, isUrgent: true }), 'state')).toContain(
    'because it would be too late',
  );
  expect(nudgeSummary({ nudges, settled: 0 })).toBe('Reminder: 1 deployment waits for approval');
});

test('no hostile text becomes a link, a mention, Markdown or an invisible sign, and no list grows over 60 KB', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(nudgeCardsSaying(text, 'short').flatMap(({ card: shown }) => harmIn(shown))).toEqual([]);
    }),
    { seed: SEED, numRuns: 500 },
  );
  for (const [, unit] of UNITS) {
    for (const { card: shown, summary } of nudgeCardsSaying(unit.repeat(10_000 / unit.length), 'long')) {
      expect(activityBytes(shown, summary)).toBeLessThanOrEqual(60 * 1024);
      expect(parseProblems(shown)).toEqual([]);
    }
  }
});

test('a digest counts and names what was held back since the last one', () => {
  const held = digestCard(aHeldBackDigest());
  expect(textById(held, 'state')).toContain('10 reminders held back');
  expect(textById(held, 'reminders')).toContain('EX-7, secret-scanning of payments-api in prod: is it still needed?');
  expect(digestSummary(aHeldBackDigest())).toContain('10 reminders held back');
  expect(activityBytes(held, digestSummary(aHeldBackDigest()))).toBeLessThan(60 * 1024);
});
