import { dateIn, workingMorning, workingMorningBefore } from './calendar.ts';
import type { Calendar } from './contract.ts';
import { type Exception, type ExceptionTerms, expiryOf } from './exception.ts';
import { earlier, plusDays, plusMinutes } from './instant.ts';
import { nextStart } from './written-date.ts';

/** Working days before its end on which the owner of an exception is warned, once each. */
export const WARNING_DAYS = [14, 7, 1] as const;

/** Warnings of an active exception and the instants (ISO-8601 UTC) from which they are due; those before it was granted never are. */
export function warningsOf(exception: Exception, calendar: Calendar): { readonly days: number; readonly at: string }[] {
  const { grantedAt, terms, warned } = exception;
  if (grantedAt === undefined) return [];
  return WARNING_DAYS.map((days) => ({ days, at: workingMorningBefore(calendar, terms.until, days) })).filter(
    ({ days, at }) => at > grantedAt && !warned.includes(days),
  );
}

/**
 * When the owner is asked next: the morning of the first working day on or after the day of the cadence that follows the
 * day that the calendar's people have at `after` (ISO-8601 UTC, as the answer). Undefined: it ends before that.
 */
export function nextReview(terms: ExceptionTerms, after: string, calendar: Calendar): string | undefined {
  const { everyDays, cadence } = terms.review;
  const today = dateIn(calendar, after);
  const named = cadence === undefined ? undefined : calendar.cadences?.get(cadence);
  const day = (named === undefined ? undefined : nextStart(named, today)) ?? plusDays(today, everyDays);
  const at = workingMorning(calendar, day);
  return at < expiryOf(terms) ? at : undefined;
}

/** The morning of the next working day (ISO-8601 UTC): until then an open question is put off. */
export function snoozedUntil(now: string, calendar: Calendar): string {
  return workingMorning(calendar, plusDays(dateIn(calendar, now), 1));
}

/**
 * Whether exceptions end within so many working days of `now` (ISO-8601 UTC), or have ended; for any number of them: each
 * last day is looked up once.
 */
export function endingWithin(days: number, now: string) {
  const mornings = new Map<Calendar, Map<string, string>>();
  return ({ terms: { until } }: Pick<Exception, 'terms'>, calendar: Calendar): boolean => {
    const known = mornings.get(calendar) ?? new Map<string, string>();
    const morning = known.get(until) ?? workingMorningBefore(calendar, until, days);
    mornings.set(calendar, known.set(until, morning));
    return morning <= now;
  };
}

/** What an active exception hides is counted so often at least. */
const COUNTED_EVERY_MINUTES = 7 * 1_440;

/** ISO-8601 UTC; when time alone changes something about it. Undefined: never again. */
export function nextLookAt(exception: Exception, calendar: Calendar): string | undefined {
  const { state, terms, reviews, hides } = exception;
  if (state === 'requested' || state === 'suspended') return expiryOf(terms);
  if (state !== 'active') return undefined;
  const times = [
    reviews.nextAt,
    plusMinutes(hides.at, COUNTED_EVERY_MINUTES),
    ...warningsOf(exception, calendar).map(({ at }) => at),
  ];
  return times.filter((at) => at !== undefined).reduce(earlier, expiryOf(terms));
}
