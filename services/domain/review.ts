import { addWorkingMinutes, dateIn, workingMorning, workingSpan } from './calendar.ts';
import type { Calendar, Contract, ReviewPolicy } from './contract.ts';
import { plusDays, plusMinutes } from './instant.ts';
import type { PersonActor, Principal } from './person.ts';

/** Working days after which a review that nobody recorded is asked for again, and told to the contract's owner. */
export const REMIND_DAYS = 2;
export const ESCALATE_DAYS = 5;
/** A claim that is older belongs to a process that died: a card twice is better than none. */
const CLAIM_MINUTES = 10;

/** What is looked at: what piles up, or what was done and by whom. */
export const REVIEW_SUBJECTS = ['trends', 'audit'] as const;
export type ReviewSubject = (typeof REVIEW_SUBJECTS)[number];

export const REVIEW_STEPS = ['send', 'remind', 'escalate'] as const;
export type ReviewStep = (typeof REVIEW_STEPS)[number];

/** A message about a review that was sent, and to whom (`user:oid`). */
export interface ReviewMessage {
  readonly recipient: string;
  readonly conversation: string;
  readonly activityId: string;
}

/** That a named reviewer looks at something once in a period. All instants are ISO-8601 UTC. */
export interface Review {
  /** ISO date on which its period begins; of the audit with `-audit` behind it. */
  readonly id: string;
  readonly reviewer: Principal;
  readonly remindAt: string;
  readonly escalateAt: string;
  /** Rises with the figures that are sent: a click on others records nothing. */
  readonly revision: number;
  /** Checksum of those figures (`trendsChecksum`, `auditChecksum`). */
  readonly shows?: string;
  readonly sentAt?: string;
  readonly remindedAt?: string;
  readonly escalatedAt?: string;
  readonly messages: readonly ReviewMessage[];
  /** A process is at it, or died there. */
  readonly claim?: { readonly step: ReviewStep; readonly at: string };
  readonly recorded?: {
    readonly by: PersonActor;
    readonly at: string;
    /** Checksum of what they were shown. */
    readonly seen: string;
    readonly op: string;
  };
}

const EPOCH_MONDAY = '1970-01-05';
const DAY_MS = 86_400_000;

/** ISO date on which the period began that this ISO date belongs to; periods of seven days begin on Mondays. */
export function periodStart(date: string, everyDays: number): string {
  const days = (Date.parse(date) - Date.parse(EPOCH_MONDAY)) / DAY_MS;
  return plusDays(date, -(((days % everyDays) + everyDays) % everyDays));
}

const AUDIT = '-audit';

export function subjectOf({ id }: Pick<Review, 'id'>): ReviewSubject {
  return id.endsWith(AUDIT) ? 'audit' : 'trends';
}

/** ISO date on which its period begins. */
export function periodOf({ id }: Pick<Review, 'id'>): string {
  return id.replace(AUDIT, '');
}

/** Whom the contract names; undefined: nobody. */
export function reviewerOf({ monitor, audit }: ReviewPolicy, subject: ReviewSubject): Principal | undefined {
  return subject === 'audit' ? audit : monitor;
}

/** The review of the period that it is now; undefined before the first working morning of the period, and without a reviewer. */
export function openedReview({ calendar, reviews }: Contract, subject: ReviewSubject, now: string): Review | undefined {
  const reviewer = reviewerOf(reviews, subject);
  const start = periodStart(dateIn(calendar, now), reviews.everyDays);
  if (reviewer === undefined || now < workingMorning(calendar, start)) return undefined;
  return {
    id: subject === 'audit' ? `${start}${AUDIT}` : start,
    reviewer,
    remindAt: afterDays(calendar, now, REMIND_DAYS),
    escalateAt: afterDays(calendar, now, ESCALATE_DAYS),
    revision: 0,
    messages: [],
  };
}

function afterDays(calendar: Calendar, from: string, days: number): string {
  const [opens, closes] = calendar.workingMinutes;
  return addWorkingMinutes(calendar, from, days * (closes - opens));
}

export function isWorkingTime(calendar: Calendar, now: string): boolean {
  const span = workingSpan(calendar, dateIn(calendar, now));
  return span !== undefined && span.from <= now && now < span.until;
}

/** What is to be done about a review now; figures are sent only as long as their period lasts. */
export function stepDue(review: Review, now: string, isCurrent: boolean): ReviewStep | undefined {
  const { recorded, claim, sentAt, remindedAt, escalatedAt, remindAt, escalateAt } = review;
  if (recorded !== undefined) return undefined;
  if (claim !== undefined && now < plusMinutes(claim.at, CLAIM_MINUTES)) return undefined;
  if (escalatedAt === undefined && now >= escalateAt) return 'escalate';
  if (sentAt === undefined) return isCurrent ? 'send' : undefined;
  return remindedAt === undefined && escalatedAt === undefined && now >= remindAt ? 'remind' : undefined;
}

/** After its messages were sent; `shows` is of new figures. */
export function stepDone(
  { claim: _, ...review }: Review,
  step: ReviewStep,
  {
    messages,
    shows,
    at,
  }: { readonly messages: readonly ReviewMessage[]; readonly shows?: string; readonly at: string },
): Review {
  const done = { send: { sentAt: at }, remind: { remindedAt: at }, escalate: { escalatedAt: at } }[step];
  return { ...review, ...done, ...(shows === undefined ? {} : { shows }), messages: [...review.messages, ...messages] };
}
