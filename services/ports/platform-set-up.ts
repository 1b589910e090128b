import type { FoundProject, SetUpChange } from '../domain/set-up.ts';

export interface SetUpProject {
  /** Lower case. */
  readonly id: string;
  readonly name: string;
}

/**
 * Azure DevOps, with the account of the person who sets it up. Each method rejects with AzureDevOpsUnavailableError (nothing is known, also not whether
 * a write was done) or AzureDevOpsRefusedError, whose message names the permission that is missing.
 */
export interface PlatformSetUp {
  /** Those that this person may see. */
  projects(organization: string): Promise<readonly SetUpProject[]>;
  /** What the catalog may know the project by. */
  contents(organization: string, project: SetUpProject): Promise<Pick<FoundProject, 'pipelines' | 'repositories'>>;
  /** What is there of ours, as of now. Rejects where the sign-in is not accepted; what else is refused stands in `unread`. */
  look(
    organization: string,
    project: SetUpProject,
    contents: Pick<FoundProject, 'pipelines' | 'repositories'>,
  ): Promise<FoundProject>;
  /** Refused with 409 where it is there meanwhile. */
  write(organization: string, project: SetUpProject, change: SetUpChange): Promise<void>;
}
