import type { EvidenceDraft, EvidenceEntry } from '../domain/evidence.ts';
import type { OffPath } from '../domain/off-path.ts';

/** A message about an action that was sent, and to whom (`user:oid`). */
export interface OffPathMessage {
  readonly recipient: string;
  readonly conversation: string;
  readonly activityId: string;
}

/** Whom was told of it, beside the record: what is said never waits for what is told. */
export interface OffPathTold {
  readonly messages: readonly OffPathMessage[];
  /** A process is at it, or died there (ISO-8601 UTC). */
  readonly claimedAt?: string;
  /** What all of these messages show; '' before the first. */
  readonly shows: string;
}

/** Everything stored of one action. */
export interface StoredOffPath {
  readonly action: OffPath;
  readonly etag: string;
  readonly evidence: readonly EvidenceEntry[];
}

export interface StoredTold {
  readonly told: OffPathTold;
  readonly etag: string;
}

/** Actions off the release path. Rejects with StoreUnavailableError. */
export interface OffPathStore {
  /** With its evidence and a note that somebody must be told, in one transaction; false: it is known already. */
  create(action: OffPath, evidence: EvidenceDraft, op: string): Promise<boolean>;
  read(id: string): Promise<StoredOffPath | undefined>;
  /** One change with one evidence entry; its messages must be brought in line. Undefined: somebody else changed it first. */
  commit(
    before: StoredOffPath,
    change: { readonly action: OffPath; readonly evidence: EvidenceDraft; readonly op: string; readonly at: string },
  ): Promise<StoredOffPath | undefined>;
  /** Of which somebody is still to be told something, in no order: one call. */
  untold(): Promise<readonly { readonly id: string; readonly told: StoredTold }[]>;
  /** Undefined: there is nothing to be told now. */
  told(id: string): Promise<StoredTold | undefined>;
  /** Undefined: somebody else was first. `isDone`: nobody is left who is to be told now. */
  putTold(id: string, told: OffPathTold, before: StoredTold, isDone: boolean): Promise<StoredTold | undefined>;
  /** That somebody still has to explain or confirm, oldest first: one call for 1,000. */
  open(): Promise<readonly OffPath[]>;
  /** What was raised since an instant (ISO-8601 UTC), oldest first: one call for 1,000. */
  since(instant: string): Promise<readonly OffPath[]>;
}
