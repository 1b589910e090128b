import { pageIn } from '../../cards/azure-devops-pages.ts';
import { zonedTime } from '../../services/domain/calendar.ts';
import type { DeploymentReport, Unrecorded } from '../../services/domain/deployment-report.ts';
import type { DeploymentOutcome, DeploymentRow, Requester } from '../../services/domain/deployment-row.ts';
import { begunAt } from '../../services/domain/deployment-standing.ts';
import type { ContractInForce } from '../../services/domain/judgement.ts';
import type { RecordedOffPath } from '../../services/domain/recorded-bypass.ts';
import type { RecordedDecision, RecordedFindings } from '../../services/domain/recorded-decision.ts';
import { approverWords, endWords, explainedWords, separationWords, textWords } from './decision-words.ts';

export const OUTCOME_WORDS: Readonly<Record<DeploymentOutcome, string>> = {
  approved: 'approved',
  passed: 'passed without approval',
  observed: 'only observed',
  failed: 'not let through',
  expired: 'expired',
  bypassed: 'bypassed',
  waiting: 'waiting',
  none: 'none',
};

/** What a row says, in words: each form of the report shows the same. Texts of others are as they are. */
export interface RowWords {
  readonly kind: 'deployment' | 'decision' | 'off-path';
  /** ISO-8601 UTC. */
  readonly at: string;
  /** The same as the zone has it. */
  readonly when: string;
  readonly services: string;
  readonly environment: string;
  readonly organization: string;
  readonly project: string;
  readonly pipeline: string;
  readonly run: string;
  readonly stage: string;
  readonly attempt: string;
  /** Of the run; empty: there is none. */
  readonly page: string;
  readonly result: string;
  readonly requester: string;
  readonly approvers: string;
  readonly separation: string;
  readonly exceptions: string;
  readonly contract: string;
  readonly blocked: string;
  readonly warned: string;
  readonly outcome: string;
  readonly detail: string;
  /** Id under which it is known here. */
  readonly request: string;
}

export function rowWords(row: DeploymentRow, zone: string): RowWords {
  const { record, decision, offPath } = row;
  const { organization, projectId, project, environment, pipeline, runId, runName, stage, attempt } = record;
  return {
    ...{ kind: 'deployment', at: row.at, when: timeIn(row.at, zone), services: servicesWords(row.services) },
    ...{ environment, organization, project, pipeline: pipeline.name, run: runName, stage, attempt: String(attempt) },
    page: pageIn(organization, [projectId, '_build', 'results'], { buildId: String(runId) }) ?? '',
    result: resultWords(row),
    requester: requesterWords(row.requester),
    ...decisionWords(decision, zone),
    outcome: OUTCOME_WORDS[row.outcome],
    detail: detailsOf(row, zone).join('; '),
    request: decision?.id ?? offPath?.id ?? '',
  };
}

/** Of what Azure DevOps has no record of. */
export function unrecordedWords(one: Unrecorded, zone: string): RowWords {
  return 'decision' in one ? decisionAlone(one.decision, zone) : offPathAlone(one.offPath, zone);
}

const NO_RECORD = 'Azure DevOps has no record of a deployment';
const UNKNOWN_RUN = { organization: '', project: '', pipeline: '', page: '', result: NO_RECORD } as const;

function decisionAlone(decision: RecordedDecision, zone: string): RowWords {
  const { id, services, environment, receivedAt: at, run, stage, attempt, requester } = decision;
  return {
    ...{ kind: 'decision', at, when: timeIn(at, zone), services: servicesWords(services), environment },
    ...{ ...UNKNOWN_RUN, run: `id ${run.id}`, stage, attempt: String(attempt) },
    requester: textWords(requester, 'not recorded'),
    ...decisionWords(decision, zone),
    outcome: STATE_WORDS[decision.state],
    detail: endWords(decision, zone).join('; '),
    request: id,
  };
}

function offPathAlone(offPath: RecordedOffPath, zone: string): RowWords {
  const { id, services, environment, at, run } = offPath;
  return {
    ...{ kind: 'off-path', at, when: timeIn(at, zone), services: servicesWords(services), environment },
    ...{ ...UNKNOWN_RUN, run: `id ${run.id}`, stage: run.stage, attempt: String(run.attempt) },
    requester: 'not recorded',
    ...decisionWords(undefined, zone),
    outcome: OUTCOME_WORDS.none,
    detail: ['told as off the release path', ...explainedWords(offPath, zone)].join('; '),
    request: id,
  };
}

const STATE_WORDS: Readonly<Record<RecordedDecision['state'], string>> = {
  received: 'waiting',
  blocked: 'waiting, blocked',
  asked: 'waiting for approval',
  approved: 'approved',
  rejected: 'rejected',
  passed: 'passed without approval',
  failed: 'not let through',
  expired: 'expired',
  superseded: 'a newer run took its place',
  abandoned: 'ended in Azure DevOps',
  bypassed: 'bypassed',
};

function timeIn(at: string, timezone: string): string {
  return zonedTime({ timezone }, at);
}

function servicesWords(services: readonly string[]): string {
  return services.length === 0 ? 'no service of the catalog' : services.join(', ');
}

function resultWords({ record }: DeploymentRow): string {
  if (record.result !== undefined)
    return begunAt(record) === undefined ? `${record.result}, never began` : record.result;
  return record.startedAt === undefined ? 'has not begun' : 'goes on';
}

const NO_REQUESTER: Readonly<Record<Exclude<Requester['kind'], 'known'>, string>> = {
  erased: '(name erased)',
  gone: 'not known: Azure DevOps has the run no more',
  unread: 'not known: the run could not be read',
  nobody: 'not known: the run names nobody',
};

function requesterWords(requester: Requester): string {
  if (requester.kind !== 'known') return NO_REQUESTER[requester.kind];
  return requester.isRecorded ? requester.name : `${requester.name} (as Azure DevOps names them now)`;
}

function decisionWords(decision: RecordedDecision | undefined, zone: string) {
  if (decision === undefined)
    return { approvers: '', separation: '', exceptions: '', contract: '', blocked: '', warned: '' };
  const { contract, approvals, exceptions, blocks, warns, obstacles } = decision;
  return {
    approvers: approvals.map((approval) => approverWords(approval, zone)).join('; '),
    separation: separationWords(decision),
    exceptions: exceptions.join(', '),
    contract: contract === undefined ? 'not recorded' : contractWords(contract),
    blocked: [...countWords(blocks), ...obstacles].join(', '),
    warned: countWords(warns).join(', '),
  };
}

function contractWords({ version, checksum, commit }: ContractInForce): string {
  return commit === undefined
    ? `${version}, checksum ${checksum.slice(0, 12)}`
    : `${version}, commit ${commit.slice(0, 12)}`;
}

function countWords(findings: readonly RecordedFindings[]): string[] {
  return findings.map(({ control, count }) => `${control} (${count})`);
}

function detailsOf({ record, decision, offPath, outcome, others }: DeploymentRow, zone: string): string[] {
  const isUntold = outcome === 'none' && offPath === undefined && begunAt(record) !== undefined;
  return [
    ...(decision === undefined ? [] : endWords(decision, zone)),
    ...(begunAt(record) === undefined ? ['nothing was deployed'] : []),
    ...(isUntold ? ['evidence has no word of it'] : []),
    ...(offPath === undefined
      ? []
      : [`told as off the release path (${offPath.id})`, ...explainedWords(offPath, zone)]),
    ...(others.length === 0 ? [] : [`other requests of this attempt: ${others.join(', ')}`]),
  ];
}

/** `Deployments: 5 (3 approved, 2 none). Without a decision that let them: 2.`, then what may be missing. */
export function summaryWords({ totals, unrecorded, unread }: DeploymentReport): string[] {
  const { all, outcomes, undecided } = totals.all;
  const kinds = Object.entries(outcomes).filter(([, count]) => count > 0);
  const listed = kinds.map(([outcome, count]) => `${count} ${OUTCOME_WORDS[outcome as DeploymentOutcome]}`).join(', ');
  return [
    `Deployments: ${all}${listed === '' ? '' : ` (${listed})`}. Without a decision that let them: ${undecided}.`,
    `Decisions and alarms without a deployment record: ${unrecorded.length}.`,
    ...unread.map((line) => `May be incomplete: ${line}.`),
  ];
}

/** One record stays one line, whatever somebody has named. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu, ' ');
}
