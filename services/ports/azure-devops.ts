import type { CheckIds } from '../domain/gate.ts';
import type { Run, RunSources } from '../domain/run.ts';

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
export interface CheckState {
  readonly completed: boolean;
  readonly result?: string;
}

export interface AzureDevOps {
  /**
   * Proves by the job token, within 2 s in all, that the ids belong together: the build by `runId`; its own plan or a
   * plan owned by that run; in that plan's timeline a task record of that id. Rejects with AzureDevOpsUnavailableError.
   */
  prove(check: CheckIds, runId: number, jobToken: string): Promise<Proof>;
  /** What the run ships, over the builds that it consumes (at most 5 levels). Rejects with AzureDevOpsUnavailableError. */
  sources(run: Run, jobToken: string): Promise<RunSources>;
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
}
