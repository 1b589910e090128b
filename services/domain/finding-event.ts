import type { Category } from './finding.ts';

/** A change in the life of a finding. */
export interface FindingEvent {
  readonly kind: 'first-seen' | 'gone' | 'reopened';
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly tool: string;
  readonly reportId: string;
  readonly commit?: string;
  readonly branch?: string;
  readonly runId?: number;
  /** With `rule`, of one that appeared or came back, where its report lists it. */
  readonly category?: Category;
  readonly rule?: string;
}

/** One finding over time, as far as scans of the default branch have seen it. Times are ISO-8601 UTC, to the minute. */
export interface FindingPast {
  readonly state: 'open' | 'gone';
  readonly tool: string;
  readonly firstSeen: string;
  /** Absent: so long ago that it is not kept. */
  readonly lastSeen?: string;
  /** Scans that have seen it. */
  readonly count: number;
  /** Oldest first; of imports that changed more than 2,000 findings at once some are missing. */
  readonly events: readonly FindingEvent[];
}
