import type { DeploymentRecord } from './deployment-record.ts';
import { begunAt, type Deployed } from './deployment-standing.ts';
import type { RecordedOffPath } from './recorded-bypass.ts';
import type { RecordedApproval, RecordedDecision } from './recorded-decision.ts';
import type { Distinction } from './separation.ts';

/** How a deployment stands; `none`: no decision is known; `bypassed`: it went on without one that let it. */
export const DEPLOYMENT_OUTCOMES = [
  ...(['approved', 'passed', 'observed', 'failed', 'expired', 'bypassed', 'waiting', 'none'] as const),
];
export type DeploymentOutcome = (typeof DEPLOYMENT_OUTCOMES)[number];

/** One job that deployed, as Azure DevOps has it now. */
export interface ReportedRecord extends DeploymentRecord {
  readonly organization: string;
  /** Short id of the organization, as decisions have it. */
  readonly org: string;
  readonly projectId: string;
  readonly project: string;
  readonly environment: string;
  readonly environmentId: number;
}

export type Requester =
  /** `isRecorded`: as evidence has it; else as Azure DevOps writes it now. */
  | { readonly kind: 'known'; readonly name: string; readonly isRecorded: boolean }
  | { readonly kind: 'erased' | 'gone' | 'unread' | 'nobody' };

export interface DeploymentRow {
  readonly record: ReportedRecord;
  /** ISO-8601 UTC; when it began, else when it was asked for. */
  readonly at: string;
  /** As the decision has them, else by the catalog of today; empty: of none that it knows. */
  readonly services: readonly string[];
  readonly isProtected: boolean;
  readonly requester: Requester;
  readonly outcome: DeploymentOutcome;
  readonly decision?: RecordedDecision;
  /** Of other requests of the same attempt, oldest first. */
  readonly others: readonly string[];
  readonly offPath?: RecordedOffPath;
}

/** When it counts as deployed: when it began, else when it was asked for or ended; undefined: its record says no time. */
export function reportedAt(record: Deployed & Pick<ReportedRecord, 'queuedAt'>): string | undefined {
  return begunAt(record) ?? record.queuedAt ?? record.finishedAt;
}

/** Whether it deployed, or was let go, without a decision that let it. */
export function isUndecided({ outcome, record }: Pick<DeploymentRow, 'outcome' | 'record'>): boolean {
  return outcome === 'bypassed' || (outcome === 'none' && begunAt(record) !== undefined);
}

/** Whether those who approved are other people than who asked for it and who wrote it; `nobody`: nobody approved. */
export const SEPARATIONS = ['distinct', 'same', 'unknown', 'nobody'] as const;
export type SeparationStanding = (typeof SEPARATIONS)[number];

export function separationStanding(approvals: readonly RecordedApproval[]): SeparationStanding {
  if (approvals.length === 0) return 'nobody';
  const all = approvals.flatMap(({ separation }): (Distinction | undefined)[] =>
    separation === undefined ? [undefined] : [separation.requester, separation.author],
  );
  if (all.includes('same')) return 'same';
  return all.every((one) => one === 'other') ? 'distinct' : 'unknown';
}
