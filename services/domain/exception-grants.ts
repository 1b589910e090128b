import { type Exception, type ExceptionTarget, expiryOf, isWithin, overlaps } from './exception.ts';
import { earlier } from './instant.ts';

/** An exception that was once in force, as far as later requests for the same must know of it. */
export interface Grant {
  readonly id: string;
  readonly target: ExceptionTarget;
  /** Which renewal it was; 0 for the first. */
  readonly number: number;
  /** ISO-8601 UTC; when it covered something for the last time at the latest. */
  readonly endsAt: string;
}

/**
 * What a request for this target goes on from: the newest grant that covered some of it and ended less than one longest
 * period ago. Asking anew, in other words or for a part of it, is a renewal all the same: nothing is covered for longer than
 * so many periods in a row.
 */
export function continued(
  grants: readonly Grant[],
  target: ExceptionTarget,
  maxDays: number,
  now: string,
): Grant | undefined {
  return grants
    .filter((grant) => isRecent(grant, maxDays, now) && overlaps(grant.target, target))
    .sort((a, b) => b.number - a.number || (a.endsAt < b.endsAt ? 1 : -1))[0];
}

/** Ids of what is in force by what was noted of one scope. */
export function inForceBy(noted: readonly (readonly Grant[])[], now: string): Set<string> {
  return new Set(noted.flat().flatMap(({ id, endsAt }) => (now < endsAt ? [id] : [])));
}

function isRecent({ endsAt }: Grant, maxDays: number, now: string): boolean {
  return Date.parse(now) - Date.parse(endsAt) < maxDays * 86_400_000;
}

/**
 * With this exception as it is now, without what no request can go on from any more. What was taken out of it stays noted,
 * for it has been excepted all the same; each finding once, or an owner who narrows it again and again outgrows the row.
 */
export function withGrant(grants: readonly Grant[], exception: Exception, maxDays: number, now: string): Grant[] {
  const { id, target, renewal, end } = exception;
  const others = grants
    .filter((grant) => grant.id !== id || !isWithin(grant.target, target))
    .map((grant) => (grant.id === id ? leftOf(grant, target, now) : grant))
    .filter((grant) => isRecent(grant, maxDays, now));
  if (exception.grantedAt === undefined) return others;
  // Its end may be noted late; it covered nothing any more.
  const expiry = expiryOf(exception.terms);
  return [...others, { id, target, number: renewal.number, endsAt: earlier(end?.at ?? expiry, expiry) }];
}

/** What this target has no more of it. */
function leftOf(grant: Grant, { fingerprints: kept = [] }: ExceptionTarget, now: string): Grant {
  const { fingerprints, ...place } = grant.target;
  const left = fingerprints?.filter((print) => !kept.includes(print));
  const target = left === undefined ? place : { ...place, fingerprints: left };
  return { ...grant, target, endsAt: earlier(grant.endsAt, now) };
}
