import type { OutsideIdentity } from './person.ts';
import type { Run } from './run.ts';

/** Names one approval that Azure DevOps itself asks for: its own id and the project's, both lower case. */
export interface NativeApprovalRef {
  /** Configured organization URL. */
  readonly organization: string;
  readonly projectId: string;
  readonly id: string;
}

export const NATIVE_STATUSES = [
  'uninitiated',
  'pending',
  'approved',
  'rejected',
  'skipped',
  'canceled',
  'timedOut',
  'deferred',
] as const;
/** ApprovalStatus by name; a word that is not known is never taken for one that is. */
export type NativeStatus = (typeof NATIVE_STATUSES)[number] | 'unknown';

/** One approver or group that is asked; a group is one step, decided by any member. */
export interface NativeStep {
  readonly assigned: OutsideIdentity;
  /** Whoever decided it. */
  readonly actual?: OutsideIdentity;
  readonly status: NativeStatus;
  /** As written in Azure DevOps. */
  readonly comment?: string;
}

/** An approval as a query lists it, without what its run has to be asked for. */
export interface ListedApproval extends NativeApprovalRef {
  readonly status: NativeStatus;
  readonly runId: number;
  readonly steps: readonly NativeStep[];
  /** Steps that have to approve; 0: all of them. */
  readonly minRequired: number;
  /** Those who may not decide, such as whoever asked for the run. */
  readonly blocked: readonly OutsideIdentity[];
  /** ISO-8601 UTC. */
  readonly createdOn: string;
}

/** An approval with the run and stage that wait for it. */
export interface NativeApproval extends ListedApproval {
  readonly run: Run;
  /** By its identifier in the pipeline; absent while the run's timeline does not name it. */
  readonly stage?: { readonly name: string; readonly attempt: number };
  /** The protected environment; absent when Azure DevOps does not say which. */
  readonly environment?: string;
  /** Whether whoever asked may decide it now, by Azure DevOps' own permissions. */
  readonly mayUpdate: boolean;
}
