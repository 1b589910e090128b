import { OWN_TOOL } from './branch-protection.ts';
import { canonicalJson } from './canonical.ts';
import type { Service } from './catalog.ts';
import { sha256 } from './checksum.ts';
import { type Contract, type DecisionClass, pathGlobsOf } from './contract.ts';
import { problemOf } from './duplicate-keys.ts';
import type { EvidenceDraft } from './evidence.ts';
import type { Category, Finding, Report, Timing } from './finding.ts';
import type { History } from './finding-history.ts';
import { type JudgeInput, judge } from './judge.ts';
import type { Judgement } from './judgement.ts';
import { joined, type Pasts, pastsOf, recurrencesOf, thresholdsOf } from './past.ts';
import { isShipped, type ReleasedIn, shippedBefore } from './release.ts';
import { allMatched, groupFindings, type Known, NO_COMMIT, type PathGlobs, type ScanHead } from './scan-head.ts';
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

/** Sorted fingerprints by tool; a tool that found nothing has an empty list. */
export function fingerprintsByTool(report: Report): ReadonlyMap<string, readonly string[]> {
  const byTool = new Map<string, string[]>(report.scans.map(({ tool }) => [tool, []]));
  for (const finding of report.findings) byTool.get(finding.tool)?.push(finding.fingerprint);
  for (const list of byTool.values()) list.sort();
  return byTool;
}

/**
 * The same findings of the same tools for the same scope are the same report, whatever their file looks like; what a
 * judgement reads of them (severity, exploitability, duplicates, whether it is verified …) is part of being the same.
 * What is well again (`cleared`), and since when a source says what it does (`at`), is not: nothing that is stored of a report
 * comes from it. Where an older word could overrule a newer one, both are compared before there is a report (posture.ts).
 */
export function reportIdOf(
  scope: { readonly org: string; readonly service: string; readonly environment: string },
  context: ScanContext,
  report: Report,
  fingerprints: ReadonlyMap<string, readonly string[]>,
): string {
  const { vex } = report;
  const scans = report.scans.map(({ tool, complete, endedAt, artifacts }) => ({ tool, complete, endedAt, artifacts }));
  const findings = report.findings
    .map((f) =>
      [f.fingerprint, f.severity, f.suppressed, f.exploitability ?? '-', f.fixAvailable ?? '-', ...problemIn(f)].join(
        ' ',
      ),
    )
    .sort();
  const said = {
    ...scope,
    commit: context.commit,
    branch: context.branch,
    runId: context.runId,
    timing: context.timing,
    verified: context.verified,
    scans,
    fingerprints: [...fingerprints.keys()],
    findings: sha256(findings.join('\n')),
    ...(vex === undefined ? {} : { vex: [vex.id, vex.version, vex.at, idByContent(vex.statements)] }),
  };
  return sha256(canonicalJson(said)).slice(0, 32);
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
export function headsOf(
  context: ScanContext,
  report: Report,
  contract: Contract | undefined,
  reportId: string,
  at: string,
  service?: Service,
  matched?: PathGlobs,
  knownByTool: ReadonlyMap<string, Known> = new Map(),
): ScanHead[] {
  const knownGlobs = globsFor(contract, service);
  const globs = matched ?? allMatched(report.findings, knownGlobs);
  const { scannedAt, ...origin } = context;
  const said = { ...origin, reportId, scanId: reportId, receivedAt: at };
  const byTool = Map.groupBy(report.findings, ({ tool }) => tool);
  const knownRecurrences = thresholdsOf(contract);
  return report.scans.flatMap((scan) => {
    const known = knownByTool.get(scan.tool);
    return categoriesOf(scan.categories, byTool.get(scan.tool) ?? []).map((category) => ({
      ...said,
      category,
      tool: scan.tool,
      ...(scan.toolVersion === undefined ? {} : { toolVersion: scan.toolVersion }),
      complete: scan.complete,
      timing: context.timing ?? TIMING_OF.get(category) ?? 'build',
      scannedAt: earliest(scannedAt ?? scan.endedAt, at),
      ...(scan.artifacts === undefined ? {} : { artifacts: scan.artifacts }),
      knownGlobs,
      ...(known === undefined ? {} : { knownRecurrences }),
      groups: groupFindings(byTool.get(scan.tool) ?? [], scan, category, globs, known),
    }));
  });
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
    compared.flatMap(({ scan, history }): [string, Known][] =>
      history === undefined ? [] : [[scan.tool, knownOf(history, contract)]],
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
function categoriesOf(attested: readonly Category[], findings: readonly Finding[]): Category[] {
  return [...new Set([...attested, ...findings.map(({ category }) => category)])].sort();
}

/** What a report alone would mean in one environment. */
export type ReportDecisions = Judgement['counts'] & { readonly environment: string };

/** What else judges a report: what it says itself, and what the policy lists. */
interface Beside {
  readonly vex?: ScopedVex;
  readonly policy?: Pick<JudgeInput, 'knownExploited'>;
}

/** In the named environment, else in each. */
export function decisionsOf(
  context: ScanContext,
  heads: readonly ScanHead[],
  contract: Contract | undefined,
  service: Service | undefined,
  now: string,
  known: Iterable<Known> = [],
  { vex, policy = {} }: Beside = {},
): ReportDecisions[] {
  if (contract === undefined) return [];
  const own = {
    name: context.service,
    ...(service === undefined ? {} : { service }),
    heads,
    ...(vex === undefined ? {} : { vex: [vex] }),
    exceptions: [],
    commits: [context.commit],
    pasts: [...known].reduce<Pasts>((all, { pasts }) => (pasts === undefined ? all : joined(all, pasts)), new Map()),
  };
  const exploited = policy.knownExploited === undefined ? {} : { knownExploited: policy.knownExploited };
  const asked = { contract, ...exploited, services: [own], arrivedAt: now, now, obstacles: [] };
  return [...contract.environments.values()]
    .filter(({ name }) => context.environment === undefined || name === context.environment)
    .map((environment) => ({ environment: environment.name, ...judge({ ...asked, environment }).counts }));
}

export function strictestOf(decisions: readonly ReportDecisions[]): Judgement['counts'] {
  const nothing: Record<DecisionClass, number> = { block: 0, warn: 0, monitor: 0 };
  return decisions
    .map(({ block, warn, monitor }) => ({ block, warn, monitor }))
    .reduce((a, b) => (isStricter(b, a) ? b : a), nothing);
}

function isStricter(a: Judgement['counts'], b: Judgement['counts']): boolean {
  return (
    a.block > b.block ||
    (a.block === b.block && a.warn > b.warn) ||
    (a.block === b.block && a.warn === b.warn && a.monitor > b.monitor)
  );
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
