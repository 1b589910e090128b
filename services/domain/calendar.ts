import { DateTime } from 'luxon';
import type { Calendar } from './contract.ts';

/** Longest search for working time; a calendar without any for so long is refused at load. */
const HORIZON_DAYS = 400;
const DAY_MINUTES = 1_440;
const YEAR_DAYS = 366;

/**
 * The instant at which `minutes` of working time have passed since `from` (both ISO-8601 UTC). A day's working hours
 * are wall-clock times in the calendar's zone, so a day with a clock change may be an hour longer or shorter.
 */
export function addWorkingMinutes(calendar: Calendar, from: string, minutes: number): string {
  const end = workingEnd(calendar, DateTime.fromISO(from, { zone: calendar.timezone }), minutes);
  if (end !== undefined) return toUtc(end);
  throw new RangeError(`the calendar has no ${minutes} working minutes within ${HORIZON_DAYS} days of ${from}`);
}

/**
 * The first evening within a year of `from` (ISO-8601 UTC) from which so much working time takes longer than `hours` by
 * the clock, and when it has passed, unless that is beyond the search. No moment of a day makes it take longer than its
 * evening, and of evenings with a working day after them one stands for all.
 */
export function longSpan(
  calendar: Calendar,
  from: string,
  minutes: number,
  hours: number,
): { readonly from: string; readonly until?: string } | undefined {
  const today = DateTime.fromISO(from, { zone: calendar.timezone }).startOf('day');
  const days = Array.from({ length: YEAR_DAYS }, (_, n) => today.plus({ days: n }));
  const working = days.filter((day) => isWorkingDay(calendar, day));
  for (const [n, day] of working.entries()) {
    if (n > 0 && isWorkingDay(calendar, day.plus({ days: 1 }))) continue;
    const evening = atMinute(day, calendar.workingMinutes[1]);
    const end = workingEnd(calendar, evening, minutes);
    if (end === undefined) return { from: toUtc(evening) };
    if (end.diff(evening, 'hours').hours > hours) return { from: toUtc(evening), until: toUtc(end) };
  }
  return undefined;
}

function workingEnd(calendar: Calendar, start: DateTime, minutes: number): DateTime | undefined {
  let left = minutes;
  for (let day = start.startOf('day'), n = 0; n < HORIZON_DAYS; day = day.plus({ days: 1 }), n += 1) {
    if (!isWorkingDay(calendar, day)) continue;
    const opens = atMinute(day, calendar.workingMinutes[0]);
    const closes = atMinute(day, calendar.workingMinutes[1]);
    const begin = DateTime.max(start, opens);
    const available = Math.max(0, closes.diff(begin, 'minutes').minutes);
    if (available >= left) return begin.plus({ minutes: left });
    left -= available;
  }
  return undefined;
}

/** The ISO date that a calendar's people have at this instant (ISO-8601 UTC). */
export function dateIn(calendar: Pick<Calendar, 'timezone'>, at: string): string {
  return DateTime.fromISO(at, { zone: calendar.timezone }).toISODate() ?? at.slice(0, 10);
}

/** The instant (ISO-8601 UTC) at which this ISO date ends there: the first one of the next day that the zone has. */
export function dayEnd({ timezone }: Pick<Calendar, 'timezone'>, date: string): string {
  return toUtc(DateTime.fromISO(date, { zone: timezone }).endOf('day').plus({ milliseconds: 1 }));
}

/** The instant (ISO-8601 UTC) at which this ISO date begins there: the first one that the zone has of it. */
export function dayStart(zone: Pick<Calendar, 'timezone'>, date: string): string {
  return toUtc(startOf(zone, date));
}

/** `2026-10-25 02:30:00 +02:00`: with its offset, because an hour can come twice. */
export function zonedTime({ timezone }: Pick<Calendar, 'timezone'>, at: string): string {
  return DateTime.fromISO(at, { zone: timezone, locale: 'en' }).toFormat('yyyy-MM-dd HH:mm:ss ZZ');
}

/** Whether people work at this instant (ISO-8601 UTC). */
export function isWorkingTime(calendar: Calendar, at: string): boolean {
  const now = DateTime.fromISO(at, { zone: calendar.timezone });
  const day = now.startOf('day');
  const [opens, closes] = calendar.workingMinutes;
  return isWorkingDay(calendar, day) && now >= atMinute(day, opens) && now < atMinute(day, closes);
}

/** The instant (ISO-8601 UTC) at which work would begin on this ISO date, whether or not it is a working day. */
export function morningOf(calendar: Calendar, date: string): string {
  return toUtc(atMinute(startOf(calendar, date), calendar.workingMinutes[0]));
}

/** When work begins (ISO-8601 UTC) on the first working day from this ISO date on. */
export function workingMorning(calendar: Calendar, date: string): string {
  let day = startOf(calendar, date);
  for (let n = 0; n < HORIZON_DAYS; n += 1, day = day.plus({ days: 1 })) {
    if (isWorkingDay(calendar, day)) return toUtc(atMinute(day, calendar.workingMinutes[0]));
  }
  throw new RangeError(`the calendar has no working day within ${HORIZON_DAYS} days of ${date}`);
}

/** The working time of this ISO date, [from, until) in ISO-8601 UTC; undefined: a day off, or one that the zone skips. */
export function workingSpan(
  calendar: Calendar,
  date: string,
): { readonly from: string; readonly until: string } | undefined {
  const day = startOf(calendar, date);
  if (day.toISODate() !== date || !isWorkingDay(calendar, day)) return undefined;
  const [opens, closes] = calendar.workingMinutes.map((minute) => toUtc(atMinute(day, minute)));
  return opens === undefined || closes === undefined ? undefined : { from: opens, until: closes };
}

/** When work begins (ISO-8601 UTC) on the working day that lies so many of them before this ISO date. */
export function workingMorningBefore(calendar: Calendar, date: string, days: number): string {
  let day = startOf(calendar, date);
  for (let left = days, n = 0; left > 0 && n < HORIZON_DAYS; n += 1) {
    day = day.minus({ days: 1 });
    if (isWorkingDay(calendar, day)) left -= 1;
  }
  return toUtc(atMinute(day, calendar.workingMinutes[0]));
}

function startOf({ timezone }: Pick<Calendar, 'timezone'>, date: string): DateTime {
  return DateTime.fromISO(date, { zone: timezone }).startOf('day');
}

function isWorkingDay(calendar: Calendar, day: DateTime): boolean {
  return calendar.workingDays.includes(day.weekday) && !calendar.holidays.includes(day.toISODate() ?? '');
}

/**
 * By wall clock: 09:00 stays 09:00 on a day whose first hours were skipped. A time that the clocks skip is the first
 * instant after the gap, of one that they show twice it is the first.
 */
function atMinute(day: DateTime, minute: number): DateTime {
  const at = day.set({ hour: Math.floor(minute / 60), minute: minute % 60, second: 0, millisecond: 0 });
  return at.hour * 60 + at.minute === minute % DAY_MINUTES ? at : gapEnd(day, at);
}

/** The clocks went forward between a day's start, or just at it, and `after`: when they did, to the minute. */
function gapEnd(day: DateTime, after: DateTime): DateTime {
  let [before, end] = [day.minus({ minutes: 1 }), after];
  while (end.diff(before, 'minutes').minutes > 1) {
    const middle = before.plus({ minutes: Math.floor(end.diff(before, 'minutes').minutes / 2) });
    if (middle.offset === after.offset) end = middle;
    else before = middle;
  }
  return end;
}

function toUtc(instant: DateTime): string {
  return new Date(instant.toMillis()).toISOString();
}
