import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addWorkingMinutes,
  dateIn,
  dayEnd,
  isWorkingTime,
  longSpan,
  morningOf,
} from '../../services/domain/calendar.ts';
import type { Calendar } from '../../services/domain/contract.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** Monday to Friday, 09:00 to 17:30 in Berlin. */
function aCalendar(overrides: Partial<Calendar> = {}): Calendar {
  return {
    timezone: 'Europe/Berlin',
    workingDays: [1, 2, 3, 4, 5],
    workingMinutes: [540, 1050],
    holidays: [],
    ...overrides,
  };
}

test.each([
  ['within a day', '2026-11-23T09:00:00.000Z', 60, '2026-11-23T10:00:00.000Z'],
  ['from before the day begins', '2026-11-23T03:00:00.000Z', 60, '2026-11-23T09:00:00.000Z'],
  ['to the very end of a day', '2026-11-23T08:00:00.000Z', 510, '2026-11-23T16:30:00.000Z'],
  ['into the next day', '2026-11-23T08:00:00.000Z', 511, '2026-11-24T08:01:00.000Z'],
  ['from after the day has ended', '2026-11-23T20:00:00.000Z', 30, '2026-11-24T08:30:00.000Z'],
  ['from the instant at which the day ends', '2026-11-23T16:30:00.000Z', 1, '2026-11-24T08:01:00.000Z'],
  ['over a weekend', '2026-11-20T16:00:00.000Z', 60, '2026-11-23T08:30:00.000Z'],
  ['with seconds', '2026-11-23T09:00:12.345Z', 60, '2026-11-23T10:00:12.345Z'],
])('working time passes %s', (_, from, minutes, until) => {
  expect(addWorkingMinutes(aCalendar(), from, minutes)).toBe(until);
});

test('a holiday has no working time, by the date where the people are', () => {
  const calendar = aCalendar({ timezone: 'Pacific/Auckland', holidays: ['2026-11-24'] });

  // 24 November 09:00 in Auckland is still the 23rd in UTC.
  expect(addWorkingMinutes(calendar, '2026-11-23T20:00:00.000Z', 1)).toBe('2026-11-24T20:01:00.000Z');
});

test('a date that a zone skips has no working time', () => {
  const calendar = aCalendar({ timezone: 'Pacific/Apia', workingDays: EVERY_DAY });

  // From the evening of 29 December: the next morning there is that of the 31st.
  expect(addWorkingMinutes(calendar, '2011-12-30T05:00:00.000Z', 1)).toBe('2011-12-30T19:01:00.000Z');
});

/** Where one minute after the opening lies, on a day that begins at `from`. */
const VECTORS: readonly [string, string, string, string, string][] = [
  ['Europe/Berlin', 'before the clocks change', '2026-03-26T23:00:00.000Z', '09:00', '2026-03-27T08:01:00.000Z'],
  ['Europe/Berlin', 'after they have', '2026-03-29T22:00:00.000Z', '09:00', '2026-03-30T07:01:00.000Z'],
  ['Europe/Berlin', 'in the gap', '2026-03-28T23:00:00.000Z', '02:30', '2026-03-29T01:01:00.000Z'],
  ['Europe/Berlin', 'just before the gap', '2026-03-28T23:00:00.000Z', '01:59', '2026-03-29T01:00:00.000Z'],
  ['Europe/Berlin', 'just after the gap', '2026-03-28T23:00:00.000Z', '03:00', '2026-03-29T01:01:00.000Z'],
  ['America/New_York', 'in the gap', '2026-03-08T05:00:00.000Z', '02:30', '2026-03-08T07:01:00.000Z'],
  ['Europe/Berlin', 'shown twice', '2026-10-24T22:00:00.000Z', '02:30', '2026-10-25T00:31:00.000Z'],
  ['America/New_York', 'shown twice', '2026-11-01T04:00:00.000Z', '01:30', '2026-11-01T05:31:00.000Z'],
  ['Asia/Kathmandu', 'a quarter of an hour aside', '2026-06-01T18:15:00.000Z', '09:00', '2026-06-02T03:16:00.000Z'],
  ['Australia/Lord_Howe', 'in a gap of half an hour', '2026-10-03T13:30:00.000Z', '02:15', '2026-10-03T15:31:00.000Z'],
  [
    'America/Sao_Paulo',
    'at a midnight that is skipped',
    '2018-11-04T03:00:00.000Z',
    '00:00',
    '2018-11-04T03:01:00.000Z',
  ],
  ['America/Sao_Paulo', 'in a gap at midnight', '2018-11-04T03:00:00.000Z', '00:30', '2018-11-04T03:01:00.000Z'],
  [
    'Pacific/Apia',
    'on the day after one that is skipped',
    '2011-12-30T10:00:00.000Z',
    '09:00',
    '2011-12-30T19:01:00.000Z',
  ],
];

test.each(VECTORS)('in %s, %s: of a day from %s an opening at %s is at %s', (timezone, _, from, opening, expected) => {
  const [hour = 0, minute = 0] = opening.split(':').map(Number);
  const workingMinutes = [hour * 60 + minute, 1440] as const;

  expect(addWorkingMinutes(aCalendar({ timezone, workingDays: EVERY_DAY, workingMinutes }), from, 1)).toBe(expected);
});

test.each([
  ['2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', 23],
  ['2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', 25],
])('the day from %s has its %s hours: working time is time that passes', (from, until, hours) => {
  const calendar = aCalendar({ workingDays: EVERY_DAY, workingMinutes: [0, 1440] });

  expect(addWorkingMinutes(calendar, from, hours * 60)).toBe(until);
});

test('a calendar without enough working time is a fault that says so', () => {
  const calendar = aCalendar({ workingDays: [] });

  expect(() => addWorkingMinutes(calendar, '2026-11-23T09:00:00.000Z', 1)).toThrow(
    new RangeError('the calendar has no 1 working minutes within 400 days of 2026-11-23T09:00:00.000Z'),
  );
});

const ZONES = Intl.supportedValuesOf('timeZone');
const anyHours = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
  .filter(([from, until]) => until - from >= 120);
/** None of their ends is ever shown twice by a clock. */
const anyCalmHours = anyHours.filter((ends) =>
  ends.every((minute) => minute % 1440 === 0 || (minute >= 240 && minute <= 1380)),
);
const anyCalendar = fc
  .record({
    timezone: fc.constantFrom(...ZONES),
    workingDays: fc.subarray(EVERY_DAY, { minLength: 1 }),
    hours: fc
      .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
      .filter(([a, b]) => b - a >= 120),
    holidays: fc.subarray(['2026-03-29', '2026-03-30', '2026-10-25', '2026-12-25']),
  })
  .map(({ hours, ...rest }): Calendar => ({ ...rest, workingMinutes: hours }));
const anyFrom = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());

const FORMATS = new Map<string, Intl.DateTimeFormat>();
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Date, ISO weekday and minute of the day as clocks on the wall show them; an oracle of its own. */
function wallClock(timezone: string, at: number): { date: string; weekday: number; minute: number } {
  const format =
    FORMATS.get(timezone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  FORMATS.set(timezone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    weekday: WEEKDAYS.indexOf(String(parts['weekday'])) + 1,
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

/** Whether the minute that begins at `at` is working time. */
function isWorking(calendar: Calendar, at: number): boolean {
  const { date, weekday, minute } = wallClock(calendar.timezone, at);
  const [opens, closes] = calendar.workingMinutes;
  const inHours = opens <= minute && minute < closes;
  return inHours && calendar.workingDays.includes(weekday) && !calendar.holidays.includes(date);
}

const MINUTE = 60_000;

test('in every zone somebody works exactly in the working hours of a working day', () => {
  const anyInstant = fc.integer({ min: 0, max: 86_400_000 });
  fc.assert(
    fc.property(anyCalendar, anyCalmHours, anyFrom, anyInstant, (any, workingMinutes, from, after) => {
      const calendar = { ...any, workingMinutes };
      const at = Math.floor((Date.parse(from) + after) / MINUTE) * MINUTE;
      expect(isWorkingTime(calendar, new Date(at).toISOString())).toBe(isWorking(calendar, at));
    }),
    { numRuns: 150 },
  );
});

test('a morning is by the clock on the wall, on days without work too', () => {
  const holiday = aCalendar({ holidays: ['2026-11-24'] });
  expect(morningOf(holiday, '2026-11-24')).toBe('2026-11-24T08:00:00.000Z');
  expect(morningOf(holiday, '2026-07-05')).toBe('2026-07-05T07:00:00.000Z');
});

test('in every zone the result ends a minute of working time after the start', () => {
  fc.assert(
    fc.property(anyCalendar, anyFrom, fc.integer({ min: 1, max: 1_000 }), (calendar, from, minutes) => {
      const until = Date.parse(addWorkingMinutes(calendar, from, minutes));
      expect(until).toBeGreaterThanOrEqual(Date.parse(from) + minutes * MINUTE);
      expect(isWorking(calendar, until - 1)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('in every zone more minutes end later, and minutes may be added in two steps', () => {
  const someMinutes = fc.integer({ min: 1, max: 600 });
  fc.assert(
    fc.property(anyCalendar, anyFrom, someMinutes, someMinutes, (calendar, from, first, second) => {
      const one = addWorkingMinutes(calendar, from, first);
      const both = addWorkingMinutes(calendar, from, first + second);
      expect(both > one).toBe(true);
      expect(addWorkingMinutes(calendar, one, second)).toBe(both);
    }),
    { numRuns: 150 },
  );
});

const FORWARD = [
  ['Europe/Berlin', '2026-03-28'],
  ['America/New_York', '2026-03-07'],
  ['America/Havana', '2026-03-07'],
  ['Asia/Beirut', '2026-03-28'],
  ['Australia/Lord_Howe', '2026-10-02'],
] as const;
const BACK = [
  ['Europe/Berlin', '2026-10-24'],
  ['America/New_York', '2026-10-31'],
  ['America/Havana', '2026-10-31'],
  ['Asia/Beirut', '2026-10-24'],
  ['Australia/Lord_Howe', '2026-04-03'],
] as const;

function expectCounted(calendar: Calendar, from: number, minutes: number): void {
  let at = from;
  for (let left = minutes; left > 0; at += MINUTE) if (isWorking(calendar, at)) left -= 1;
  expect(addWorkingMinutes(calendar, new Date(from).toISOString(), minutes)).toBe(new Date(at).toISOString());
}

test.each([
  ['forward', FORWARD, anyHours],
  ['back', BACK, anyCalmHours],
] as const)('where clocks go %s, counting minute by minute on the wall gives the same', (_, changes, hours) => {
  const minute = fc.integer({ min: 0, max: 1_439 });
  fc.assert(
    fc.property(
      fc.constantFrom(...changes),
      hours,
      minute,
      minute,
      ([timezone, day], workingMinutes, offset, minutes) => {
        const calendar = aCalendar({ timezone, workingDays: EVERY_DAY, workingMinutes });
        expectCounted(calendar, Date.parse(`${day}T00:00:00.000Z`) + offset * MINUTE, 1 + Math.floor(minutes / 4));
      },
    ),
    { numRuns: 60 },
  );
});

test.each([
  ['Europe/Berlin', '2026-12-19T22:59:59.000Z', '2026-12-19'],
  ['Europe/Berlin', '2026-12-19T23:00:00.000Z', '2026-12-20'],
  ['Pacific/Auckland', '2026-12-19T11:00:00.000Z', '2026-12-20'],
])('in %s the day at %s is %s', (timezone, at, date) => {
  expect(dateIn({ timezone }, at)).toBe(date);
});

test('the evening is found from which working time takes longer by the clock', () => {
  const monday = '2026-11-23T00:00:00.000Z';

  expect(longSpan(aCalendar(), monday, 60, 46)).toEqual({
    from: '2026-11-27T16:30:00.000Z',
    until: '2026-11-30T09:00:00.000Z',
  });
  expect(longSpan(aCalendar({ workingDays: EVERY_DAY }), monday, 60, 46)).toBeUndefined();
  expect(
    longSpan(aCalendar({ workingDays: EVERY_DAY, holidays: ['2027-05-01', '2027-05-02'] }), monday, 60, 46),
  ).toEqual({
    from: '2027-04-30T15:30:00.000Z',
    until: '2027-05-03T08:00:00.000Z',
  });
});

test('working time that takes days is long without a day off', () => {
  const always = aCalendar({ workingDays: EVERY_DAY });

  expect(longSpan(always, '2026-11-23T00:00:00.000Z', 900, 46)).toBeUndefined();
  expect(longSpan(always, '2026-11-23T00:00:00.000Z', 1_530, 46)).toEqual({
    from: '2026-11-23T16:30:00.000Z',
    until: '2026-11-26T16:30:00.000Z',
  });
});

test('working time that takes years is long, not a fault', () => {
  const rare = aCalendar({ workingDays: [1], workingMinutes: [540, 541] });

  expect(longSpan(rare, '2026-11-23T00:00:00.000Z', 43_200, 46)).toEqual({ from: '2026-11-23T08:01:00.000Z' });
});

test.each([
  ['Europe/Berlin', '2026-12-19', '2026-12-19T23:00:00.000Z'],
  ['Pacific/Auckland', '2026-12-20', '2026-12-20T11:00:00.000Z'],
  ['America/Sao_Paulo, where a midnight was skipped', '2018-11-03', '2018-11-04T03:00:00.000Z'],
])('in %s the day %s ends at %s', (where, date, end) => {
  const [timezone = ''] = where.split(',');

  expect(dayEnd({ timezone }, date)).toBe(end);
});
