import type { Calendar, Control } from './contract.ts';
import {
  type Asker,
  type Exception,
  type ExceptionEnd,
  type ExceptionTarget,
  type ExceptionTerms,
  type ExceptionVote,
  expiryOf,
  isWithin,
  type ReviewAnswer,
} from './exception.ts';
import type { ExceptionRefusal } from './exception-refusal.ts';
import { answerDueAt, nextReview, snoozedUntil, warningsOf } from './exception-schedule.ts';
import type { PersonActor } from './person.ts';
import { isDate } from './written-date.ts';

/** Reviews missed in a row after which an exception is suspended. */
export const MOST_MISSED = 2;
/** An open question is put off so often at most. */
export const MOST_SNOOZED = 2;

/** What time has done to an exception, in the words of its evidence. */
export type Passed =
  | 'exception-expired'
  | 'approvers-reminded'
  | 'request-unanswered'
  | 'review-asked'
  | 'review-missed'
  | 'exception-suspended'
  | 'ending-warned';

/**
 * The next thing that time alone has changed, or undefined. Whoever calls it again after each change comes to the same
 * end however late the first call was: nothing that nobody was asked is missed.
 */
export function passed(
  exception: Exception,
  now: string,
  calendar: Calendar,
): { readonly what: Passed; readonly exception: Exception } | undefined {
  const { state, terms } = exception;
  const isLive = state === 'requested' || state === 'active' || state === 'suspended';
  if (isLive && now >= expiryOf(terms))
    return { what: 'exception-expired', exception: ended(exception, 'expired', { at: now, why: 'its time was over' }) };
  if (state === 'requested') return unanswered(exception, now, calendar);
  if (state !== 'active') return undefined;
  const { nextAt } = exception.reviews;
  if (nextAt !== undefined && now >= nextAt) return reviewed(exception, now, calendar);
  const due = warningsOf(exception, calendar).filter(({ at }) => now >= at);
  if (due.length === 0) return undefined;
  // After a standstill one message stands for all that it came too late for.
  const warned = [...exception.warned, ...due.map(({ days }) => days)];
  return { what: 'ending-warned', exception: { ...exception, warned } };
}

/** Whoever was not reminded has left nothing unanswered: after a standstill that comes first. */
function unanswered(exception: Exception, now: string, calendar: Calendar) {
  const dueAt = answerDueAt(exception, calendar);
  if (dueAt === undefined || now < dueAt) return undefined;
  const { silence } = exception;
  return silence?.remindedAt === undefined
    ? { what: 'approvers-reminded' as const, exception: { ...exception, silence: { ...silence, remindedAt: now } } }
    : { what: 'request-unanswered' as const, exception: { ...exception, silence: { ...silence, unansweredAt: now } } };
}

function reviewed(exception: Exception, now: string, calendar: Calendar) {
  const { reviews, terms } = exception;
  const { nextAt: _, ...rest } = reviews;
  const next = nextReview(terms, now, calendar);
  const then = next === undefined ? {} : { nextAt: next };
  if (reviews.askedAt === undefined)
    return { what: 'review-asked' as const, exception: { ...exception, reviews: { ...rest, askedAt: now, ...then } } };
  const missed = reviews.missed + 1;
  if (missed < MOST_MISSED)
    return {
      what: 'review-missed' as const,
      exception: { ...exception, reviews: { ...rest, askedAt: now, snoozed: 0, missed, ...then } },
    };
  const end = { at: now, why: `${MOST_MISSED} reviews in a row were not answered` };
  return {
    what: 'exception-suspended' as const,
    exception: { ...exception, state: 'suspended' as const, end, reviews: { ...rest, missed } },
  };
}

/**
 * What it covers has become worse than what it was granted for, or belongs to another control, and is not covered any more:
 * its owner is asked at once. Undefined: they are asked already, or have answered.
 */
export function outgrown(
  exception: Exception,
  now: string,
  calendar: Calendar,
  how: NonNullable<Exception['reviews']['outgrown']> = 'severity',
): Exception | undefined {
  if (exception.state !== 'active' || exception.reviews.outgrown !== undefined) return undefined;
  return askedAtOnce(exception, { outgrown: how }, now, calendar);
}

/** Its owner is asked whether it is still needed, before their time. */
export function askedAtOnce(
  exception: Exception,
  because: Pick<Exception['reviews'], 'outgrown' | 'limits'>,
  now: string,
  calendar: Calendar,
): Exception {
  const { nextAt: _, ...reviews } = exception.reviews;
  const nextAt = nextReview(exception.terms, now, calendar);
  const asked = { ...reviews, askedAt: now, ...because };
  return { ...exception, reviews: { ...asked, ...(nextAt === undefined ? {} : { nextAt }) } };
}

/** As if its question had not been put: it has reached nobody in time. */
export function unasked(exception: Exception): Exception {
  const { askedAt: _, ...reviews } = exception.reviews;
  return { ...exception, reviews };
}

/** Ended, or asked for in vain. */
export function ended(exception: Exception, state: Exception['state'], end: ExceptionEnd): Exception {
  const { nextAt: _, askedAt: __, ...reviews } = exception.reviews;
  return { ...exception, state, end, reviews };
}

/** In force from now on. */
export function granted(exception: Exception, now: string, calendar: Calendar): Exception {
  const nextAt = nextReview(exception.terms, now, calendar);
  return {
    ...exception,
    state: 'active',
    grantedAt: now,
    reviews: { missed: 0, snoozed: 0, ...(nextAt === undefined ? {} : { nextAt }) },
  };
}

/** More do not join one request: all of them are in its record, and in each entry of its evidence. */
export const MOST_ASKERS = 100;

/**
 * Somebody else who wants the same: they hear how it ends, and do not decide; an approval of theirs is void. Undefined: they
 * are one of them already.
 */
export function joined(exception: Exception, asker: Asker): Exception | ExceptionRefusal | undefined {
  const own = exception.askers.filter(({ by }) => by.oid === asker.by.oid);
  if (own.some(({ requestId }) => requestId === asker.requestId)) return undefined;
  if (exception.askers.length >= MOST_ASKERS)
    return own.length > 0 ? undefined : { code: 'too-many-askers', id: exception.id };
  const votes = exception.votes.filter(({ accounts }) => !accounts.some((one) => asker.accounts.includes(one)));
  return { ...exception, askers: [...exception.askers, asker], votes };
}

/** What an approver, or its owner at a review, takes away; never more than was there. */
export interface Narrowing {
  /** ISO date. */
  readonly until?: string;
  readonly fingerprints?: readonly string[];
}

/** The same exception when nothing of it is narrower; refused when something would be wider, or over already. */
export function narrowed(
  exception: Exception,
  { until, fingerprints }: Narrowing,
  now: string,
): Exception | ExceptionRefusal {
  if (until !== undefined && !isDate(until)) return { code: 'date', why: { code: 'date-unreadable' } };
  if (until !== undefined && expiryOf({ until }) <= now)
    return { code: 'date', why: { code: 'date-past', date: until } };
  const target: ExceptionTarget =
    fingerprints === undefined
      ? exception.target
      : { ...exception.target, fingerprints: [...new Set(fingerprints)].sort() };
  const terms = until === undefined ? exception.terms : { ...exception.terms, until };
  const isNarrower =
    isWithin(target, exception.target) && terms.until <= exception.terms.until && target.fingerprints?.length !== 0;
  if (!isNarrower) return { code: 'wider-than-requested' };
  const isSame = isWithin(exception.target, target) && terms.until === exception.terms.until;
  return isSame ? exception : { ...exception, target, terms };
}

/** An answer that lets it go on: `keep`, `shrink` and `handover` answer the question. */
export function answered(
  exception: Exception,
  last: { readonly answer: ReviewAnswer; readonly by: PersonActor; readonly why: string },
  now: string,
  calendar: Calendar,
): Exception {
  const nextAt = nextReview(exception.terms, now, calendar);
  const { outgrown, limits } = exception.reviews;
  const reviews = {
    missed: 0,
    snoozed: 0,
    last: { ...last, at: now },
    ...(outgrown === undefined ? {} : { outgrown }),
    ...(limits === undefined ? {} : { limits }),
  };
  return { ...exception, reviews: { ...reviews, ...(nextAt === undefined ? {} : { nextAt }) } };
}

/** The open question is put again on the next working day; undefined when it was put off often enough. */
export function snoozed(exception: Exception, now: string, calendar: Calendar): Exception | undefined {
  const { askedAt: _, ...reviews } = exception.reviews;
  if (reviews.snoozed >= MOST_SNOOZED) return undefined;
  return { ...exception, reviews: { ...reviews, snoozed: reviews.snoozed + 1, nextAt: snoozedUntil(now, calendar) } };
}

/** Before it is granted who is accountable is part of what is decided on: approvals were for somebody else, and are void. */
export function handedOver(exception: Exception, to: Pick<ExceptionTerms, 'owner' | 'ownerName'>): Exception {
  const { ownerGoneAt: _, ...kept } = exception;
  const { ownerName: __, ...terms } = exception.terms;
  const handed = { ...kept, terms: { ...terms, ...to } };
  return exception.state === 'requested' ? { ...handed, revision: exception.revision + 1, votes: [] } : handed;
}

/** What an approver clicked, with all that is known of them as of now. */
export interface ExceptionAttempt {
  readonly verdict: 'approve' | 'reject';
  readonly vote: ExceptionVote;
  readonly narrowing?: Narrowing;
}

/**
 * The request with one more word on it: the first rejection ends it, the last approval of the quorum puts it in force.
 * Whoever narrows it approves what is left; earlier approvals were for more, and are void.
 */
export function voted(
  exception: Exception,
  { verdict, vote, narrowing }: ExceptionAttempt,
  expiry: Pick<Control['expiry'], 'quorum'>,
  calendar: Calendar,
): Exception | ExceptionRefusal {
  if (verdict === 'reject') return ended(exception, 'rejected', { at: vote.at, by: vote.by, why: vote.comment });
  const less = narrowing === undefined ? exception : narrowed(exception, narrowing, vote.at);
  if ('code' in less) return less;
  const isChanged = less !== exception;
  const votes = isChanged ? [vote] : [...exception.votes, vote];
  const next = { ...less, votes, revision: exception.revision + (isChanged ? 1 : 0) };
  return votes.length >= expiry.quorum ? granted(next, vote.at, calendar) : next;
}
