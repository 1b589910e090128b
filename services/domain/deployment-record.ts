/** One job that deployed there, or is about to. */
export interface DeploymentRecord {
  /** Rises within its environment. */
  readonly id: number;
  readonly runId: number;
  readonly runName: string;
  readonly pipeline: { readonly id: number; readonly name: string };
  /** '' where Azure DevOps names none. */
  readonly stage: string;
  readonly attempt: number;
  /** ISO-8601 UTC; when it was asked for. */
  readonly queuedAt?: string;
  /** ISO-8601 UTC; absent: it has not begun. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** By name: succeeded, failed, canceled, skipped …; absent: it goes on. */
  readonly result?: string;
}
