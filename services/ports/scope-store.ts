import type { EvidenceDraft } from '../domain/evidence.ts';
import type { ActiveException } from '../domain/exception.ts';
import type { ScanHead } from '../domain/scan-head.ts';

/** One service in one environment of one organization; `-` stands for every environment. */
export interface ScopeKey {
  readonly org: string;
  readonly service: string;
  readonly environment: string;
}

export interface ScopeView {
  readonly heads: readonly ScanHead[];
  readonly exceptions: readonly ActiveException[];
}

export interface ImportChange {
  readonly scope: ScopeKey;
  readonly op: string;
  readonly heads: readonly ScanHead[];
  readonly evidence: EvidenceDraft;
  readonly reportId: string;
  /** ISO-8601 UTC of now. */
  readonly at: string;
}

/** Scopes in tables `scope` and `find`. Rejects with StoreUnavailableError. */
export interface ScopeStore {
  /** Writes this gate's row into the scope; before the scope is read (storage.md rule 5). */
  register(scope: ScopeKey, requestId: string): Promise<void>;
  unregister(scope: ScopeKey, requestId: string): Promise<void>;
  /** Requests that wait for something in this scope. */
  waiting(scope: ScopeKey): Promise<readonly string[]>;
  /** Scan heads of these commits (`any`: of every commit) and the exceptions in force: one call. */
  view(scope: ScopeKey, commits: readonly string[] | 'any'): Promise<ScopeView>;
  /** Fingerprints of the last scan of this tool, branch and scope; undefined when there was none. */
  lastScan(scope: ScopeKey, tool: string, branch: string): Promise<ReadonlySet<string> | undefined>;
  /**
   * Manifest first, then the commit: heads, evidence and a wake-up for those who wait (rules 5 and 6). `known`: every
   * head is of this very report already, and nothing was written.
   */
  importReport(
    change: ImportChange,
    fingerprints: ReadonlyMap<string, readonly string[]>,
  ): Promise<'imported' | 'known'>;
  /** Wake-ups of this scope that were not carried out yet. */
  pendingWakes(scope: ScopeKey): Promise<readonly string[]>;
  wakeDone(scope: ScopeKey, wake: string): Promise<void>;
}
