import type { EvidenceDraft } from '../domain/evidence.ts';
import type { ActiveException } from '../domain/exception.ts';
import { type Gate, scopesOf } from '../domain/gate.ts';
import { type Release, releaseOf } from '../domain/release.ts';
import type { ScanHead } from '../domain/scan-head.ts';
import { type Contender, contenderOf } from '../domain/supersession.ts';

/** One service in one environment of one organization; `-` stands for every environment. */
export interface ScopeKey {
  readonly org: string;
  readonly service: string;
  readonly environment: string;
}

export interface ScopeView {
  readonly heads: readonly ScanHead[];
  readonly exceptions: readonly ActiveException[];
  /** The gates that are registered here. */
  readonly contenders: readonly Contender[];
  /** The last deployment that was let through here. */
  readonly release?: Release;
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
  register(scope: ScopeKey, contender: Contender): Promise<void>;
  /** Takes the row away again; with a release, in the same transaction, notes what was let through here last. */
  unregister(scope: ScopeKey, requestId: string, release?: Release): Promise<void>;
  /** Requests that wait for something in this scope. */
  waiting(scope: ScopeKey): Promise<readonly string[]>;
  /** Scan heads of these commits (`any`: of every commit), exceptions, who is registered, the last release: one call. */
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

/** Before anything of a gate's scopes is read: whatever is committed later finds its rows (storage.md rule 5). */
export async function enterScopes(scopes: ScopeStore, gate: Gate): Promise<void> {
  await Promise.all(scopesOf(gate).map((scope) => scopes.register(scope, contenderOf(gate))));
}

/** Once Azure DevOps was told; what was let through is noted where the next deployment of the same environment looks. */
export async function leaveScopes(scopes: ScopeStore, gate: Gate): Promise<void> {
  const release = releaseOf(gate);
  await Promise.all(
    scopesOf(gate).map((scope) =>
      scopes.unregister(scope, gate.id, scope.environment === gate.environment ? release : undefined),
    ),
  );
}
