import { plusMinutes } from '../domain/instant.ts';
import { lossIn, type Sent } from './notifier.ts';

/** How the last digest of one reader went. */
export interface DigestMark {
  /** `user:oid` or `channel:…`; of a heartbeat `heartbeat:oid`. */
  readonly reader: string;
  /** ISO date where the reader is. */
  readonly date: string;
  /**
   * `claimed`: a process is at it, or died there. `silent`: nothing was new, and the contract wants no line then.
   * `unreachable`: there is no conversation with them. `refused`: Teams does not take it, `code` says why.
   */
  readonly outcome: 'claimed' | 'sent' | 'silent' | 'unreachable' | 'refused';
  /** ISO-8601 UTC, as all here; when this outcome was written. */
  readonly at: string;
  readonly code?: string;
  /** From when on something is new to them: when the last digest that they got was made. Absent: they never got one. */
  readonly until?: string;
  /** The same before that digest. */
  readonly since?: string;
  /** What they have been told once (domain/digest.ts, `announcementOf`). */
  readonly told: readonly string[];
}

/** A mark as it was read; `etag` is opaque. */
export interface StoredMark {
  readonly mark: DigestMark;
  readonly etag: string;
}

export interface MarkChange {
  readonly mark: DigestMark;
  /** As it was read; undefined: there was none. */
  readonly before: StoredMark | undefined;
}

/** One mark for each reader who was ever looked at. Rejects with StoreUnavailableError. */
export interface DigestMarks {
  /** One call for 1,000 readers. */
  all(): Promise<readonly StoredMark[]>;
  of(reader: string): Promise<StoredMark | undefined>;
  /** Each in place of `before`, all of different readers, at most 100; undefined where somebody else was first. */
  put(changes: readonly MarkChange[]): Promise<readonly (StoredMark | undefined)[]>;
}

/** Somebody who wants to read everything of a service or an environment. */
export interface Subscription {
  readonly oid: string;
  readonly scope: string;
}

/** Rejects with StoreUnavailableError. */
export interface Subscriptions {
  all(): Promise<readonly Subscription[]>;
  of(oid: string): Promise<readonly Subscription[]>;
  add(subscription: Subscription): Promise<void>;
  remove(subscription: Subscription): Promise<void>;
}

/** A claim that is older belongs to a process that died: a digest twice is better than none. */
export const CLAIM_MINUTES = 10;

/** Dates only grow: whoever flies east to west gets no second digest of a date. */
export function isDone(mark: DigestMark | undefined, { date }: Pick<DigestMark, 'date'>): boolean {
  if (mark === undefined || mark.date < date) return false;
  return mark.date > date || !(mark.outcome === 'claimed' || mark.outcome === 'unreachable');
}

/** ISO-8601 UTC; until when another process may be at it. */
export function claimEnd(mark: DigestMark | undefined, { date }: Pick<DigestMark, 'date'>): string | undefined {
  return mark?.outcome === 'claimed' && mark.date === date ? plusMinutes(mark.at, CLAIM_MINUTES) : undefined;
}

/** Undefined: it stays claimed, and is tried again. */
export function outcomeOf(sent: Sent): Pick<DigestMark, 'outcome' | 'code'> | undefined {
  switch (sent.kind) {
    case 'sent':
      return { outcome: 'sent' };
    case 'gone':
    case 'refused':
      return { outcome: 'unreachable', code: lossIn(sent) ?? sent.kind };
    case 'failed':
      return sent.isFinal ? { outcome: 'refused', code: sent.code } : undefined;
    case 'unavailable':
      return undefined;
  }
}

const HEARTBEAT = 'heartbeat:';

/** Whose mark a heartbeat has: one a day, as of digests. */
export function heartbeatReader(oid: string): string {
  return `${HEARTBEAT}${oid}`;
}

export function isHeartbeat({ reader }: Pick<DigestMark, 'reader'>): boolean {
  return reader.startsWith(HEARTBEAT);
}
