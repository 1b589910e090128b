import { createHash } from 'node:crypto';

/** What the Azure DevOps simulator keeps: the parts of an organization that a check's callback touches. */

export interface SimulatedPerson {
  readonly id: string;
  readonly descriptor: string;
  readonly uniqueName: string;
  readonly displayName: string;
}

export interface SimulatedProject {
  readonly organization: string;
  readonly id: string;
  readonly name: string;
}

export interface SimulatedRepository {
  readonly id: string;
  readonly name: string;
  /** `TfsGit`, `GitHub` … as a build names it. */
  readonly type: string;
}

export interface SimulatedPipeline {
  readonly project: SimulatedProject;
  readonly id: number;
  readonly name: string;
  readonly repository: SimulatedRepository;
}

/** Whoever wrote a commit; without an address only the display name is known, as Git hosts often have it. */
export interface SimulatedAuthor {
  readonly name: string;
  readonly email?: string;
  readonly id?: string;
  readonly pusher?: string;
}

export interface SimulatedRun {
  readonly pipeline: SimulatedPipeline;
  readonly id: number;
  readonly name: string;
  readonly planId: string;
  readonly branch: string;
  readonly commit: string;
  readonly reason: string;
  readonly requestedFor: SimulatedPerson;
  readonly requestedBy: SimulatedPerson;
  /** Whoever ran it, or a stage of it, again. */
  changedBy?: SimulatedPerson;
  /** Absent while it is in progress. */
  result?: string;
  /** Alias → what the run consumed. */
  readonly consumes: ReadonlyMap<string, SimulatedRun>;
  /** Alias → a further repository and its commit. */
  readonly repositories: ReadonlyMap<string, { readonly repository: SimulatedRepository; readonly commit: string }>;
  readonly triggeredBy?: SimulatedRun;
  readonly triggerInfo: Readonly<Record<string, string>>;
  readonly changes: readonly { readonly commit: string; readonly author: SimulatedAuthor }[];
}

export interface SimulatedRecord {
  readonly id: string;
  readonly parentId: string | null;
  readonly type: string;
  readonly name: string;
  attempt: number;
  state: string;
  result: string | null;
  log: { readonly id: number } | null;
}

interface SimulatedLog {
  readonly id: number;
  readonly path: string;
  text: string;
}

/** Ids are version-5 GUIDs, so they can be guessed; a check's timeline has the id of its plan. */
export interface SimulatedPlan {
  readonly project: SimulatedProject;
  readonly id: string;
  readonly hub: string;
  readonly owner: SimulatedRun;
  readonly records: SimulatedRecord[];
  readonly feed: string[];
  readonly logs: SimulatedLog[];
}

/** One evaluation of the check that a stage waits for. */
export interface SimulatedCheck {
  readonly run: SimulatedRun;
  readonly environment: string;
  readonly stage: string;
  readonly service?: string;
  readonly artifact?: string;
  readonly plan: SimulatedPlan;
  readonly jobId: string;
  readonly taskInstanceId: string;
  /** The job's access token of the current attempt. */
  token: string;
}

/** A TaskCompleted event as received, taken or not. */
export interface SimulatedEvent {
  readonly planId: string;
  readonly taskId: string;
  readonly jobId: string;
  readonly result: string;
  readonly status: number;
}

/** Several people as one approver; one member is enough. */
export interface SimulatedGroup extends SimulatedPerson {
  readonly members: readonly SimulatedPerson[];
}

/** One attempt at a stage. What it waits for is named by id. */
export interface SimulatedStage {
  readonly run: SimulatedRun;
  readonly name: string;
  readonly attempt: number;
  readonly recordId: string;
  readonly timelineId: string;
  /** Also of the check suite. */
  readonly checkpointId: string;
  readonly waits: Set<string>;
  state: 'pending' | 'inProgress' | 'completed';
  result: string | null;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface SimulatedStep {
  readonly assigned: SimulatedPerson | SimulatedGroup;
  actual?: SimulatedPerson;
  status: string;
  comment?: string;
}

/** An approval that a protected resource asks for before one attempt at a stage. */
export interface SimulatedApproval {
  readonly id: string;
  readonly stage: SimulatedStage;
  readonly resource: { readonly type: string; readonly id: string; readonly name: string };
  readonly steps: readonly SimulatedStep[];
  readonly minRequired: number;
  readonly inSequence: boolean;
  readonly blocked: readonly SimulatedPerson[];
  readonly createdOn: string;
  status: string;
  /** By an administrator: Azure DevOps then has no approval of this id any more. */
  bypassed: boolean;
}

/** A job that deployed to an environment, or is about to. */
export interface SimulatedDeployment {
  /** By project id and name. */
  readonly environment: string;
  readonly pipeline: SimulatedPipeline;
  readonly run: number;
  readonly runName: string;
  job: {
    readonly stage: string;
    readonly attempt: number;
    readonly startTime: string | undefined;
    readonly finishTime: string | undefined;
    readonly result: string | undefined;
  };
}

export type Caller =
  /** Somebody's delegated Entra token. */
  | { readonly kind: 'person'; readonly person: SimulatedPerson; readonly projects?: readonly SimulatedProject[] }
  | { readonly kind: 'job'; readonly organization: string; readonly projectId: string; readonly expiresAt: number }
  /** The bot's own account, by personal access token or Entra token. */
  | { readonly kind: 'bot'; readonly person: SimulatedPerson };

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** RFC 9562 version 5 within a fixed namespace. */
export function guidOf(name: string): string {
  const hash = createHash('sha1').update(`countersign simulator:${name}`).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function commitOf(name: string): string {
  return createHash('sha1').update(name).digest('hex');
}

export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
