import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateIn } from '../../services/domain/calendar.ts';
import type { Cadence } from '../../services/domain/contract.ts';
import { type DateBasis, readWrittenDate } from '../../services/domain/written-date.ts';

/** Tuesday 24 November 2026, ten o'clock in Berlin. */
const basis = (over: Partial<DateBasis> = {}): DateBasis => ({
  now: '2026-11-24T09:00:00.000Z',
  timezone: 'Europe/Berlin',
  maxDays: 400,
  ...over,
});
const cadences = new Map<string, Cadence>([
  ['sprint', { everyDays: 14, from: '2026-11-23' }],
  ['Weekly-Sync', { everyDays: 7, on: 3 }],
  ['release', { everyDays: 14, from: '2026-11-23', on: 4 }],
  ['audit', { everyDays: 30 }],
]);
const dateOf = (text: string, over: Partial<DateBasis> = {}) => {
  const read = readWrittenDate(text, basis({ cadences, ...over }));
  return read.kind === 'date' ? read.date : read.why;
};

test.each([
  ['2026-12-01', '2026-12-01'],
  ['2026-11-24', '2026-11-24'],
  ['today', '2026-11-24'],
  ['Tomorrow', '2026-11-25'],
  ['Friday', '2026-11-27'],
  ['fri', '2026-11-27'],
  ['MON', '2026-11-30'],
  ['thurs', '2026-11-26'],
  ['in 10 days', '2026-12-04'],
  ['in  1  day', '2026-11-25'],
  ['in 2 weeks', '2026-12-08'],
  ['end of sprint', '2026-12-06'],
  ['next sprint', '2026-12-07'],
  ['next weekly-sync', '2026-11-25'],
  ['end of release', '2026-11-25'],
])('%j is %s', (text, date) => {
  expect(dateOf(text)).toBe(date);
});

test('a weekday is the next one, never today', () => {
  expect(dateOf('Tuesday')).toBe('2026-12-01');
});

test('the last day of a sprint is still of that sprint, its first day of the new one', () => {
  expect(dateOf('end of sprint', { now: '2026-12-06T12:00:00.000Z' })).toBe('2026-12-06');
  expect(dateOf('end of sprint', { now: '2026-12-07T12:00:00.000Z' })).toBe('2026-12-20');
  expect(dateOf('end of sprint', { now: '2026-11-22T12:00:00.000Z' })).toBe('2026-11-22');
});

test.each([
  ['friyay', { code: 'date-unreadable' }],
  ['', { code: 'date-unreadable' }],
  ['fr', { code: 'date-unreadable' }],
  ['2026-02-29', { code: 'date-unreadable' }],
  ['2026-13-01', { code: 'date-unreadable' }],
  ['01.12.2026', { code: 'date-unreadable' }],
  ['2026-12-01T10:00', { code: 'date-unreadable' }],
  ['in -3 days', { code: 'date-unreadable' }],
  ['in 99999 days', { code: 'date-unreadable' }],
  ['2026-11-23', { code: 'date-past', date: '2026-11-23' }],
  ['2028-01-01', { code: 'date-too-far', latest: '2027-12-29' }],
  ['in 401 days', { code: 'date-too-far', latest: '2027-12-29' }],
  ['end of quarter', { code: 'cadence-unknown', cadences: ['sprint', 'Weekly-Sync', 'release', 'audit'] }],
  ['end of audit', { code: 'cadence-without-start', cadence: 'audit' }],
])('%j is refused', (text, why) => {
  expect(dateOf(text)).toEqual(why);
});

test('without a calendar no cadence is known', () => {
  expect(readWrittenDate('end of sprint', basis())).toMatchObject({ why: { code: 'cadence-unknown', cadences: [] } });
});

test('the day that is allowed last is taken, the one after it is not', () => {
  expect(dateOf('in 30 days', { maxDays: 30 })).toBe('2026-12-24');
  expect(dateOf('in 31 days', { maxDays: 30 })).toEqual({ code: 'date-too-far', latest: '2026-12-24' });
});

test('29 February is a day in a leap year, and the day after 28 February', () => {
  expect(dateOf('2028-02-29', { now: '2028-02-28T09:00:00.000Z' })).toBe('2028-02-29');
  expect(dateOf('tomorrow', { now: '2028-02-28T09:00:00.000Z' })).toBe('2028-02-29');
  expect(dateOf('tomorrow', { now: '2027-02-28T09:00:00.000Z' })).toBe('2027-03-01');
});

test('the year ends where the person is', () => {
  const now = '2026-12-31T23:30:00.000Z';

  expect(dateOf('today', { now })).toBe('2027-01-01');
  expect(dateOf('today', { now, timezone: 'America/New_York' })).toBe('2026-12-31');
  expect(dateOf('tomorrow', { now, timezone: 'America/New_York' })).toBe('2027-01-01');
});

test.each([
  ['on an ordinary day', '2026-11-24', 'Europe/Berlin', '2026-11-24T23:00:00.000Z'],
  ['on a day of 23 hours', '2026-03-29', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['on a day of 25 hours', '2026-10-25', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  ['before a midnight that is skipped', '2018-11-03', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
  ['before a day that is skipped', '2011-12-29', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
])('a date lasts to the end of its day: %s', (_when, date, timezone, until) => {
  const now = `${date}T01:00:00.000Z`;

  expect(readWrittenDate(date, basis({ now, timezone }))).toEqual({ kind: 'date', date, until });
});

test('in every zone the end of a date is the first instant of another day, and lies ahead', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland', 'UTC');
  const nows = fc.date({ min: new Date('2025-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zones, nows, fc.integer({ min: 0, max: 400 }), (timezone, at, days) => {
      const now = at.toISOString();
      const read = readWrittenDate(`in ${days} days`, basis({ now, timezone }));
      if (read.kind !== 'date') throw new Error('not read');
      const before = new Date(Date.parse(read.until) - 1).toISOString();

      expect(read.until > now).toBe(true);
      expect(dateIn({ timezone }, before)).toBe(read.date);
      expect(dateIn({ timezone }, read.until) > read.date).toBe(true);
    }),
  );
});
