import * as z from 'zod';
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

/** `calendar:` of the contract, and of a service whose people work other hours. */
export const calendarSchema = z
  .strictObject({
    timezone: zone,
    workingDays: z.array(weekday).min(1),
    workingHours: hours({ orOvernight: false }),
    holidays: z.array(isoDate).default([]),
    cadences: z.record(name, cadence).default({}),
  })
  .transform(({ workingHours, cadences, ...rest }) => ({
    ...rest,
    workingDays: [...new Set(rest.workingDays)].sort(),
    workingMinutes: workingHours,
    cadences: new Map(Object.entries(cadences)),
  }));
