import type { DeploymentRecord } from '../domain/deployment-record.ts';
import type { Run } from '../domain/run.ts';

export interface DevOpsProject {
  /** Lower case. */
  readonly id: string;
  readonly name: string;
}

/** An environment of Azure DevOps. */
export interface DevOpsEnvironment {
  readonly organization: string;
  readonly projectId: string;
  readonly project: string;
  readonly id: number;
  readonly name: string;
}

export interface ListedEnvironments {
  readonly environments: readonly DevOpsEnvironment[];
  /** What could not be covered, in words. With anything here there may be more. */
  readonly unread: readonly string[];
}

/** Newest first. */
export interface RecordPage {
  readonly records: readonly DeploymentRecord[];
  /** How many say nothing that is documented: what they deployed is not known. */
  readonly unreadable: number;
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/** What was deployed where, with the bot's own account. Rejects with SourceUnavailableError or SourceRefusedError (signal-source.ts). */
export interface Deployments {
  /** One call. `unread`: what could not be covered, in words. */
  projects(
    organization: string,
  ): Promise<{ readonly projects: readonly DevOpsProject[]; readonly unread: readonly string[] }>;
  /** Those of a project that have one of these names (case-insensitive): a call for each name. */
  environments(organization: string, project: DevOpsProject, names: readonly string[]): Promise<ListedEnvironments>;
  page(environment: DevOpsEnvironment, next?: string): Promise<RecordPage>;
  /** Undefined: there is none any more. */
  run(organization: string, projectId: string, runId: number): Promise<Run | undefined>;
  /** The run of this pipeline that people know by this number; undefined: none, or several. */
  runNamed(organization: string, project: string, pipeline: string, name: string): Promise<Run | undefined>;
}
