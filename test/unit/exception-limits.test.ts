import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { exceptionCard } from '../../cards/exception-card.ts';
import type { Exception } from '../../services/domain/exception.ts';
import { answered } from '../../services/domain/exception-life.ts';
import { tightened, withinLimits } from '../../services/domain/exception-limits.ts';
import { plusDays } from '../../services/domain/instant.ts';
import { anAsker, aRecord } from '../exceptions.ts';
import { aContract, NOW } from './judge-input.ts';

const CALENDAR = aContract().calendar;
const UNTIL = plusDays(NOW.slice(0, 10), 10);
const record = aRecord();
const ONE: Exception = {
  ...record,
  terms: { ...record.terms, until: UNTIL, review: { everyDays: 7 } },
  reviews: { missed: 0, snoozed: 0 },
};
const GRANTED = { maxDays: 30, reviewEveryDays: 7 };
const ask = (exception: Exception, expiry: typeof GRANTED | undefined, now = NOW) =>
  tightened(exception, expiry, now, CALENDAR);

test.each<[string, typeof GRANTED | undefined, object | undefined]>([
  ['as it was granted', GRANTED, undefined],
  ['exactly what is left', { ...GRANTED, maxDays: 10 }, undefined],
  ['a day less than is left', { ...GRANTED, maxDays: 9 }, { maxDays: 9 }],
  ['none any more', { ...GRANTED, maxDays: 0 }, { maxDays: 0 }],
  ['more frequent reviews', { ...GRANTED, reviewEveryDays: 6 }, { reviewEveryDays: 6 }],
  ['less of both', { maxDays: 3, reviewEveryDays: 2 }, { maxDays: 3, reviewEveryDays: 2 }],
  ['rarer reviews', { maxDays: 60, reviewEveryDays: 30 }, undefined],
  ['no such control', undefined, undefined],
])('a contract that grants %s: its owner is asked only about what is stricter', (_, expiry, limits) => {
  expect(ask(ONE, expiry)?.reviews).toEqual(
    limits === undefined ? undefined : expect.objectContaining({ askedAt: NOW, limits }),
  );
});

test('only one that is in force is asked about', () => {
  for (const state of ['requested', 'suspended', 'expired', 'revoked'] as const)
    expect(ask({ ...ONE, state }, { maxDays: 1, reviewEveryDays: 1 })).toBeUndefined();
});

test('the same limits are asked about once, answered or not; others once more', () => {
  const asked = ask(ONE, { maxDays: 3, reviewEveryDays: 2 }) as Exception;
  const kept = answered(asked, { answer: 'keep', by: anAsker().by, why: 'It is mended on Friday' }, NOW, CALENDAR);
  for (const one of [asked, kept]) {
    expect(ask(one, { maxDays: 3, reviewEveryDays: 2 })).toBeUndefined();
    expect(ask(one, { maxDays: 30, reviewEveryDays: 2 })).toBeUndefined();
    expect(ask(one, { maxDays: 2, reviewEveryDays: 2 })?.reviews.limits).toEqual({ maxDays: 2, reviewEveryDays: 2 });
  }
  const less = withinLimits(kept, { maxDays: 30, reviewEveryDays: 2 }, NOW);
  expect(less.reviews.limits).toEqual({ reviewEveryDays: 2 });
  const other = withinLimits(kept, { maxDays: 2, reviewEveryDays: 2 }, NOW);
  expect(ask(other, { maxDays: 2, reviewEveryDays: 2 })).toBeDefined();
  const relaxed = withinLimits(kept, GRANTED, NOW);
  expect(relaxed.reviews).not.toHaveProperty('limits');
  expect(ask(relaxed, { maxDays: 3, reviewEveryDays: 2 })).toBeDefined();
});

test.each([
  [{ maxDays: 3 }, 'The contract now grants at most 3 days: '],
  [{ maxDays: 0 }, 'The contract now grants none of its kind any more: '],
  [{ reviewEveryDays: 1 }, 'The contract now asks for a review every 1 day at least: '],
  [{ maxDays: 3, reviewEveryDays: 2 }, 'grants at most 3 days and asks for a review every 2 days at least: '],
])('the reason is said with the question: %j', (limits, words) => {
  const asked = { ...ONE, reviews: { ...ONE.reviews, askedAt: NOW, limits } };
  expect(cardText(exceptionCard(asked, {}))).toContain(words);
  expect(cardText(exceptionCard(ONE, {}))).not.toContain('The contract now');
});
