import type { Category, Severity } from './finding.ts';
import { plusDays } from './instant.ts';
import type { PersonActor, Principal } from './person.ts';

/** Only an active exception turns a block into a warning (contract.md, Evaluation). */
export const EXCEPTION_STATES = [
  'requested',
  'active',
  /** Its owner missed two reviews: what it covered blocks again. */
  'suspended',
  'rejected',
  'withdrawn',
  'expired',
  'revoked',
  'closed',
] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

/** Every allowed move; none leads back into force: whoever needs more time asks anew. */
const MOVES: Readonly<Record<ExceptionState, readonly ExceptionState[]>> = {
  requested: ['active', 'rejected', 'withdrawn', 'expired'],
  active: ['suspended', 'expired', 'revoked', 'closed'],
  suspended: ['expired', 'revoked', 'closed'],
  rejected: [],
  withdrawn: [],
  expired: [],
  revoked: [],
  closed: [],
};

export function mayBecome(from: ExceptionState, to: ExceptionState): boolean {
  return MOVES[from].includes(to);
}

/** True when nothing changes about it any more. */
export function isOver(state: ExceptionState): boolean {
  return MOVES[state].length === 0;
}

/** Why an exception exists, as people choose it; the text beside it says the rest. */
export const REASON_CLASSES = [
  'fix-scheduled',
  'no-fix-yet',
  'mitigated',
  'not-affected',
  'false-positive',
  'accepted-risk',
] as const;
export type ReasonClass = (typeof REASON_CLASSES)[number];

/** What an exception covers: exactly one control, service and environment and, if given, only these findings. */
export interface ExceptionTarget {
  readonly control: string;
  readonly service: string;
  readonly environment: string;
  /** Sorted, each once, at least one; absent: every finding of the control there. */
  readonly fingerprints?: readonly string[];
  /** Not what other tools call the same: they may have found it under another assignment of Azure Policy. */
  readonly isExact?: true;
}

/** How often its owner is asked whether it is still needed. */
export interface ReviewCadence {
  readonly everyDays: number;
  /** Name in the calendar, if it was written as one. */
  readonly cadence?: string;
}

/** What whoever asks for an exception commits to. */
export interface ExceptionTerms {
  /** Who is accountable until it ends. */
  readonly owner: Principal;
  /** Of a person, as the directory had it. */
  readonly ownerName?: string;
  readonly reasonClass: ReasonClass;
  readonly reason: string;
  /** ISO date (UTC), inclusive: the last day on which it covers anything. */
  readonly until: string;
  readonly review: ReviewCadence;
  /** What protects meanwhile: the compensating control. */
  readonly mitigation?: string;
  readonly ticket?: string;
}

export interface ExceptionVote {
  readonly by: PersonActor;
  /** In whose place it was given. */
  readonly covers?: { readonly oid: string; readonly name: string };
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly comment: string;
  /** Every id and address of this human and of whom they stood in for, lower case. */
  readonly accounts: readonly string[];
}

/** Somebody who wants it: whoever asked first, and those who joined. */
export interface Asker {
  readonly by: PersonActor;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Every id and address of this human, lower case: none of them may decide. */
  readonly accounts: readonly string[];
  /** The blocked request from which it was asked for. */
  readonly requestId?: string;
}

export const REVIEW_ANSWERS = ['keep', 'shrink', 'close', 'renew', 'handover', 'snooze'] as const;
export type ReviewAnswer = (typeof REVIEW_ANSWERS)[number];

export interface Reviews {
  /** ISO-8601 UTC; when the owner is asked next, or the open question is taken for missed. Absent: none before its end. */
  readonly nextAt?: string;
  /** ISO-8601 UTC; when the question was put that is not answered yet. */
  readonly askedAt?: string;
  /** In a row. */
  readonly missed: number;
  /** How often the open question was put off. */
  readonly snoozed: number;
  readonly last?: {
    readonly answer: ReviewAnswer;
    readonly by: PersonActor;
    readonly at: string;
    readonly why: string;
  };
  /** What it covers has become worse since it was granted: the question was put for that. */
  readonly outgrown?: 'severity' | 'control';
  /** The contract grants no more than this by now: the question was put for that. */
  readonly limits?: { readonly maxDays?: number; readonly reviewEveryDays?: number };
}

/** ISO-8601 UTC each; absent: not so, or not yet. */
export interface Silence {
  /** Its approvers were reminded. */
  readonly remindedAt?: string;
  /** The control's owner was to hear that nobody decides. */
  readonly unansweredAt?: string;
  /** None of its approvers can be reached. */
  readonly unreachedAt?: string;
}

/** How one ended, or was suspended. */
export interface ExceptionEnd {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Absent: nobody; its time was over. */
  readonly by?: PersonActor;
  readonly why: string;
}

/** One request for an exception and all that became of it; nothing of it is ever deleted. */
export interface Exception {
  /** `EX-` and a number, unique in the tenant. */
  readonly id: string;
  /** Short id of tenant and organization (orgOf). */
  readonly org: string;
  readonly target: ExceptionTarget;
  readonly terms: ExceptionTerms;
  readonly state: ExceptionState;
  /** Rises whenever what approvers decide on changes: a click for another revision decides nothing. */
  readonly revision: number;
  /** At least one; the first asked. */
  readonly askers: readonly [Asker, ...Asker[]];
  /** Of the control when it was asked for; who grants it is read again at each decision. */
  readonly asks: { readonly approvers: Principal; readonly quorum: number };
  /** Of the finding, and of the worst of those it covered when it was last looked at. */
  readonly category: Category;
  readonly severity: Severity;
  /** How many findings it hides, and when they were counted; of none, when that was found first (ISO-8601 UTC). */
  readonly hides: { readonly count: number; readonly at: string; readonly noneSince?: string };
  /** Version of the contract under which it was asked for. */
  readonly contractVersion: number;
  /**
   * 0 for the first; `of` is how many renewals the control grants. `renews` is the one that it takes the place of; `follows`
   * one that covered some of the same, and goes on as it is.
   */
  readonly renewal: {
    readonly number: number;
    readonly of: number;
    readonly renews?: string;
    readonly follows?: string;
    readonly renewedBy?: string;
  };
  /** Covers what was open when the service came in: outside its budget. */
  readonly baseline?: true;
  readonly votes: readonly ExceptionVote[];
  /** ISO-8601 UTC; since when it is in force. */
  readonly grantedAt?: string;
  readonly reviews: Reviews;
  /** Working days before its end of which its owner was warned, the furthest first. */
  readonly warned: readonly number[];
  readonly end?: ExceptionEnd;
  /** What its approvers left without an answer. */
  readonly silence?: Silence;
  /** ISO-8601 UTC; since when it was noticed that its owner is nobody active any more. */
  readonly ownerGoneAt?: string;
  /** Somebody wanted more than the control grants: its owner hears of it (ISO-8601 UTC). */
  readonly overdrawnAt?: string;
}

/** ISO-8601 UTC, exclusive: an exception covers nothing from the end of its last day (UTC) on. */
export function expiryOf({ until }: Pick<ExceptionTerms, 'until'>): string {
  return `${plusDays(until, 1)}T00:00:00.000Z`;
}

/** The last day that an exception asked for or granted at `now` may have. ISO date, UTC. */
export function latestUntil(now: string, maxDays: number): string {
  return plusDays(now.slice(0, 10), maxDays);
}

/** Whether everything that `narrow` covers is covered by `wide`. */
export function isWithin(narrow: ExceptionTarget, wide: ExceptionTarget): boolean {
  return (
    isSamePlace(narrow, wide) &&
    (wide.fingerprints === undefined ||
      (narrow.fingerprints?.every((print) => wide.fingerprints?.includes(print)) ?? false))
  );
}

/** Whether some finding could be covered by both. */
export function overlaps(a: ExceptionTarget, b: ExceptionTarget): boolean {
  if (!isSamePlace(a, b)) return false;
  const [prints, others] = [a.fingerprints, b.fingerprints];
  return prints === undefined || others === undefined || prints.some((print) => others.includes(print));
}

export function isSameTarget(a: ExceptionTarget, b: ExceptionTarget): boolean {
  return isWithin(a, b) && isWithin(b, a);
}

function isSamePlace(a: ExceptionTarget, b: ExceptionTarget): boolean {
  return a.control === b.control && a.service === b.service && a.environment === b.environment;
}

/** Categories whose findings are excepted one by one: nobody knows what the next one would be. */
const NAMED_ONLY: readonly Category[] = ['secret', 'provenance'];

export function mustNameFindings(category: Category): boolean {
  return NAMED_ONLY.includes(category);
}
