import type { EvidenceEntry } from '../domain/evidence.ts';

/** Where it is read what was decided: what is stored now, or files that were exported. Rejects with StoreUnavailableError, or with a sentence. */
export interface DecisionEvidence {
  /** Every chain that changed in this time (ISO-8601 UTC, from inclusive, before exclusive), whole; others may be among them, and one twice. */
  chains(from: string, before: string): AsyncIterable<readonly EvidenceEntry[]>;
  /** Every chain of requests that a run made; empty where only `chains` says it. */
  ofRun(org: string, runId: number): Promise<readonly (readonly EvidenceEntry[])[]>;
  /** What it does not cover of this time, in words. Known once `chains` was read. */
  gaps(from: string, before: string): readonly string[];
}
