/** It did not answer: whether a line was appended is unknown. Read it before acting on it. */
export class CheckpointLogUnavailableError extends Error {
  override name = 'CheckpointLogUnavailableError' as const;
}

/** Where the next line goes: behind what was read or written last. */
export interface LogPosition {
  /** yyyy-MM-dd, UTC. */
  readonly day: string;
  /** Length of the part so far. */
  readonly bytes: number;
  /** As the store tells whether it was changed since; absent: there is no such part yet. */
  readonly version?: string;
  /** It ends within a line. */
  readonly isCut?: true;
}

/** One UTC day of the log. */
export interface LogPart {
  readonly lines: readonly string[];
  /** Behind its last line. */
  readonly end: LogPosition;
}

/** Checkpoints, a line each, outside of the table storage: lines are added, and by the store's own rules never changed or taken away. */
export interface CheckpointLog {
  /** Days that there is a part of, ascending. Rejects with CheckpointLogUnavailableError. */
  days(): Promise<readonly string[]>;
  /** Undefined when there is none. Rejects with CheckpointLogUnavailableError. */
  read(day: string): Promise<LogPart | undefined>;
  /** Where the part ends now, without reading it; without a version when there is none. Rejects with CheckpointLogUnavailableError. */
  end(day: string): Promise<LogPosition>;
  /**
   * Appends one line at this position, where nothing was changed since; gives the position behind it. `moved`: something was, and nothing
   * was written by this call, or it was written and the answer was lost. Rejects with CheckpointLogUnavailableError.
   */
  append(line: string, at: LogPosition): Promise<LogPosition | 'moved'>;
}
