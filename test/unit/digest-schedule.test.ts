import { IANAZone } from 'luxon';
import { expect, test } from 'vitest';
import { dateIn, workingSpan } from '../../services/domain/calendar.ts';
import type { Calendar } from '../../services/domain/contract.ts';
import { horizonOf, nextSlotAt, openSlot, slotOn } from '../../services/domain/digest-schedule.ts';
import { plusDays } from '../../services/domain/instant.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const NIGHT = [1080, 480] as const;

function aCalendar(over: Partial<Calendar> = {}): Calendar {
  return { timezone: 'Europe/Berlin', workingDays: EVERY_DAY, workingMinutes: [540, 1050], holidays: [], ...over };
}

const minuteOf = (hour: number, minute = 0) => hour * 60 + minute;

test.each([
  ['Europe/Berlin', '2026-03-27', minuteOf(9), '2026-03-27T08:00:00.000Z'],
  ['Europe/Berlin', '2026-03-30', minuteOf(9), '2026-03-30T07:00:00.000Z'],
  ['Europe/Berlin', '2026-03-29', minuteOf(2, 30), '2026-03-29T01:00:00.000Z'],
  ['America/New_York', '2026-03-08', minuteOf(2, 30), '2026-03-08T07:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25', minuteOf(2, 30), '2026-10-25T00:30:00.000Z'],
  ['America/New_York', '2026-11-01', minuteOf(1, 30), '2026-11-01T05:30:00.000Z'],
  ['Asia/Kathmandu', '2026-11-24', minuteOf(9), '2026-11-24T03:15:00.000Z'],
  ['Australia/Lord_Howe', '2026-10-04', minuteOf(2, 15), '2026-10-03T15:30:00.000Z'],
  ['America/Sao_Paulo', '2018-11-04', 0, '2018-11-04T03:00:00.000Z'],
])('in %s work on %s begins at minute %i, and the digest comes at %s', (timezone, date, opens, expected) => {
  const calendar = aCalendar({ timezone, workingMinutes: [opens, 1440] });
  expect(slotOn(calendar, [0, 0], date)?.from).toBe(expected);
});

test('a date that a zone skips has no digest', () => {
  const apia = aCalendar({ timezone: 'Pacific/Apia' });
  expect(slotOn(apia, NIGHT, '2011-12-30')).toBeUndefined();
  expect([slotOn(apia, NIGHT, '2011-12-29')?.date, slotOn(apia, NIGHT, '2011-12-31')?.date]).toEqual([
    '2011-12-29',
    '2011-12-31',
  ]);
});

test('a time that the clocks show twice is one slot, not two', () => {
  const calendar = aCalendar({ workingMinutes: [minuteOf(2, 30), minuteOf(4)] });
  const slot = slotOn(calendar, [0, 0], '2026-10-25');
  expect(slot).toEqual({ date: '2026-10-25', from: '2026-10-25T00:30:00.000Z', until: '2026-10-25T03:00:00.000Z' });
  expect(openSlot(calendar, [0, 0], '2026-10-25T00:30:00.000Z')?.date).toBe('2026-10-25');
  expect(openSlot(calendar, [0, 0], '2026-10-25T01:30:00.000Z')?.date).toBe('2026-10-25');
});

test('behaviour 43: nothing on weekends and holidays, nothing before work begins and nothing after it ends', () => {
  const calendar = aCalendar({ workingDays: [1, 2, 3, 4, 5], holidays: ['2026-11-25'] });
  const slotAt = (now: string) => openSlot(calendar, NIGHT, now)?.date;
  expect(slotAt('2026-11-24T07:59:59.999Z')).toBeUndefined();
  expect(slotAt('2026-11-24T08:00:00.000Z')).toBe('2026-11-24');
  expect(slotAt('2026-11-24T16:29:59.999Z')).toBe('2026-11-24');
  expect(slotAt('2026-11-24T16:30:00.000Z')).toBeUndefined();
  expect(slotAt('2026-11-25T10:00:00.000Z')).toBeUndefined();
  expect(slotAt('2026-11-28T10:00:00.000Z')).toBeUndefined();
  expect(slotAt('2026-11-30T10:00:00.000Z')).toBe('2026-11-30');
});

test('whoever begins early is told when quiet ends; whoever works only at night, when they begin', () => {
  const early = aCalendar({ workingMinutes: [minuteOf(6), minuteOf(14)] });
  expect(slotOn(early, NIGHT, '2026-11-24')?.from).toBe('2026-11-24T07:00:00.000Z');
  const night = aCalendar({ workingMinutes: [minuteOf(20), 1440] });
  expect(slotOn(night, NIGHT, '2026-11-24')?.from).toBe('2026-11-24T19:00:00.000Z');
  expect(slotOn(early, [minuteOf(5), minuteOf(7)], '2026-11-24')?.from).toBe('2026-11-24T06:00:00.000Z');
});

test('the next slot is that of today while it has not begun, else that of the next working day', () => {
  const calendar = aCalendar({ workingDays: [1, 2, 3, 4, 5], holidays: ['2026-11-30'] });
  expect(nextSlotAt(calendar, NIGHT, '2026-11-24T05:00:00.000Z')).toBe('2026-11-24T08:00:00.000Z');
  expect(nextSlotAt(calendar, NIGHT, '2026-11-24T08:00:00.000Z')).toBe('2026-11-25T08:00:00.000Z');
  expect(nextSlotAt(calendar, NIGHT, '2026-11-27T12:00:00.000Z')).toBe('2026-12-01T08:00:00.000Z');
});

test('what is told ahead reaches to the end of the next working day', () => {
  const calendar = aCalendar({ workingDays: [1, 2, 3, 4, 5] });
  expect(horizonOf(calendar, '2026-11-24T08:00:00.000Z')).toBe('2026-11-25T23:00:00.000Z');
  expect(horizonOf(calendar, '2026-11-27T08:00:00.000Z')).toBe('2026-11-30T23:00:00.000Z');
});

const FIRST = '2024-01-01';
const DAYS = Math.round((Date.UTC(2031, 0, 1) - Date.UTC(2024, 0, 1)) / 86_400_000);
/** Every day in every zone takes minutes: then only with this. Else every 98th day, and all around each change of clocks. */
const EVERY = process.env['EVERY_DAY_OF_EVERY_ZONE'] === undefined ? 98 : 1;

function daysOf(timezone: string): string[] {
  const chosen = new Set<number>();
  const zone = IANAZone.create(timezone);
  const offset = (day: number) => zone.offset(Date.UTC(2024, 0, 1 + day));
  for (let day = 0; day < DAYS; day += 14) {
    if (day % EVERY === 0) chosen.add(day).add(Math.min(day + 1, DAYS - 1));
    if (offset(day) === offset(day + 14)) continue;
    for (let near = day - 1; near <= day + 15; near += 1) if (near >= 0 && near < DAYS) chosen.add(near);
  }
  if (EVERY === 1) for (let day = 0; day < DAYS; day += 1) chosen.add(day);
  return [...chosen].sort((a, b) => a - b).map((day) => plusDays(FIRST, day));
}

test('every zone has exactly one slot on each day of 2024 to 2030, each later than the one before', {
  timeout: EVERY === 1 ? 3_600_000 : 60_000,
}, () => {
  for (const timezone of Intl.supportedValuesOf('timeZone')) {
    const calendar = aCalendar({ timezone });
    let last = '';
    for (const date of daysOf(timezone)) {
      const slot = slotOn(calendar, NIGHT, date);
      const found = [slot?.date, slot && dateIn(calendar, slot.from), slot && slot.from < slot.until];
      if (slot === undefined || found.join() !== `${date},${date},true` || slot.from <= last)
        expect.fail(`${timezone} ${date}: ${JSON.stringify(slot)} after ${last}`);
      last = slot.from;
    }
  }
});

test('a day off has no working time at all', () => {
  expect(workingSpan(aCalendar({ workingDays: [1] }), '2026-11-24')).toBeUndefined();
});
