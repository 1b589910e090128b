import { type Catalog, servicesOf } from './catalog.ts';
import {
  type DeploymentOutcome,
  type DeploymentRow,
  type ReportedRecord,
  type Requester,
  reportedAt,
} from './deployment-row.ts';
import { answeringGates, begunAt, type DeploymentStanding, deploymentStanding, letsGo } from './deployment-standing.ts';
import { offPathId } from './off-path.ts';
import type { RecordedOffPath } from './recorded-bypass.ts';
import type { RecordedDecision } from './recorded-decision.ts';
import type { RecordedText } from './recorded-entry.ts';
import { type ReportTotals, reportTotals } from './report-totals.ts';

/** Whole days of a zone. */
export interface ReportPeriod {
  /** ISO-8601 UTC; inclusive. */
  readonly from: string;
  /** ISO-8601 UTC; exclusive. */
  readonly before: string;
}

/** What was looked up of a run; `gone`: Azure DevOps has it no more; `unread`: it was not answered. */
export type ReportedRun =
  | { readonly kind: 'found'; readonly requester?: string; readonly repository: string }
  | { readonly kind: 'gone' | 'unread' };

/** What was decided, or seen to be deployed, and Azure DevOps has no record of. */
export type Unrecorded = { readonly decision: RecordedDecision } | { readonly offPath: RecordedOffPath };

/** Everything about the deployments of some days, with everything that is not known of them. */
export interface DeploymentReport extends ReportPeriod {
  /** By time. */
  readonly rows: readonly DeploymentRow[];
  /** By time. */
  readonly unrecorded: readonly Unrecorded[];
  readonly totals: ReportTotals;
  /** What could not be read, in words: with anything here, something may be missing. */
  readonly unread: readonly string[];
}

export interface ReportInput extends ReportPeriod {
  /** Those of other times too, as far as they were read: which one belongs to which decision hangs on what came before. */
  readonly records: readonly ReportedRecord[];
  readonly decisions: readonly RecordedDecision[];
  readonly offPaths: readonly RecordedOffPath[];
  /** By `org` and run id, as `runKey` writes it. */
  readonly runs: ReadonlyMap<string, ReportedRun>;
  readonly catalog: Catalog;
  readonly isProtected: (environment: string) => boolean;
  /** Of environments that the report is about. */
  readonly isAsked: (environment: string) => boolean;
  readonly unread: readonly string[];
  /** ISO-8601 UTC. */
  readonly now: string;
}

export function runKey(org: string, runId: number): string {
  return `${org} ${runId}`;
}

export function deploymentReport(input: ReportInput): DeploymentReport {
  const { from, before } = input;
  const isWithin = (at: string | undefined) => at !== undefined && at >= from && at < before;
  const matched = matchedRecords(input);
  const rows = matched.flatMap((one) => {
    const at = reportedAt(one.record);
    return at !== undefined && isWithin(at) ? [rowOf(input, one, at)] : [];
  });
  const unrecorded = unrecordedIn(input, matched).filter((one) => isWithin(unrecordedAt(one)));
  const sorted = rows.sort(byTime);
  return {
    ...{ from, before, rows: sorted },
    unrecorded: unrecorded.sort((a, b) => compared(unrecordedAt(a), unrecordedAt(b))),
    totals: reportTotals(sorted),
    unread: [...new Set(input.unread)],
  };
}

/** When its request came, or when it was done. */
export function unrecordedAt(one: Unrecorded): string {
  return 'decision' in one ? one.decision.receivedAt : one.offPath.at;
}

interface Matched {
  readonly record: ReportedRecord;
  /** Oldest first. */
  readonly answering: readonly RecordedDecision[];
  readonly standing: DeploymentStanding['kind'];
  readonly offPath?: RecordedOffPath;
}

function matchedRecords({ records, decisions, offPaths, now }: ReportInput): Matched[] {
  const byRun = Map.groupBy(decisions, ({ org, run }) => runKey(org, run.id));
  const byId = new Map(offPaths.map((one) => [one.id, one]));
  const there = Map.groupBy(records, ({ org, projectId, environmentId, runId }) =>
    JSON.stringify([org, projectId, environmentId, runId]),
  );
  return [...there.values()].flatMap((all) =>
    all.map((record) => {
      const own = byRun.get(runKey(record.org, record.runId)) ?? [];
      const answering = answeringGates(record, record.environment, all, own, begunAt(record) ?? now);
      const offPath = byId.get(offPathIdOf(record));
      const standing = deploymentStanding(record, record.environment, all, own, now).kind;
      return { record, answering, standing, ...(offPath === undefined ? {} : { offPath }) };
    }),
  );
}

function offPathIdOf({ organization, projectId, runId, environment, stage, attempt }: ReportedRecord): string {
  return offPathId('deployment', organization, projectId, runId, environment, stage, attempt);
}

function rowOf(input: ReportInput, { record, answering, standing, offPath }: Matched, at: string): DeploymentRow {
  const decision = deciding(answering);
  const run = input.runs.get(runKey(record.org, record.runId));
  return {
    ...{ record, at, isProtected: input.isProtected(record.environment) },
    services: decision?.services ?? offPath?.services ?? servicesNow(input.catalog, record, run),
    requester: requesterOf(decision?.requester, run),
    outcome: outcomeOf(decision, standing),
    others: answering.filter((one) => one !== decision).map(({ id }) => id),
    ...(decision === undefined ? {} : { decision }),
    ...(offPath === undefined ? {} : { offPath }),
  };
}

/** A bypass says most; then whatever let it go, people before rules; else the newest. */
function deciding(answering: readonly RecordedDecision[]): RecordedDecision | undefined {
  const last = (is: (one: RecordedDecision) => boolean) => answering.findLast(is);
  return (
    last(({ state }) => state === 'bypassed') ??
    last((one) => letsGo(one) && one.approvals.length > 0) ??
    last(letsGo) ??
    answering.at(-1)
  );
}

function outcomeOf(decision: RecordedDecision | undefined, standing: DeploymentStanding['kind']): DeploymentOutcome {
  if (decision === undefined) return 'none';
  if (standing === 'waits' && !letsGo(decision)) return 'waiting';
  if (decision.state === 'bypassed' || standing === 'off-path') return 'bypassed';
  if (letsGo(decision)) return letBy(decision);
  // Nothing was deployed: it ended before it began.
  return decision.state === 'expired' ? 'expired' : isOpen(decision) ? 'waiting' : 'failed';
}

function letBy({ verdict, state }: RecordedDecision): DeploymentOutcome {
  if (verdict?.reason === 'observed') return 'observed';
  return verdict?.reason === 'passed' || (verdict === undefined && state === 'passed') ? 'passed' : 'approved';
}

const OPEN: readonly string[] = ['received', 'blocked', 'asked'];

function isOpen({ state }: RecordedDecision): boolean {
  return OPEN.includes(state);
}

function servicesNow(catalog: Catalog, { pipeline }: ReportedRecord, run: ReportedRun | undefined): readonly string[] {
  const repository = run?.kind === 'found' ? run.repository : '';
  return servicesOf(catalog, { pipeline: pipeline.name, repository });
}

function requesterOf(written: RecordedText | undefined, run: ReportedRun | undefined): Requester {
  if (written !== undefined)
    return written.text === undefined ? { kind: 'erased' } : { kind: 'known', name: written.text, isRecorded: true };
  if (run?.kind !== 'found') return { kind: run?.kind ?? 'unread' };
  return run.requester === undefined ? { kind: 'nobody' } : { kind: 'known', name: run.requester, isRecorded: false };
}

function unrecordedIn(
  { records, decisions, offPaths, isAsked }: ReportInput,
  matched: readonly Matched[],
): Unrecorded[] {
  const used = new Set(matched.flatMap(({ answering }) => answering));
  const seen = new Set(records.map(offPathIdOf));
  return [
    ...decisions.filter((one) => !used.has(one) && isAsked(one.environment)).map((decision) => ({ decision })),
    ...offPaths.filter(({ id, environment }) => !seen.has(id) && isAsked(environment)).map((offPath) => ({ offPath })),
  ];
}

function byTime(a: DeploymentRow, b: DeploymentRow): number {
  return compared(a.at, b.at) || compared(keyOf(a), keyOf(b)) || a.record.id - b.record.id;
}

function keyOf({ record }: DeploymentRow): string {
  return JSON.stringify([record.organization, record.project, record.environment, record.environmentId]);
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
