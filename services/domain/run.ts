import type { OutsideIdentity } from './person.ts';

/** One commit that a run ships, and where it comes from. */
export interface ShippedCommit {
  /** Lower-case hexadecimal. */
  readonly commit: string;
  readonly repository: string;
  /** The pipeline that built it. */
  readonly pipeline: string;
  readonly runId: number;
}

/** A pipeline run as Azure DevOps itself describes it, never as a caller does. */
export interface Run {
  readonly organization: string;
  readonly projectId: string;
  readonly project: string;
  readonly id: number;
  /** Build number. */
  readonly name: string;
  /** Page of the run in Azure DevOps. */
  readonly url: string;
  readonly pipeline: { readonly id: number; readonly name: string };
  readonly repository: { readonly id: string; readonly name: string; readonly type: string };
  readonly branch: string;
  readonly commit: string;
  /** BuildReason by name: manual, individualCI, batchedCI, schedule, resourceTrigger, buildCompletion … */
  readonly reason: string;
  readonly requestedFor: OutsideIdentity;
  readonly requestedBy: OutsideIdentity;
}

/** Everything that a run ships, with those who asked for it and those who wrote it. */
export interface RunSources {
  readonly commits: readonly ShippedCommit[];
  readonly requesters: readonly OutsideIdentity[];
  readonly authors: readonly OutsideIdentity[];
  /** What could not be read, in words; anything here is missing evidence, never fewer commits. */
  readonly unreadable: readonly string[];
  /** Those of `unreadable` that hide who asked for the run or wrote it: anybody could be one of them. */
  readonly unreadablePeople?: readonly string[];
}
