import type { EvidenceDraft, EvidenceEntry } from '../domain/evidence.ts';
import type { ImportedException } from '../domain/imported-exception.ts';
import type { ScopeKey } from './scope-store.ts';

/** What was brought in for one scope, as it was read. */
export interface StoredImports {
  readonly scope: ScopeKey;
  readonly all: readonly ImportedException[];
  /** By id as what each was read; opaque. */
  readonly versions: ReadonlyMap<string, string>;
  /** Chain of everything that was brought in there, oldest first. */
  readonly evidence: readonly EvidenceEntry[];
}

export interface ImportsChange {
  readonly op: string;
  /** Those that are new or have changed. */
  readonly changed: readonly ImportedException[];
  readonly evidence: EvidenceDraft;
  /** ISO-8601 UTC of now. */
  readonly at: string;
}

/** Exceptions of other tools (storage.md rule 32). Rejects with StoreUnavailableError. */
export interface ImportStore {
  read(scope: ScopeKey): Promise<StoredImports>;
  /**
   * Evidence comes with the last of what has changed: until it is there, doing the same again goes on where it ended. `lost`:
   * somebody else, or an earlier try, was first; some of it may be written.
   */
  commit(from: StoredImports, change: ImportsChange): Promise<'committed' | 'lost'>;
  /** Where something was brought in, of this service or of all. */
  scopes(service?: string): Promise<readonly ScopeKey[]>;
}
