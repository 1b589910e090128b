import type { NudgeRecord } from '../domain/nudge.ts';

/** A record as it was read; `etag` is opaque. */
export interface StoredNudges {
  readonly record: NudgeRecord;
  readonly etag: string;
}

/** One record for each person or channel who was ever told again of something. Rejects with StoreUnavailableError. */
export interface NudgeRecords {
  /** One call for 1,000 readers. */
  all(): Promise<readonly StoredNudges[]>;
  of(reader: string): Promise<StoredNudges | undefined>;
  /** In place of `before` (undefined: there was none); undefined: somebody else was first. */
  put(record: NudgeRecord, before: StoredNudges | undefined): Promise<StoredNudges | undefined>;
}
