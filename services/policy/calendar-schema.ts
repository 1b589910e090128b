import * as z from 'zod';
import { plusDays } from '../domain/instant.ts';
import { duration, hours, isoDate, name, zone } from './scalars.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** ISO weekday, Monday = 1. */
const weekday = z.enum(WEEKDAYS).transform((day) => WEEKDAYS.indexOf(day) + 1);

const cadence = z
  .strictObject({
    every: duration('days', { max: 365 }),
    from: isoDate.exactOptional(),
    on: weekday.exactOptional(),
  })
  .transform(({ every, ...rest }) => ({ everyDays: every, ...rest }));

/** Nobody looks further than a little over a year for the next working day (domain/calendar.ts). */
const LONGEST_BREAK_DAYS = 366;

interface WorkingDays {
  readonly workingDays: readonly number[];
  readonly holidays: readonly string[];
}

/** Days off in a row are walked once, however many of them are holidays. */
function hasWork({ workingDays, holidays }: WorkingDays): boolean {
  const off = new Set(holidays);
  const isOff = (day: string) =>
    off.has(day) || !workingDays.includes(new Date(`${day}T00:00:00.000Z`).getUTCDay() || 7);
  let walkedUntil = '';
  for (const start of [...off].sort()) {
    if (start < walkedUntil) continue;
    const limit = plusDays(start, LONGEST_BREAK_DAYS);
    walkedUntil = start;
    while (isOff(walkedUntil)) {
      if (walkedUntil > limit) return false;
      walkedUntil = plusDays(walkedUntil, 1);
    }
  }
  return true;
}

/** `calendar:` of the contract, and of a service whose people work other hours. */
export const calendarSchema = z
  .strictObject({
    timezone: zone,
    workingDays: z.array(weekday).min(1),
    workingHours: hours({ orOvernight: false }),
    holidays: z.array(isoDate).default([]),
    cadences: z.record(name, cadence).default({}),
  })
  .refine(hasWork, {
    path: ['holidays'],
    error: `leave no working day for more than ${LONGEST_BREAK_DAYS} days; allowed: holidays between working days`,
  })
  .transform(({ workingHours, cadences, ...rest }) => ({
    ...rest,
    workingDays: [...new Set(rest.workingDays)].sort(),
    workingMinutes: workingHours,
    cadences: new Map(Object.entries(cadences)),
  }));
