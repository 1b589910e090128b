import type { VexDocument } from './vex.ts';

/** Classes of signal that a control can name; contract.md, "Which control". */
export const CATEGORIES = [
  'secret',
  'dependency',
  'sast',
  'iac',
  'policy',
  'configuration',
  'provenance',
  'container',
  'runtime',
  'activity',
  'platform',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Streams that are evidence and never a gate. */
export function neverGates(category: Category): boolean {
  return category === 'activity';
}

/** Strictest first. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const TIMINGS = ['pre-merge', 'build', 'pre-deploy', 'post-deploy'] as const;
export type Timing = (typeof TIMINGS)[number];

export const EXPLOITABILITIES = ['known-exploited', 'exploitable', 'unknown', 'not-affected'] as const;
export type Exploitability = (typeof EXPLOITABILITIES)[number];

/** One problem that one tool reported. Texts are as the tool wrote them, clamped, not yet made safe for a card. */
export interface Finding {
  /** 32 hexadecimal characters; the finding's identity across runs (fingerprint.ts). */
  readonly fingerprint: string;
  readonly category: Category;
  /** Tool family, lower case: `semgrep`, `codeql`, `trivy`. */
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Normalised path relative to the repository root, or the asset's id. */
  readonly path?: string;
  readonly line?: number;
  /** What the tool says about mending it. */
  readonly help?: string;
  /** Suppressed in the report itself; counts all the same unless the control says `acceptSuppressions`. */
  readonly suppressed: boolean;
  readonly exploitability?: Exploitability;
  readonly fixAvailable?: boolean;
  readonly vulnerability?: Vulnerability;
  /** ARM id of the definition in Azure Policy that `asset` does not comply with. */
  readonly policyDefinition?: string;
  /** ARM id of the assignment by which that is asked of it. */
  readonly policyAssignment?: string;
  /** By which name the assigned initiative has the definition; absent: none. */
  readonly policyReference?: string;
  /** ARM id as written, when the finding is of something in Azure. */
  readonly asset?: string;
  /** ISO-8601 UTC; since when the source says that it is so. An older word never overrules a newer one. */
  readonly at?: string;
}

/** What a finding of a vulnerable package has in common with those of other tools. */
export interface Vulnerability {
  /** CVE, GHSA and the tool's own, as written. */
  readonly ids: readonly string[];
  /** Name and version, as the tool writes them. */
  readonly package?: string;
  /** Package URL, with or without version and qualifiers. */
  readonly purl?: string;
}

/** What one tool did, as its report says. */
export interface Scan {
  /** Tool family, lower case. */
  readonly tool: string;
  readonly toolVersion?: string;
  /** Categories that this tool's report is evidence for. */
  readonly categories: readonly Category[];
  /** False when the tool says that its run failed: findings count, but nothing is proven clean. */
  readonly complete: boolean;
  /** ISO-8601 UTC; when the tool says it ended. */
  readonly endedAt?: string;
  /** Checksums (`sha256:…`) of the artifacts whose provenance was verified; absent where none was to be. */
  readonly artifacts?: readonly string[];
}

/** An entry that was read and is no finding: compliant, healthy, resolved, fixed. */
export interface Cleared {
  /** That of the finding that it would have been. */
  readonly fingerprint: string;
  /** Tool family, lower case. */
  readonly tool: string;
  /** ARM id as written, when it is of something in Azure. */
  readonly asset?: string;
  /** ISO-8601 UTC; since when the source says that it is so. */
  readonly at?: string;
}

/** A report, read to its end. */
export interface Report {
  readonly format: string;
  /** Entries in the report, before suppression and joining. */
  readonly results: number;
  readonly scans: readonly Scan[];
  readonly findings: readonly Finding[];
  /** Absent: none, or of a format that lists findings only. */
  readonly cleared?: readonly Cleared[];
  /** What it says of vulnerabilities that scans may find; it proves nothing clean. */
  readonly vex?: VexDocument;
  /** Checksum of the trust that its attestations were verified by. */
  readonly trust?: string;
  /** What was skipped or doubtful, in words for the pipeline's author. */
  readonly problems: readonly string[];
}
