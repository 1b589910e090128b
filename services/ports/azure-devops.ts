import type { EndedElsewhere } from '../domain/completed-elsewhere.ts';
import type { CheckIds } from '../domain/gate.ts';
import type { ListedApproval, NativeApproval, NativeApprovalRef } from '../domain/native-approval.ts';
import type { Protection, Run, RunSources, ShippedBranch, ShippedCommit } from '../domain/run.ts';
import type { StageRef, StageState } from '../domain/stage.ts';

/** Azure DevOps could not be asked (time-out, 429, 5xx, connection): nothing is known. */
export class AzureDevOpsUnavailableError extends Error {
  override name = 'AzureDevOpsUnavailableError' as const;
  /** Seconds to wait, when Azure DevOps said so. */
  readonly retryAfter: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
  }
}

/** Azure DevOps answered that it will never take this (401, 203, 403, 404, 400): trying again changes nothing. */
export class AzureDevOpsRefusedError extends Error {
  override name = 'AzureDevOpsRefusedError' as const;
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export type Proof =
  | { readonly kind: 'proven'; readonly run: Run; readonly attempt: number; readonly completed: boolean }
  /** Which step failed, in words for the log. */
  | { readonly kind: 'unproven'; readonly why: string };

/** The answer to a check; what `t` holds and nothing else is ever sent. */
export interface ToldVerdict {
  readonly result: 'succeeded' | 'failed';
  /** Plain text lines for the live feed and the stored log. */
  readonly lines: readonly string[];
}

/** How the check's record stands in Azure DevOps' own timeline. */
export interface CheckState extends EndedElsewhere {
  readonly completed: boolean;
}

/** In whose name Azure DevOps is asked: it records the owner of the token, whoever clicked. */
export type OnBehalfOf =
  | { readonly kind: 'bot' }
  /** A delegated Entra token of that person for Azure DevOps. */
  | { readonly kind: 'person'; readonly token: string };

export interface PendingApprovals {
  readonly approvals: readonly ListedApproval[];
  /** What could not be covered, in words. With anything here, an approval that is not listed may still be pending. */
  readonly unread: readonly string[];
}

/** What Azure DevOps is told about a native approval. */
export interface NativeDecision {
  readonly verdict: 'approve' | 'reject';
  readonly comment: string;
}

export const HOOK_STATUSES = [
  'enabled',
  'onProbation',
  'disabledByUser',
  'disabledBySystem',
  'disabledByInactiveIdentity',
] as const;

/** One service hook subscription that sends to us. */
export interface HookSubscription {
  readonly id: string;
  readonly eventType: string;
  readonly status: (typeof HOOK_STATUSES)[number] | 'unknown';
  /** Absent: of every project. */
  readonly projectId?: string;
  readonly probationRetries?: number;
}

export interface AzureDevOps {
  /**
   * Proves by the job token, within 2 s in all, that the ids belong together: the build by `runId`; its own plan or a
   * plan owned by that run; in that plan's timeline a task record of that id. Rejects with AzureDevOpsUnavailableError.
   */
  prove(check: CheckIds, runId: number, jobToken: string): Promise<Proof>;
  /**
   * What the run ships, over the builds that it consumes (at most 5 levels). Without a job token it is read with the
   * bot's own account alone. `since`: what the last approved deployment shipped; the authors are then those of
   * everything that came in between. Rejects with AzureDevOpsUnavailableError, or with AzureDevOpsRefusedError when
   * there is neither token nor account.
   */
  sources(run: Run, jobToken: string | undefined, since?: readonly ShippedCommit[]): Promise<RunSources>;
  /**
   * Whether a branch that the run ships from is protected, with the job's token, else with the bot's own account; kept for a
   * minute once it is known. Rejects with AzureDevOpsUnavailableError.
   */
  protection(run: Run, branch: ShippedBranch, jobToken?: string): Promise<Protection>;
  /** Rejects with AzureDevOpsUnavailableError or AzureDevOpsRefusedError. */
  checkState(check: CheckIds, jobToken: string): Promise<CheckState>;
  /** Feed lines, stored log, then TaskCompleted. May be repeated with the same verdict. Rejects as checkState does. */
  complete(check: CheckIds, verdict: ToldVerdict, jobToken: string): Promise<void>;
  /**
   * Every build with this id in the configured organizations, read with the bot's own identity; empty when there is
   * none. Rejects with AzureDevOpsUnavailableError, or with AzureDevOpsRefusedError when that identity is missing, is
   * refused or sees more projects than are searched: then it stays open whether there is one.
   */
  findRuns(runId: number): Promise<readonly Run[]>;
  /**
   * Undefined when there is no such approval in that project, or none that the asker may see. Rejects as checkState
   * does, as do all that follow.
   */
  approval(ref: NativeApprovalRef, as: OnBehalfOf): Promise<NativeApproval | undefined>;
  /** Over the projects that the bot's own account sees. */
  pendingApprovals(organization: string): Promise<PendingApprovals>;
  /**
   * Resolves when Azure DevOps took the decision. Whatever it said, and above all when it said nothing, the approval
   * has to be read again to know how it stands: one step may not be enough, and a lost answer may have been applied.
   */
  decideApproval(ref: NativeApprovalRef, decision: NativeDecision, as: OnBehalfOf): Promise<void>;
  /** With the job's token, else with the bot's own account. Undefined when the run has no such stage or attempt. */
  stage(ref: StageRef, jobToken?: string): Promise<StageState | undefined>;
  /** Those that send to `url` or below it. */
  hookSubscriptions(organization: string, url: string): Promise<readonly HookSubscription[]>;
}
