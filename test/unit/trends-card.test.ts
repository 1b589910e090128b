import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { reviewCard, reviewSummary } from '../../cards/review-card.ts';
import { trendPromotionCard } from '../../cards/trend-promotion-card.ts';
import { trendsCard, trendsSummary } from '../../cards/trends-card.ts';
import { BOB } from '../builders.ts';
import { buttonById, buttonsOf, factValue, objectsIn, textById } from '../cards/read.ts';
import { aReview, RECORDED, samplePromotion, sampleTrends } from '../cards/trend-samples.ts';
import { aTally, secrets, someTrends } from '../trends.ts';

const TRENDS = sampleTrends();
const charts = () => objectsIn(trendsCard(TRENDS)).filter(({ type }) => String(type).startsWith('Chart.'));

test('the trends say how much is open, how old it is by class, where it is, and who owns none of it', () => {
  const card = trendsCard(TRENDS);

  expect(textById(card, 'title')).toBe('Trends');
  expect(textById(card, 'state')).toContain('63 open findings, +2 in the last 7 days');
  expect(textById(card, 'state')).toContain('Nothing here stops a deployment or asks for an approval.');
  expect(factValue(card, 'facts', 'Monitor')).toBe(
    '53 open, 2 new; half up to 20 days old, 90 % up to 200 days, the oldest 200 days; age not known of 45',
  );
  expect(textById(card, 'history')).toContain('sast: in 8 of 8 weeks');
  expect(textById(card, 'findings')).toContain(
    '49: sast for payments-api in staging, payments-team – 8 warn, 41 only counted',
  );
  expect(textById(card, 'gate')).toContain('orders-founders: nobody active is left, 12 findings in 1 service');
  expect(textById(card, 'exceptions')).toContain('secret-scanning: 1 opened, 1 closed, 1 in force');
  expect(cardText(card)).toContain(
    'Prompts in the last 7 days: 7 people were asked, half of them at least 2 times; most often Bob Baker (9, 5 held back) and Carla Cruz (4).',
  );
  expect(cardText(card)).toContain('7 reminders were held back from 2 people who had as many messages that day');
});

test('each chart has its numbers as text, for clients that draw none and for whoever has the card read aloud', () => {
  expect(charts().map(({ type }) => type)).toEqual(['Chart.Line', 'Chart.HorizontalBar.Stacked']);
  for (const { data, fallback } of charts()) {
    const numbers = objectsIn(data).flatMap(({ y, value }) => [y, value].filter((one) => typeof one === 'number'));
    const text = String((fallback as { readonly text: string }).text);
    for (const one of numbers.filter((number) => number !== 0)) expect(text).toContain(String(one));
  }
  // Phones draw an empty one, without its fallback.
  expect(charts().map(({ targetWidth }) => targetWidth)).toEqual(['atLeast:Standard', 'atLeast:Standard']);
  expect(cardText(trendsCard(TRENDS))).toContain('16 Nov +');
});

test('no single finding is on it: neither fingerprint, path nor rule', () => {
  const text = JSON.stringify(trendsCard(sampleTrends(), { review: aReview() }));

  expect(text).not.toMatch(/[0-9a-f]{32}|generic-api-key|sql-injection|src\//);
});

test('only whoever reviews has a button to record it; what is only counted has one to give it an owner', () => {
  expect(buttonsOf(trendsCard(TRENDS)).map(({ id }) => id)).toEqual(['promote-1']);
  const card = trendsCard(TRENDS, { review: aReview({ revision: 3 }) });
  expect(buttonById(card, 'record')?.data).toEqual({
    verb: 'review.record',
    reviewId: '2026-11-23',
    revision: 3,
  });
  expect(buttonById(card, 'promote-1')?.data).toEqual({ verb: 'trend.promote', control: 'sast', revision: 7 });
  expect(textById(card, 'state')).toContain('devsecops is asked to look at this.');
});

test('where nothing is open, nothing is made up', () => {
  const card = trendsCard(someTrends([]));

  expect(textById(card, 'state')).toContain('0 open findings, none new and none gone in the last 7 days');
  expect(textById(card, 'findings')).toContain('Nothing is open.');
  expect(textById(card, 'exceptions')).toBeUndefined();
  expect(trendsSummary(someTrends([]))).toBe('Trends: 0 open findings, none new and none gone in the last 7 days');
});

test('a reminder names who was asked, its escalation what the owner can do, and neither shows figures of its own', () => {
  const remind = reviewCard(aReview(), 'remind');
  expect(textById(remind, 'title')).toBe('Reminder: nobody has reviewed the trends since Mon 23 Nov 2026');
  expect(textById(remind, 'state')).toContain('devsecops was sent the figures on Mon 23 Nov 2026, 08:00 UTC.');
  expect(buttonById(remind, 'record')).toBeDefined();
  const escalated = reviewCard(aReview(), 'escalate');
  expect(textById(escalated, 'state')).toContain('5 working days have passed. You own the contract:');
  const { sentAt: _, shows: __, ...unsent } = aReview();
  expect(textById(reviewCard(unsent, 'escalate'), 'state')).toContain('could not be sent the figures');
  expect(buttonsOf(reviewCard(unsent, 'escalate'))).toEqual([]);
});

test('once recorded there is nothing left to click, and it says who did', () => {
  const review = aReview({ recorded: RECORDED });
  const card = reviewCard(review, 'recorded');

  expect(textById(card, 'state')).toBe(
    'Bob Baker recorded on Mon 23 Nov 2026, 10:00 UTC to have looked at it. Nothing is left to do.',
  );
  expect(textById(reviewCard(review, 'recorded', { oid: BOB.oid }), 'state')).toContain('You recorded');
  expect(buttonsOf(card)).toEqual([]);
  expect(reviewSummary(review, 'recorded')).toBe('Reviewed: the trends since Mon 23 Nov 2026');
});

test('the promotion shows the rule as it stands and as it could be, who would own it, and that nothing was changed', () => {
  const card = trendPromotionCard(samplePromotion(), 6);

  expect(textById(card, 'history')).toContain('- { then: monitor }');
  expect(textById(card, 'history')).toContain('severity: [critical, high, medium, low] }, then: warn');
  expect(textById(card, 'history')).toContain('Nothing was changed.');
  expect(factValue(card, 'facts', 'Owner')).toBe('of each service; security-leads where the catalog knows none');
  expect(factValue(card, 'facts', 'Contract')).toBe('version 7, which is newer than the figures');
});

test('a cluster that no control claims says so', () => {
  const { control: _, ...stray } = secrets(1, 4);
  const trends = someTrends([aTally({ places: [{ environment: 'prod', groups: [stray] }] })]);

  expect(textById(trendsCard(trends), 'findings')).toContain('4: no control for payments-api in prod');
  expect(textById(trendsCard(trends), 'gate')).toContain('4 findings that no control claims');
});
