import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateIn, workingMorning, workingMorningBefore } from '../../services/domain/calendar.ts';
import type { Calendar } from '../../services/domain/contract.ts';
import { expiryOf } from '../../services/domain/exception.ts';
import {
  answerDueAt,
  nextLookAt,
  nextReview,
  snoozedUntil,
  warningsOf,
} from '../../services/domain/exception-schedule.ts';
import { plusDays } from '../../services/domain/instant.ts';
import { aRecord, someTerms } from '../exceptions.ts';

/** Monday to Friday, 09:00 to 17:30 in Berlin; sprints of two weeks from Monday, the 2nd of November. */
function aCalendar(overrides: Partial<Calendar> = {}): Calendar {
  return {
    ...{ timezone: 'Europe/Berlin', workingDays: [1, 2, 3, 4, 5], workingMinutes: [540, 1050], holidays: [] },
    cadences: new Map([
      ['sprint', { everyDays: 14, from: '2026-11-02' }],
      ['thursdays', { everyDays: 7, on: 4 }],
      ['vague', { everyDays: 10 }],
    ]),
    ...overrides,
  };
}
const calendar = aCalendar();
const holiday = (...holidays: readonly string[]) => aCalendar({ holidays });

test.each([
  ['on a working day', calendar, '2026-11-24', '2026-11-24T08:00:00.000Z'],
  ['over a weekend', calendar, '2026-11-28', '2026-11-30T08:00:00.000Z'],
  ['over a holiday', holiday('2026-11-24'), '2026-11-24', '2026-11-25T08:00:00.000Z'],
  ['over a holiday before a weekend', holiday('2026-11-27'), '2026-11-27', '2026-11-30T08:00:00.000Z'],
  ['after the clocks went forward', calendar, '2026-03-29', '2026-03-30T07:00:00.000Z'],
  ['after the clocks went back', calendar, '2026-10-25', '2026-10-26T08:00:00.000Z'],
  ['in Auckland', aCalendar({ timezone: 'Pacific/Auckland' }), '2026-11-24', '2026-11-23T20:00:00.000Z'],
  ['in Honolulu', aCalendar({ timezone: 'Pacific/Honolulu' }), '2026-11-24', '2026-11-24T19:00:00.000Z'],
])('the first working morning %s', (_, where, date, at) => {
  expect(workingMorning(where, date)).toBe(at);
});

test.each([
  [0, calendar, '2026-11-24', '2026-11-24T08:00:00.000Z'],
  [1, calendar, '2026-11-24', '2026-11-23T08:00:00.000Z'],
  [1, calendar, '2026-11-23', '2026-11-20T08:00:00.000Z'],
  [1, calendar, '2026-11-29', '2026-11-27T08:00:00.000Z'],
  [7, calendar, '2026-11-24', '2026-11-13T08:00:00.000Z'],
  [1, holiday('2026-11-23', '2026-11-20'), '2026-11-24', '2026-11-19T08:00:00.000Z'],
  [1, calendar, '2026-03-30', '2026-03-27T08:00:00.000Z'],
  [1, calendar, '2026-03-31', '2026-03-30T07:00:00.000Z'],
  [1, aCalendar({ timezone: 'Pacific/Auckland' }), '2026-11-24', '2026-11-22T20:00:00.000Z'],
] as const)('%i working days before', (days, where, date, at) => {
  expect(workingMorningBefore(where, date, days)).toBe(at);
});

test('a calendar without any working day is a fault that says so', () => {
  expect(() => workingMorning(aCalendar({ workingDays: [] }), '2026-11-24')).toThrow(
    new RangeError('the calendar has no working day within 400 days of 2026-11-24'),
  );
});

const review = (everyDays: number, cadence?: string) =>
  someTerms({ until: '2027-03-01', review: { everyDays, ...(cadence === undefined ? {} : { cadence }) } });

test.each([
  ['every two days', review(2), '2026-11-24T16:00:00.000Z', '2026-11-26T08:00:00.000Z'],
  ['every day, into a weekend', review(1), '2026-11-27T16:00:00.000Z', '2026-11-30T08:00:00.000Z'],
  ['at the next sprint', review(14, 'sprint'), '2026-11-24T16:00:00.000Z', '2026-11-30T08:00:00.000Z'],
  [
    'on the day a sprint begins, at the next',
    review(14, 'sprint'),
    '2026-11-30T09:00:00.000Z',
    '2026-12-14T08:00:00.000Z',
  ],
  ['on Thursdays', review(7, 'thursdays'), '2026-11-24T16:00:00.000Z', '2026-11-26T08:00:00.000Z'],
  ['by a cadence without a day', review(10, 'vague'), '2026-11-24T16:00:00.000Z', '2026-12-04T08:00:00.000Z'],
  ['by a cadence that is gone', review(3, 'gone'), '2026-11-24T16:00:00.000Z', '2026-11-27T08:00:00.000Z'],
])('the owner is asked %s', (_, terms, after, at) => {
  expect(nextReview(terms, after, calendar)).toBe(at);
});

test('nobody is asked after it has ended', () => {
  const terms = someTerms({ until: '2026-11-27', review: { everyDays: 3 } });
  expect(nextReview(terms, '2026-11-24T10:00:00.000Z', calendar)).toBe('2026-11-27T08:00:00.000Z');
  expect(nextReview(terms, '2026-11-25T10:00:00.000Z', calendar)).toBeUndefined();
});

test('days are those of the people: in the evening in UTC it is tomorrow in Auckland, at night yesterday in Honolulu', () => {
  const auckland = aCalendar({ timezone: 'Pacific/Auckland' });
  expect(nextReview(review(1), '2026-11-23T22:00:00.000Z', auckland)).toBe('2026-11-24T20:00:00.000Z');
  expect(snoozedUntil('2026-11-23T22:00:00.000Z', auckland)).toBe('2026-11-24T20:00:00.000Z');
  const honolulu = aCalendar({ timezone: 'Pacific/Honolulu' });
  expect(nextReview(review(1), '2026-11-24T03:00:00.000Z', honolulu)).toBe('2026-11-24T19:00:00.000Z');
  expect(snoozedUntil('2026-11-24T03:00:00.000Z', honolulu)).toBe('2026-11-24T19:00:00.000Z');
});

const ZONES = [
  'Europe/Berlin',
  'Pacific/Auckland',
  'Pacific/Honolulu',
  'Australia/Lord_Howe',
  'America/New_York',
  'UTC',
];

test('everywhere a review lies ahead, in the morning of a working day, on the day of the cadence or right after it', () => {
  const instants = fc
    .date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString());
  const days = fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 });
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      days,
      instants,
      fc.integer({ min: 1, max: 20 }),
      (timezone, workingDays, now, every) => {
        const where = aCalendar({ timezone, workingDays });
        const at = nextReview(someTerms({ until: '2028-01-01', review: { everyDays: every } }), now, where) ?? '';
        expect(at > now).toBe(true);
        const date = dateIn(where, at);
        expect(workingMorning(where, date)).toBe(at);
        const wanted = plusDays(dateIn(where, now), every);
        expect(date >= wanted && workingMorning(where, wanted) === at).toBe(true);
        expect(snoozedUntil(now, where) > now).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

const active = aRecord({ grantedAt: '2026-11-20T10:00:00.000Z', terms: { until: '2026-12-18' } });

test('warnings are due 14, 7 and 1 working days before the last day, in the morning', () => {
  expect(warningsOf(active, calendar)).toEqual([
    { days: 14, at: '2026-11-30T08:00:00.000Z' },
    { days: 7, at: '2026-12-09T08:00:00.000Z' },
    { days: 1, at: '2026-12-17T08:00:00.000Z' },
  ]);
  expect(warningsOf({ ...active, warned: [14, 7] }, calendar).map(({ days }) => days)).toEqual([1]);
});

test('what came before it was granted is no warning, and what never was granted has none', () => {
  const late = { ...active, grantedAt: '2026-12-09T08:00:00.000Z' };
  expect(warningsOf(late, calendar).map(({ days }) => days)).toEqual([1]);
  const { grantedAt: _, ...asked } = active;
  expect(warningsOf(asked, calendar)).toEqual([]);
});

test('it is looked at when something comes first: its review, a warning, or its end', () => {
  const counted = { ...active, hides: { count: 1, at: '2026-12-16T10:00:00.000Z' } };
  const asks = { missed: 0, snoozed: 0 };
  expect(nextLookAt(counted, calendar)).toBe('2026-11-30T08:00:00.000Z');
  const soon = { ...counted, reviews: { ...asks, nextAt: '2026-11-24T08:00:00.000Z' } };
  expect(nextLookAt(soon, calendar)).toBe('2026-11-24T08:00:00.000Z');
  expect(nextLookAt({ ...counted, warned: [14, 7, 1] }, calendar)).toBe(expiryOf(active.terms));
  expect(nextLookAt({ ...soon, state: 'suspended' }, calendar)).toBe(expiryOf(active.terms));
  for (const state of ['rejected', 'withdrawn', 'expired', 'revoked', 'closed'] as const)
    expect(nextLookAt({ ...soon, state }, calendar)).toBeUndefined();
});

/** Asked for on Friday the 20th of November at 10:00 in Berlin. */
const asked = aRecord({ state: 'requested', terms: { until: '2026-12-18' } });

test.each([
  ['over the weekend', asked, calendar, '2026-11-23T09:00:00.000Z'],
  ['over a holiday', asked, holiday('2026-11-23'), '2026-11-24T09:00:00.000Z'],
  [
    'after the reminder',
    { ...asked, silence: { remindedAt: '2026-11-23T20:00:00.000Z' } },
    calendar,
    '2026-11-24T16:30:00.000Z',
  ],
])('a request that nobody decides is brought to mind a working day later, %s', (_, exception, where, at) => {
  expect(answerDueAt(exception, where)).toBe(at);
  expect(nextLookAt(exception, where)).toBe(at);
});

test('of a request that everybody has heard of, and of one that is decided or ends before that, nothing is due but its end', () => {
  const heard = { ...asked, silence: { remindedAt: NOON, unansweredAt: NOON } };
  expect(nextLookAt(heard, calendar)).toBe(expiryOf(asked.terms));
  expect(answerDueAt({ ...asked, state: 'rejected' }, calendar)).toBeUndefined();
  const short = { ...asked, terms: { ...asked.terms, until: '2026-11-21' } };
  expect(nextLookAt(short, calendar)).toBe(expiryOf(short.terms));
});

const NOON = '2026-11-25T11:00:00.000Z';
