/** Names one stage of a run; without an attempt the latest is meant. */
export interface StageRef {
  readonly organization: string;
  readonly projectId: string;
  readonly runId: number;
  /** Its identifier in the pipeline, else the name that is shown. */
  readonly name: string;
  readonly attempt?: number;
}

/** How one attempt at a stage stands in the timeline of its run. */
export interface StageState {
  readonly state: 'pending' | 'inProgress' | 'completed';
  /** TaskResult by name: succeeded, succeededWithIssues, failed, canceled, skipped, abandoned. */
  readonly result?: string;
  /** ISO-8601 UTC. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly attempt: number;
}
