import { OWN_TOOL } from './branch-protection.ts';
import { canonicalJson } from './canonical.ts';
import type { Service } from './catalog.ts';
import { sha256, sha256Of } from './checksum.ts';
import { type Contract, pathGlobsOf } from './contract.ts';
import { problemOf } from './duplicate-keys.ts';
import type { EvidenceDraft } from './evidence.ts';
import type { Category, Finding, Report, Scan, Timing } from './finding.ts';
import type { History } from './finding-history.ts';
import { pastsOf, recurrencesOf, thresholdsOf } from './past.ts';
import { isShipped, type ReleasedIn, shippedBefore } from './release.ts';
import { groupFindings, type Known, matchPaths, NO_COMMIT, type ScanHead } from './scan-head.ts';
import { byText, type Steps, sorted, visit } from './steps.ts';
import { idByContent, type ScopedVex } from './vex.ts';
import { otherIdsOf } from './vulnerability-ids.ts';

/** What a report's sender says about it, and what could be confirmed of that. */
export interface ScanContext {
  readonly service: string;
  /** Lower-case hexadecimal, or `NO_COMMIT`. */
  readonly commit: string;
  readonly environment?: string;
  readonly branch?: string;
  readonly runId?: number;
  readonly timing?: Timing;
  /** True when Azure DevOps confirmed run and commit; of a posture, when the bot knows by itself where it comes from. */
  readonly verified: boolean;
  /** ISO-8601 UTC; of a posture, when it was last looked at. */
  readonly scannedAt?: string;
}

/** One report, before anything of it is stored. */
export interface NewReport {
  readonly context: ScanContext;
  readonly report: Report;
  readonly service: Service | undefined;
  readonly reportId: string;
  /** ISO-8601 UTC of its receipt. */
  readonly at: string;
  /** Sorted, by tool. */
  readonly fingerprints: ReadonlyMap<string, readonly string[]>;
}

/** The report by what tells it from every other; sorted, which is why nothing that reads it afterwards has much to sort. */
export function* identified(
  scope: Parameters<typeof reportIdOf>[0],
  told: Omit<NewReport, 'reportId' | 'fingerprints'>,
): Steps<NewReport> {
  const report = { ...told.report, findings: yield* sorted(told.report.findings, byLine) };
  const fingerprints = yield* fingerprintsByTool(report);
  const reportId = yield* reportIdOf(scope, told.context, report, fingerprints);
  return { ...told, report, fingerprints, reportId };
}

/** Sorted fingerprints by tool; a tool that found nothing has an empty list. */
export function* fingerprintsByTool(report: Report): Steps<ReadonlyMap<string, readonly string[]>> {
  const byTool = new Map<string, string[]>(report.scans.map(({ tool }) => [tool, []]));
  yield* visit(report.findings, ({ tool, fingerprint }) => byTool.get(tool)?.push(fingerprint));
  const inOrder = new Map<string, readonly string[]>();
  for (const [tool, list] of byTool) inOrder.set(tool, yield* sorted(list, byText));
  return inOrder;
}

/**
 * The same findings of the same tools for the same scope are the same report, whatever their file looks like; what a
 * judgement reads of them (severity, exploitability, duplicates, whether it is verified …) is part of being the same.
 * What is well again (`cleared`), and since when a source says what it does (`at`), is not: nothing that is stored of a report
 * comes from it. Where an older word could overrule a newer one, both are compared before there is a report (posture.ts).
 */
export function* reportIdOf(
  scope: { readonly org: string; readonly service: string; readonly environment: string },
  context: ScanContext,
  report: Report,
  fingerprints: ReadonlyMap<string, readonly string[]>,
): Steps<string> {
  const { vex } = report;
  const scans = report.scans.map(({ tool, complete, endedAt, artifacts }) => ({ tool, complete, endedAt, artifacts }));
  const findings = yield* sorted(report.findings, byLine);
  const said = {
    ...scope,
    commit: context.commit,
    branch: context.branch,
    runId: context.runId,
    timing: context.timing,
    verified: context.verified,
    scans,
    fingerprints: [...fingerprints.keys()],
    findings: yield* sha256Of(findings, (one) => `${one === findings[0] ? '' : '\n'}${lineOf(one)}`),
    ...(vex === undefined ? {} : { vex: [vex.id, vex.version, vex.at, idByContent(vex.statements)] }),
    ...(report.trust === undefined ? {} : { trust: report.trust }),
  };
  return sha256(canonicalJson(said)).slice(0, 32);
}

/** The same order as that of their lines, which begin with the fingerprint. */
function byLine(a: Finding, b: Finding): number {
  return byText(a.fingerprint, b.fingerprint) || byText(lineOf(a), lineOf(b));
}

/** What a judgement reads of one finding. */
function lineOf(finding: Finding): string {
  const { fingerprint, severity, suppressed, exploitability = '-', fixAvailable = '-' } = finding;
  return [fingerprint, severity, suppressed, exploitability, fixAvailable, ...problemIn(finding)].join(' ');
}

/** Nothing where there is none: what has no duplicates is the same report as before there were any. */
function problemIn(finding: Finding): string[] {
  const problem = problemOf(finding);
  const ids = otherIdsOf(finding);
  return [
    ...(problem === undefined ? [] : [JSON.stringify([problem.ids, problem.subject, problem.version])]),
    ...(ids.length === 0 ? [] : [ids.join()]),
  ];
}

/** Path globs that a judgement may ask of this service's findings: those of the contract's rules and of its owners. */
export function globsFor(contract: Contract | undefined, service: Service | undefined): string[] {
  const ruleGlobs = contract === undefined ? [] : pathGlobsOf(contract);
  const ownerGlobs = service === undefined ? [] : service.paths.map(({ glob }) => glob);
  return [...new Set([...ruleGlobs, ...ownerGlobs])].sort();
}

/** When a category is looked at, where its sender does not say so: these are about what runs. */
const TIMING_OF: ReadonlyMap<Category, Timing> = new Map([
  ['policy', 'post-deploy'],
  ['runtime', 'post-deploy'],
  ['activity', 'post-deploy'],
]);

/** One head for each tool and category of the report; `service` is whose path owners its findings are told apart by. */
export function* headsOf(
  context: ScanContext,
  report: Report,
  contract: Contract | undefined,
  reportId: string,
  at: string,
  service?: Service,
  knownByTool: ReadonlyMap<string, Known> = new Map(),
): Steps<ScanHead[]> {
  const knownGlobs = globsFor(contract, service);
  const globs = yield* matchPaths(report.findings, knownGlobs);
  const { scannedAt: _, ...origin } = context;
  const said = { ...origin, reportId, scanId: reportId, receivedAt: at };
  const byTool = yield* findingsByTool(report);
  const knownRecurrences = thresholdsOf(contract);
  const heads: ScanHead[] = [];
  for (const scan of report.scans) {
    const known = knownByTool.get(scan.tool);
    const findings = byTool.get(scan.tool) ?? [];
    const recurrences = known === undefined ? {} : { knownRecurrences };
    for (const category of yield* categoriesOf(scan.categories, findings)) {
      const groups = yield* groupFindings(findings, scan, category, globs, known);
      heads.push({ ...said, ...scannedIn(context, scan, category, at), knownGlobs, ...recurrences, groups });
    }
  }
  return heads;
}

function scannedIn(context: ScanContext, scan: Scan, category: Category, at: string) {
  return {
    category,
    tool: scan.tool,
    ...(scan.toolVersion === undefined ? {} : { toolVersion: scan.toolVersion }),
    complete: scan.complete,
    timing: context.timing ?? TIMING_OF.get(category) ?? 'build',
    scannedAt: earliest(context.scannedAt ?? scan.endedAt, at),
    ...(scan.artifacts === undefined ? {} : { artifacts: scan.artifacts }),
  };
}

function* findingsByTool({ scans, findings }: Report): Steps<ReadonlyMap<string, readonly Finding[]>> {
  const byTool = new Map<string, Finding[]>(scans.map(({ tool }) => [tool, []]));
  yield* visit(findings, (finding) => byTool.get(finding.tool)?.push(finding));
  return byTool;
}

/** What a report says of vulnerabilities, as judgements of its commit read it; undefined: nothing. */
export function scopedVexOf(
  { commit, verified }: ScanContext,
  { vex }: Report,
  reportId: string,
  receivedAt: string,
): ScopedVex | undefined {
  return vex === undefined ? undefined : { ...vex, commit, verified, reportId, receivedAt };
}

/** What is known of each tool's findings, where they have a history. */
export function pastsByTool(
  compared: readonly { readonly scan: { readonly tool: string }; readonly history?: History }[],
  contract: Contract | undefined,
): ReadonlyMap<string, Known> {
  return new Map(
    compared.flatMap(({ scan, history }) =>
      history === undefined ? [] : [[scan.tool, knownOf(history, contract)] as const],
    ),
  );
}

function knownOf(history: History, contract: Contract | undefined): Known {
  const thresholds = thresholdsOf(contract);
  return {
    pasts: pastsOf(history, recurrencesOf(contract)),
    recurrenceOf: (fingerprint) => {
      const total = history.present.get(fingerprint)?.total ?? 0;
      return thresholds.findLast((threshold) => threshold <= total);
    },
  };
}

function earliest(endedAt: string | undefined, at: string): string {
  if (endedAt === undefined) return at;
  return new Date(Math.min(Date.parse(endedAt), Date.parse(at))).toISOString();
}

/** What the tool attests, and what its findings show it looked at. */
function* categoriesOf(attested: readonly Category[], findings: readonly Finding[]): Steps<Category[]> {
  const found = new Set(attested);
  yield* visit(findings, ({ category }) => found.add(category));
  return [...found].sort();
}

/** Those of these deployments that shipped this commit before the report came: what it finds was found after them. */
export function releasesBefore(
  { commit }: ScanContext,
  { findings }: Report,
  releases: readonly ReleasedIn[],
): readonly ReleasedIn[] {
  return findings.length === 0 ? [] : releases.filter(({ release }) => isShipped(release, commit));
}

/** What evidence keeps of an import; `releases` are the last deployments of its scope. */
export function importEvidence(
  context: ScanContext,
  report: Report,
  heads: readonly ScanHead[],
  reportId: string,
  releases: readonly ReleasedIn[],
): EvidenceDraft {
  const before = releasesBefore(context, report, releases);
  return {
    kind: 'report-imported',
    actor:
      report.format === OWN_TOOL || context.commit === NO_COMMIT
        ? { kind: 'countersign' }
        : { kind: 'pipeline', name: context.service },
    data: {
      reportId,
      service: context.service,
      environment: context.environment,
      format: report.format,
      commit: context.commit,
      run: context.runId ?? null,
      results: report.results,
      ...(report.vex === undefined ? {} : { document: report.vex.id, statements: report.vex.statements.length }),
      ...(report.trust === undefined ? {} : { trust: report.trust }),
      ...(before.length === 0 ? {} : { foundAfter: before.map((one) => ({ ...shippedBefore(one) })) }),
      scans: heads.map((head) => ({
        tool: head.tool,
        version: head.toolVersion,
        category: head.category,
        complete: head.complete,
        scannedAt: head.scannedAt,
        verified: head.verified,
        ...(head.artifacts === undefined ? {} : { artifacts: head.artifacts }),
        findings: head.groups.reduce((sum, group) => sum + group.count, 0),
      })),
    },
  };
}
