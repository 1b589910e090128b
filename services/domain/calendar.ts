import { DateTime } from 'luxon';
import type { Calendar } from './contract.ts';

/** Longest search for working time; a calendar without any is refused at load, holidays cannot fill this. */
const HORIZON_DAYS = 400;

/**
 * The instant at which `minutes` of working time have passed since `from` (both ISO-8601 UTC). A day's working hours
 * are wall-clock times in the calendar's zone, so a day with a clock change may be an hour longer or shorter.
 */
export function addWorkingMinutes(calendar: Calendar, from: string, minutes: number): string {
  const start = DateTime.fromISO(from, { zone: calendar.timezone });
  let left = minutes;
  for (let day = start.startOf('day'), n = 0; n < HORIZON_DAYS; day = day.plus({ days: 1 }), n += 1) {
    if (!isWorkingDay(calendar, day)) continue;
    const opens = atMinute(day, calendar.workingMinutes[0]);
    const closes = atMinute(day, calendar.workingMinutes[1]);
    const begin = DateTime.max(start, opens);
    const available = Math.max(0, closes.diff(begin, 'minutes').minutes);
    if (available >= left) return toUtc(begin.plus({ minutes: left }));
    left -= available;
  }
  throw new RangeError(`the calendar has no ${minutes} working minutes within ${HORIZON_DAYS} days of ${from}`);
}

function isWorkingDay(calendar: Calendar, day: DateTime): boolean {
  return calendar.workingDays.includes(day.weekday) && !calendar.holidays.includes(day.toISODate() ?? '');
}

/** By wall clock: 09:00 stays 09:00 on a day whose first hours were skipped. */
function atMinute(day: DateTime, minute: number): DateTime {
  return day.set({ hour: Math.floor(minute / 60), minute: minute % 60, second: 0, millisecond: 0 });
}

function toUtc(instant: DateTime): string {
  return new Date(instant.toMillis()).toISOString();
}
