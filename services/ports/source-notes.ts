import type { SourceNote } from '../domain/source-note.ts';

/** Somebody said that something has changed there. */
export interface PullHint {
  readonly source: string;
  /** Organization (URL) whose targets are meant. */
  readonly organization: string;
  readonly etag: string;
}

/** How the sources of signals stand, for all processes. Rejects with StoreUnavailableError. */
export interface SourceNotes {
  /** One call. */
  all(): Promise<{ readonly notes: readonly SourceNote[]; readonly hints: readonly PullHint[] }>;
  put(note: SourceNote): Promise<void>;
  forget(note: SourceNote): Promise<void>;
  /** Its targets are pulled with the next round. */
  hint(source: string, organization: string, at: string): Promise<void>;
  /** Unless it came again since it was read. */
  heeded(hint: PullHint): Promise<void>;
}
