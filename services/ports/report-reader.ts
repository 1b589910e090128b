import type { Category, Report } from '../domain/finding.ts';
import type { ExpectedProvenance } from '../domain/provenance.ts';

/** Why a report was not taken; nothing of it is stored. */
export interface ReportRefusal {
  readonly refused:
    | 'unknown-format'
    | 'malformed'
    | 'unsupported-version'
    | 'no-scan'
    | 'scan-failed'
    | 'too-deep'
    | 'too-large'
    | 'too-many-findings'
    /** Of its commit, or of its scope. */
    | 'too-many-tools'
    /** It names the bot itself as a tool. */
    | 'reserved-tool';
  /** What is wrong, where, and the way out; no secret, no more than 500 characters. */
  readonly detail: string;
}

export interface ReadOptions {
  /** Format asked for; absent: detected from the content. */
  readonly format?: string;
  /** Category for a tool that no table knows; never re-classes a known one. */
  readonly category?: Category;
  /** Absent: no attestation can be verified. */
  readonly provenance?: ExpectedProvenance;
}

/** Reads a report to its end in bounded memory. Rejects only when the body itself fails (cut off, over its limit). */
export interface ReportReader {
  read(body: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<Report | ReportRefusal>;
}
