import { reviewCard } from '../../cards/review-card.ts';
import { trendPromotionCard } from '../../cards/trend-promotion-card.ts';
import { trendsCard } from '../../cards/trends-card.ts';
import type { Review } from '../../services/domain/review.ts';
import type { Trends } from '../../services/domain/trend.ts';
import { ownedWarning } from '../../services/domain/trend-change.ts';
import { BOB, CARLA, TENANT } from '../builders.ts';
import { aLife, daysAgo, ruleOf } from '../calibrations.ts';
import { aSastLife, aTally, counted, secrets, seen, someTrends } from '../trends.ts';
import { aContract, aControl, NOW } from '../unit/judge-input.ts';
import type { CardSample } from './samples.ts';
import { aGrantedException, someTerms } from './shown-exceptions.ts';

/** Of two services over eight weeks, of which one has an owner who left. */
export function sampleTrends(over: Partial<Trends> = {}): Trends {
  const lives = [0, 3, 9, 12, 16, 24, 31, 40, 50].flatMap((days) => [aSastLife(days), aSastLife(days + 5, days)]);
  const payments = aTally({
    places: [
      { environment: 'prod', groups: [secrets(1, 2), counted(10, 34)] },
      { environment: 'staging', groups: [counted(10, 41), counted(60, 8, { decision: 'warn' })] },
    ],
    pasts: seen([0, 3, 8, 20, 45, 200], 10),
    lives: [...lives, aLife(30, 20, 2)],
  });
  const orders = aTally({
    service: 'orders-api',
    places: [{ environment: 'prod', groups: [counted(80, 12, { owner: 'group:orders-founders' })] }],
    pasts: seen([90, 120], 80),
  });
  const exceptions = [
    aGrantedException(),
    aGrantedException({ terms: someTerms({ until: '2026-11-20' }), grantedAt: daysAgo(30) }),
  ];
  return {
    ...someTrends([payments, orders], {
      vacant: new Set(['group:orders-founders'] as const),
      exceptions,
      prompts: {
        people: 7,
        median: 2,
        most: [
          { name: BOB.name, count: 9, heldBack: 5 },
          { name: CARLA.name, count: 4 },
        ],
        heldBack: { count: 7, people: 2 },
      },
    }),
    ...over,
  };
}

export function aReview(over: Partial<Review> = {}): Review {
  return {
    id: '2026-11-23',
    reviewer: 'group:devsecops',
    remindAt: '2026-11-24T16:30:00.000Z',
    escalateAt: '2026-11-27T16:30:00.000Z',
    revision: 1,
    shows: 'ab'.repeat(32),
    sentAt: '2026-11-23T08:00:00.000Z',
    messages: [],
    ...over,
  };
}

export const RECORDED = {
  by: { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name },
  at: '2026-11-23T10:00:00.000Z',
  seen: 'ab'.repeat(32),
  op: 'click',
} as const;

export function samplePromotion() {
  const control = aControl({ name: 'sast', signal: { category: 'sast' }, decisions: [ruleOf('monitor')] });
  const contract = aContract(control);
  const change = ownedWarning(contract, control, NOW);
  if (change === undefined) throw new Error('the sample has something to promote');
  return { control, change, contractVersion: contract.version };
}

/** The cards of `trends`, of its reviews and of `trend.promote`. */
export function trendSamples(): CardSample[] {
  const review = aReview();
  const { sentAt: _, shows: __, ...unsent } = review;
  return [
    { name: 'trends', card: trendsCard(sampleTrends({ leftOut: 12, unkept: 150 })) },
    { name: 'trends-none', card: trendsCard(someTrends([])) },
    { name: 'trends-review', card: trendsCard(sampleTrends(), { review }) },
    { name: 'trends-reminder', card: reviewCard(review, 'remind') },
    { name: 'trends-escalated', card: reviewCard(review, 'escalate') },
    { name: 'trends-unsent', card: reviewCard(unsent, 'escalate') },
    { name: 'trends-reviewed', card: reviewCard(aReview({ recorded: RECORDED }), 'recorded') },
    { name: 'trends-promote', card: trendPromotionCard(samplePromotion(), 6) },
  ];
}
