import { sha256Of } from './checksum.ts';
import { duplicateKeysOf, problemOf } from './duplicate-keys.ts';
import {
  type Category,
  type Exploitability,
  type Finding,
  type Scan,
  SEVERITIES,
  type Severity,
  type Timing,
} from './finding.ts';
import { globMatcher } from './glob.ts';
import { type Past, type Pasts, strictest } from './past.ts';
import { exemptionKeysOf } from './policy-exemption.ts';
import { byText, type Steps, sorted, visit } from './steps.ts';
import { otherIdsOf } from './vulnerability-ids.ts';

/** Findings that the contract cannot tell apart: they are judged together. */
export interface FindingGroup {
  readonly rule: string;
  readonly severity: Severity;
  readonly exploitability?: Exploitability;
  readonly fixAvailable?: boolean;
  readonly suppressed: boolean;
  /** CVE and GHSA that each of the findings names besides its rule, sorted; absent: none, or not known. */
  readonly ids?: readonly string[];
  /** Those of the head's `knownGlobs` that match the findings' path. */
  readonly pathGlobs: readonly string[];
  /** The largest of the head's `knownRecurrences` that each has been seen; absent: none of them. */
  readonly recurrence?: number;
  /** Of whichever was furthest on when they were imported. */
  readonly past?: Past;
  readonly count: number;
  /** Sorted. Empty when there are more than `LISTED_LIMIT` in the head: then nothing here can be excepted. */
  readonly fingerprints: readonly string[];
  /** By which duplicates are told (duplicate-keys.ts), of each of the fingerprints; absent: none has any. */
  readonly duplicateKeys?: readonly string[];
  /** By which exemptions of Azure Policy are told (policy-exemption.ts), of each of the fingerprints; absent: none has any. */
  readonly exemptionKeys?: readonly string[];
  /** Checksum of the fingerprints where they are not listed. */
  readonly unlisted?: string;
  readonly samples: readonly FindingSample[];
}

/** Enough of a finding to show it. */
export interface FindingSample {
  readonly fingerprint: string;
  readonly message: string;
  readonly path?: string;
  readonly line?: number;
  readonly help?: string;
}

/** The newest scan by one tool of one commit, in one category: what a gate reads (storage.md rule 6). */
export interface ScanHead {
  readonly reportId: string;
  readonly scanId: string;
  readonly service: string;
  /** Absent: the report counts for every environment of the service. */
  readonly environment?: string;
  /** Or `NO_COMMIT`. */
  readonly commit: string;
  readonly category: Category;
  readonly tool: string;
  readonly toolVersion?: string;
  readonly complete: boolean;
  /** True when the report named a run whose commit Azure DevOps confirmed. */
  readonly verified: boolean;
  readonly runId?: number;
  readonly branch?: string;
  readonly timing: Timing;
  /** ISO-8601 UTC. */
  readonly receivedAt: string;
  /** ISO-8601 UTC; the earlier of receipt and the tool's own end. */
  readonly scannedAt: string;
  /** Checksums of the artifacts whose provenance was verified; absent: of none. */
  readonly artifacts?: readonly string[];
  /** Path globs of contract and catalog at import; one that is missing here is unknown, never unmatched. */
  readonly knownGlobs: readonly string[];
  /** What rules asked of recurrence at import; absent: the scan was none of a history. */
  readonly knownRecurrences?: readonly number[];
  readonly groups: readonly FindingGroup[];
}

/** In the place of a commit: what is so in an environment whatever is deployed there (posture.ts). */
export const NO_COMMIT = '-';

/** More fingerprints than this in one head are counted, not listed: the row must stay below 1 MiB. */
export const LISTED_LIMIT = 8_000;
/** Of more findings in one group neither duplicates nor exemptions are told: it has to fit into one row. */
const KEYED_LIMIT = 2_000;
const SAMPLES = 3;
/** Groups that keep samples, the severest first: a card shows a handful. */
const SAMPLED_GROUPS = 200;
/** Findings in one step, of which a group takes as long as so many. */
const FINDINGS_A_STEP = 5_000;
const A_GROUP = 50;

/** What an import knows of findings besides the report. */
export interface Known {
  readonly pasts?: Pick<Pasts, 'get'>;
  /** Largest threshold of `knownRecurrences` that this finding has been seen. */
  readonly recurrenceOf?: (fingerprint: string) => number | undefined;
}

/** Groups the findings of one scan and category as the contract judges them; order-independent. */
export function* groupFindings(
  findings: readonly Finding[],
  scan: Pick<Scan, 'tool'>,
  category: Category,
  globs: PathGlobs,
  known: Known = {},
): Steps<FindingGroup[]> {
  let count = 0;
  const byKey = new Map<string, Finding[]>();
  yield* visit(findings, (finding) => {
    if (finding.tool !== scan.tool || finding.category !== category) return;
    count += 1;
    const key = groupKey(finding, globs, known);
    const members = byKey.get(key);
    if (members === undefined) byKey.set(key, [finding]);
    else members.push(finding);
  });
  const inOrder = yield* sorted([...byKey], ([a], [b]) => byText(a, b));
  const groups: FindingGroup[] = [];
  let inStep = 0;
  for (const severity of SEVERITIES)
    for (const [, members] of inOrder) {
      if (members[0]?.severity !== severity) continue;
      const samples = groups.length < SAMPLED_GROUPS ? SAMPLES : 0;
      groups.push(yield* toGroup(members, globs, known, { listed: count <= LISTED_LIMIT, samples }));
      inStep += A_GROUP + members.length;
      if (inStep < FINDINGS_A_STEP) continue;
      inStep = 0;
      yield;
    }
  return groups;
}

/** Which of the known globs match each path. */
export type PathGlobs = ReadonlyMap<string, readonly string[]>;

const PATHS_A_STEP = 200;

/** Matches every path once. */
export function* matchPaths(findings: readonly Finding[], globs: readonly string[]): Steps<PathGlobs> {
  const matchers = globs.map((glob) => ({ glob, matches: globMatcher(glob) }));
  const byPath = new Map<string, readonly string[]>();
  const match = ({ path }: Finding) => {
    if (path === undefined || byPath.has(path)) return;
    byPath.set(
      path,
      matchers.filter(({ matches }) => matches(path)).map(({ glob }) => glob),
    );
  };
  yield* visit(findings, match, PATHS_A_STEP);
  return byPath;
}

function matchedGlobs(path: string | undefined, globs: PathGlobs): readonly string[] {
  return path === undefined ? [] : (globs.get(path) ?? []);
}

function groupKey(finding: Finding, globs: PathGlobs, { recurrenceOf }: Known): string {
  return JSON.stringify([
    finding.rule,
    finding.severity,
    finding.exploitability ?? null,
    finding.fixAvailable ?? null,
    finding.suppressed,
    matchedGlobs(finding.path, globs),
    recurrenceOf?.(finding.fingerprint) ?? null,
    otherIdsOf(finding),
  ]);
}

interface Kept {
  readonly listed: boolean;
  readonly samples: number;
}

function* toGroup(
  members: readonly Finding[],
  globs: PathGlobs,
  known: Known,
  { listed, samples }: Kept,
): Steps<FindingGroup> {
  const inOrder = yield* sorted(members, (a, b) => byText(a.fingerprint, b.fingerprint));
  const first = inOrder[0] as Finding;
  const recurrence = known.recurrenceOf?.(first.fingerprint);
  const ids = otherIdsOf(first);
  const past = strictest(yield* pastsIn(members, known));
  return {
    rule: first.rule,
    severity: first.severity,
    ...(first.exploitability === undefined ? {} : { exploitability: first.exploitability }),
    ...(first.fixAvailable === undefined ? {} : { fixAvailable: first.fixAvailable }),
    suppressed: first.suppressed,
    ...(ids.length === 0 ? {} : { ids }),
    pathGlobs: matchedGlobs(first.path, globs),
    ...(recurrence === undefined ? {} : { recurrence }),
    ...(past === undefined ? {} : { past }),
    count: inOrder.length,
    ...(listed
      ? { fingerprints: inOrder.map(({ fingerprint }) => fingerprint), ...(yield* keysOf(inOrder)) }
      : { fingerprints: [], unlisted: yield* sha256Of(inOrder, ({ fingerprint }) => fingerprint) }),
    samples: inOrder.slice(0, samples).map(toSample),
  };
}

/** Each once: findings that came with the same scan share one. */
function* pastsIn(members: readonly Finding[], { pasts }: Known): Steps<Past[]> {
  const found = new Set<Past>();
  yield* visit(members, ({ fingerprint }) => {
    const past = pasts?.get(fingerprint);
    if (past !== undefined) found.add(past);
  });
  return [...found];
}

function* keysOf(inOrder: readonly Finding[]): Steps<Pick<FindingGroup, 'duplicateKeys' | 'exemptionKeys'>> {
  if (inOrder.length > KEYED_LIMIT) return {};
  const duplicateKeys: string[] = [];
  const exemptionKeys: string[] = [];
  yield* visit(inOrder, (finding) => {
    duplicateKeys.push(duplicateKeysOf(problemOf(finding)));
    exemptionKeys.push(exemptionKeysOf(finding));
  });
  return { ...(hasAny(duplicateKeys) ? { duplicateKeys } : {}), ...(hasAny(exemptionKeys) ? { exemptionKeys } : {}) };
}

function hasAny(keys: readonly string[]): boolean {
  return keys.some((one) => one !== '');
}

/** The same without what duplicates and exemptions are told by. */
export function* unkeyed(head: ScanHead): Steps<ScanHead> {
  const groups: FindingGroup[] = [];
  yield* visit(head.groups, ({ duplicateKeys: _, exemptionKeys: __, ...group }) => groups.push(group));
  return { ...head, groups };
}

function toSample(finding: Finding): FindingSample {
  return {
    fingerprint: finding.fingerprint,
    message: finding.message,
    ...(finding.path === undefined ? {} : { path: finding.path }),
    ...(finding.line === undefined ? {} : { line: finding.line }),
    ...(finding.help === undefined ? {} : { help: finding.help }),
  };
}
