import type { ActiveException } from '../domain/active-exception.ts';
import type { EvidenceDraft, EvidenceEntry } from '../domain/evidence.ts';
import type { Exception, ExceptionTarget } from '../domain/exception.ts';
import type { Grant } from '../domain/exception-grants.ts';
import type { Withdrawal } from '../domain/withdrawal.ts';
import type { ScopeKey } from './scope-store.ts';

/** A message about an exception that was sent: where it is and what it shows. */
export interface ExceptionCard {
  /** What it was sent for (`noticesOf`); one card for each topic and recipient. */
  readonly topic: string;
  /** `user:oid` or `channel:…`. */
  readonly recipient: string;
  /** Both empty until it was sent. */
  readonly conversation: string;
  readonly activityId: string;
  /** Empty while that is to be sent, or not known. */
  readonly shows: string;
}

/** An exception as it was read. */
export interface StoredException {
  readonly exception: Exception;
  readonly etag: string;
  /** Its chain, oldest first. */
  readonly evidence: readonly EvidenceEntry[];
  readonly cards: readonly ExceptionCard[];
  /** Of its scope. */
  readonly grants: StoredGrants;
  /** Of its scope. */
  readonly withdrawn: StoredWithdrawals;
  /** Set while its cards are still to be brought in line. */
  readonly showing?: { readonly etag: string; readonly attempts: number; readonly dueAt: string };
}

/** What was in force lately in one scope, by control, and as what it was read (opaque). */
export type StoredGrants = ReadonlyMap<string, { readonly grants: readonly Grant[]; readonly etag: string }>;

/** What was asked for and taken back in the last day in one scope, by control, and as what it was read (opaque). */
export type StoredWithdrawals = ReadonlyMap<
  string,
  { readonly withdrawn: readonly Withdrawal[]; readonly etag: string }
>;

/** What requests for exceptions in one scope must know of it: one call. */
export interface ExceptionScope {
  /** In force as far as they are noted; their end is for the reader to compare. */
  readonly active: readonly ActiveException[];
  readonly requested: readonly ActiveException[];
  readonly grants: StoredGrants;
  readonly withdrawn: StoredWithdrawals;
}

/** An exception that is not over, as lists show it; a projection that may be a moment old. */
export interface LiveException {
  readonly org: string;
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly exception: Exception;
}

export interface ExceptionChange {
  /** Stable over replays of the same click, message or call (storage.md rule 3). */
  readonly op: string;
  readonly exception: Exception;
  readonly evidence: EvidenceDraft;
  /** ISO-8601 UTC of now. */
  readonly at: string;
  /** Set when what judgements read of it has changed: those who wait in its scope are judged again. */
  readonly wakes: boolean;
  /** Grants of its control as they are from now on, where they change. */
  readonly grants?: readonly Grant[];
  /** Withdrawals of its control as they are from now on, where they change. */
  readonly withdrawn?: readonly Withdrawal[];
  /** The exception that this one takes the place of, in the same transaction. */
  readonly replaces?: {
    readonly stored: StoredException;
    readonly exception: Exception;
    readonly evidence: EvidenceDraft;
  };
}

export interface ExceptionPass {
  readonly cards: readonly ExceptionCard[];
  readonly retryAt?: string;
  readonly lookAt?: string;
}

export type ExceptionCommitted =
  | { readonly kind: 'committed'; readonly stored: StoredException }
  /** Somebody else's change was first: as it is now. */
  | { readonly kind: 'lost'; readonly stored: StoredException };

export type ExceptionCreated =
  | { readonly kind: 'created'; readonly stored: StoredException }
  /** Exactly this is asked for already, by whichever road: its id. */
  | { readonly kind: 'pending'; readonly id: string };

/**
 * Exceptions, in the partition of the scope that they are judged in (storage.md). Rejects with StoreUnavailableError; a
 * move that `mayBecome` does not allow is a fault.
 */
export interface ExceptionStore {
  /** A number of its own for each operation, and the same for every try of it; gaps are allowed. */
  nextId(op: string): Promise<string>;
  /** What this operation has asked for or joined; undefined: nothing so far. */
  askedBy(op: string): Promise<StoredException | undefined>;
  /** Before this operation joins it: a later try of the same finds it there, whatever became of it. */
  joins(op: string, id: string): Promise<void>;
  scope(scope: ScopeKey): Promise<ExceptionScope>;
  read(scope: ScopeKey, id: string): Promise<StoredException | undefined>;
  /** Wherever it is; undefined: there is no such exception. */
  locate(id: string): Promise<StoredException | undefined>;
  /** Creates it as requested, if nothing is requested for the same target. Its id comes from `nextId`. */
  create(change: ExceptionChange): Promise<ExceptionCreated>;
  /** Record, evidence, what judgements read, and a wake-up: one transaction. */
  commit(from: StoredException, change: ExceptionChange): Promise<ExceptionCommitted>;
  /** After a pass over its cards, and its projection: what was sent, when something is tried again, when to look at it next (ISO-8601 UTC). */
  shown(from: StoredException, pass: ExceptionPass): Promise<void>;
  /** Has its cards brought in line once more. */
  showAgain(scope: ScopeKey, id: string, at: string): Promise<void>;
  /** Those that are not over, of this service or of all, of every organization. */
  live(service?: string): Promise<readonly LiveException[]>;
  /** Every one of a scope, those that are over included, newest first. */
  all(scope: ScopeKey): Promise<readonly Exception[]>;
}

export function scopeOf(exception: { readonly org: string; readonly target: ExceptionTarget }): ScopeKey {
  return { org: exception.org, service: exception.target.service, environment: exception.target.environment };
}
