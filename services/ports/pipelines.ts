/** A pipeline as its organization lists it. */
export interface Pipeline {
  readonly organization: string;
  readonly project: string;
  readonly projectId: string;
  readonly id: number;
  readonly name: string;
  readonly repository: {
    readonly id: string;
    /** On GitHub `owner/name`. */
    readonly name: string;
    /** `TfsGit` in Azure Repos. */
    readonly type: string;
  };
  /** Those of the asked environments that it has deployed to; absent: that could not be read. */
  readonly deployedTo?: readonly string[];
}

export interface ListedPipelines {
  readonly pipelines: readonly Pipeline[];
  /** What could not be covered, in words. With anything here there may be more. */
  readonly unread: readonly string[];
}

/** What there is in Azure DevOps, with the bot's own account. Rejects as the methods of AzureDevOps do. */
export interface Pipelines {
  /** All pipelines of the organization, and which of these environments they have deployed to. */
  list(organization: string, environments: readonly string[]): Promise<ListedPipelines>;
  /** The CODEOWNERS file of its repository's default branch; undefined: there is none, or it is not in Azure Repos. */
  codeowners(pipeline: Pipeline): Promise<string | undefined>;
}
