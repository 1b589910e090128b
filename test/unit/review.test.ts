import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isWorkingTime,
  openedReview,
  periodStart,
  type Review,
  stepDone,
  stepDue,
} from '../../services/domain/review.ts';
import { aReview, RECORDED } from '../cards/trend-samples.ts';
import { aContract } from './judge-input.ts';

const CONTRACT = aContract();
const unsent = (): Review => {
  const { sentAt: _, shows: __, ...review } = aReview();
  return review;
};

test('periods of seven days begin on Mondays; every day belongs to exactly one period, whatever its length', () => {
  expect(periodStart('2026-11-23', 7)).toBe('2026-11-23');
  expect(periodStart('2026-11-29', 7)).toBe('2026-11-23');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 1, max: 365 }), (n, every) => {
      const date = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
      const start = periodStart(date(n), every);
      expect(start <= date(n) && date(n - every) < start).toBe(true);
      const next = periodStart(date(n + 1), every);
      expect(next === start || next === date(n + 1)).toBe(true);
    }),
  );
});

test('a review is opened in the first working morning of its period: after two working days it is reminded of, after five it is told', () => {
  expect(openedReview(CONTRACT, 'trends', '2026-11-23T07:59:59.999Z')).toBeUndefined();
  expect(openedReview(CONTRACT, 'trends', '2026-11-23T08:00:00.000Z')).toEqual({
    id: '2026-11-23',
    reviewer: 'group:devsecops',
    remindAt: '2026-11-24T16:30:00.000Z',
    escalateAt: '2026-11-27T16:30:00.000Z',
    revision: 0,
    messages: [],
  });
  const holiday = { ...CONTRACT, calendar: { ...CONTRACT.calendar, holidays: ['2026-11-23', '2026-11-24'] } };
  expect(openedReview(holiday, 'trends', '2026-11-23T12:00:00.000Z')).toBeUndefined();
  expect(openedReview(holiday, 'trends', '2026-11-25T12:00:00.000Z')?.id).toBe('2026-11-23');
});

test('one that is opened late, after a downtime, leaves its reviewer the whole time', () => {
  const { remindAt = '', escalateAt = '' } = openedReview(CONTRACT, 'trends', '2026-11-26T12:00:00.000Z') ?? {};

  expect([remindAt, escalateAt]).toEqual(['2026-11-30T12:00:00.000Z', '2026-12-03T12:00:00.000Z']);
});

test('working time is from the first minute to the last of a working day of the calendar, in its zone', () => {
  const times = [
    '2026-11-23T07:59:59.999Z',
    '2026-11-23T08:00:00.000Z',
    '2026-11-23T16:30:00.000Z',
    '2026-11-28T10:00:00.000Z',
  ];

  expect(times.map((at) => isWorkingTime(CONTRACT.calendar, at))).toEqual([false, true, false, false]);
});

test.each<[string, Review, string, boolean, ReturnType<typeof stepDue>]>([
  ['figures are sent in their period', unsent(), '2026-11-23T09:00:00.000Z', true, 'send'],
  ['and not after it', unsent(), '2026-11-23T09:00:00.000Z', false, undefined],
  ['nothing is due before two working days', aReview(), '2026-11-24T16:29:00.000Z', true, undefined],
  ['then the reviewer is reminded', aReview(), '2026-11-24T16:30:00.000Z', true, 'remind'],
  ['once', aReview({ remindedAt: '2026-11-25T08:00:00.000Z' }), '2026-11-26T16:30:00.000Z', true, undefined],
  ['then the owner hears of it', aReview(), '2026-11-27T16:30:00.000Z', false, 'escalate'],
  ['also when nobody was ever reached', unsent(), '2026-11-27T16:30:00.000Z', false, 'escalate'],
  [
    'once, without a reminder after it',
    aReview({ escalatedAt: '2026-11-30T08:00:00.000Z' }),
    '2026-12-01T09:00:00.000Z',
    false,
    undefined,
  ],
  ['nothing is due once it is recorded', aReview({ recorded: RECORDED }), '2026-12-01T09:00:00.000Z', true, undefined],
  [
    'what a process is at is left to it',
    aReview({ claim: { step: 'remind', at: '2026-11-25T08:00:00.000Z' } }),
    '2026-11-25T08:09:59.000Z',
    true,
    undefined,
  ],
  [
    'until it has died',
    aReview({ claim: { step: 'remind', at: '2026-11-25T08:00:00.000Z' } }),
    '2026-11-25T08:10:00.000Z',
    true,
    'remind',
  ],
])('%s', (_, review, now, isCurrent, step) => {
  expect(stepDue(review, now, isCurrent)).toBe(step);
});

test('a step that is done leaves no claim, and its messages are known beside the earlier ones', () => {
  const message = { recipient: 'user:a', conversation: 'c', activityId: '1' };
  const claimed = { ...unsent(), claim: { step: 'send', at: '2026-11-23T08:00:00.000Z' } } as const;
  const sent = stepDone(claimed, 'send', { messages: [message], shows: 'cd', at: '2026-11-23T08:00:01.000Z' });
  const reminded = stepDone(sent, 'remind', { messages: [message], at: '2026-11-25T08:00:00.000Z' });

  expect(sent).toMatchObject({ sentAt: '2026-11-23T08:00:01.000Z', shows: 'cd', messages: [message] });
  expect(sent).not.toHaveProperty('claim');
  expect(reminded).toMatchObject({ remindedAt: '2026-11-25T08:00:00.000Z', shows: 'cd', messages: [message, message] });
});
