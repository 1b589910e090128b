import type { Calendar, Control } from './contract.ts';
import { type Exception, latestUntil } from './exception.ts';
import { askedAtOnce } from './exception-life.ts';

/** What the contract grants less of by now than an exception has left. */
type Limits = NonNullable<Exception['reviews']['limits']>;

type Expiry = Pick<Control['expiry'], 'maxDays' | 'reviewEveryDays'>;

/** Undefined: nothing of it. A control that is gone limits nothing. */
function limitsNow({ terms }: Exception, expiry: Expiry | undefined, now: string): Limits | undefined {
  if (expiry === undefined) return undefined;
  const isTooLong = latestUntil(now, expiry.maxDays) < terms.until;
  const isTooRare = terms.review.everyDays > expiry.reviewEveryDays;
  if (!isTooLong && !isTooRare) return undefined;
  return {
    ...(isTooLong ? { maxDays: expiry.maxDays } : {}),
    ...(isTooRare ? { reviewEveryDays: expiry.reviewEveryDays } : {}),
  };
}

/**
 * The contract has become stricter than it was when this was granted: it goes on as it is, and its owner is asked at once.
 * Undefined: it has not, or they were asked about the same limits.
 */
export function tightened(
  exception: Exception,
  expiry: Expiry | undefined,
  now: string,
  calendar: Calendar,
): Exception | undefined {
  const limits = limitsNow(exception, expiry, now);
  if (exception.state !== 'active' || limits === undefined) return undefined;
  const { limits: known } = exception.reviews;
  const isKnown = (['maxDays', 'reviewEveryDays'] as const).every(
    (limit) => limits[limit] === undefined || limits[limit] === known?.[limit],
  );
  return isKnown ? undefined : askedAtOnce(exception, { limits }, now, calendar);
}

/** Without the limits that it is within again, or that are others by now. */
export function withinLimits(exception: Exception, expiry: Expiry | undefined, now: string): Exception {
  const { limits: known = {}, ...reviews } = exception.reviews;
  const still = limitsNow(exception, expiry, now);
  const limits = Object.fromEntries(
    (['maxDays', 'reviewEveryDays'] as const).flatMap((limit) =>
      known[limit] === undefined || known[limit] !== still?.[limit] ? [] : [[limit, known[limit]]],
    ),
  );
  return { ...exception, reviews: { ...reviews, ...(Object.keys(limits).length === 0 ? {} : { limits }) } };
}
