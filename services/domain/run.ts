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

/** Whether somebody besides the author has to review what comes into a branch. */
export type Protection =
  | { readonly kind: 'protected' | 'unprotected' }
  /** In words, with what is missing. */
  | { readonly kind: 'unknown'; readonly why: string };

/** The branch of a repository that a run takes a commit from. */
export interface ShippedBranch extends ShippedCommit {
  /** Full name: `refs/heads/main`; absent: Azure DevOps does not name it. */
  readonly ref?: string;
  /** GUID of a repository in Azure Repos; absent: it lies elsewhere, or is not named. */
  readonly repositoryId?: string;
  /** Absent: not looked at. */
  readonly protection?: Protection;
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
  /** Whoever changed the run last, such as by running it again; can only exclude. */
  readonly changedBy?: OutsideIdentity;
}

/** Everything that a run ships, with those who asked for it and those who wrote it. */
export interface RunSources {
  readonly commits: readonly ShippedCommit[];
  /** Where these commits come from; absent of what was read before anybody looked. */
  readonly branches?: readonly ShippedBranch[];
  readonly requesters: readonly OutsideIdentity[];
  /** Other names of theirs that the directory knows, lower case. */
  readonly requesterAliases?: readonly string[];
  readonly authors: readonly OutsideIdentity[];
  /** Who ran the stage again, where Azure DevOps says so. */
  readonly reRunner?: OutsideIdentity;
  /** Object ids of those who asked for an exception that lets something of it pass. */
  readonly exceptionRequesters?: readonly string[];
  /** Request ids of the last deployments since which the authors are known; absent until that was looked at. */
  readonly since?: readonly string[];
  /** What could not be read, in words; anything here is missing evidence, never fewer commits. */
  readonly unreadable: readonly string[];
  /** Those of `unreadable` that hide who asked for the run or wrote it: anybody could be one of them. */
  readonly unreadablePeople?: readonly string[];
}

const MOST_COMMITS = 500;
const MOST_PEOPLE = 500;
const MOST_UNREADABLE = 20;

/** As much as a record holds; what is beyond counts as unreadable, never as nothing. */
export function bounded(sources: RunSources): RunSources {
  const commits = sources.commits.length > MOST_COMMITS ? [`more than ${MOST_COMMITS} commits`] : [];
  const tooManyBranches = (sources.branches ?? []).length > MOST_COMMITS;
  const branches = tooManyBranches ? [`more than ${MOST_COMMITS} branches`] : [];
  const people = sources.authors.length > MOST_PEOPLE ? [`more than ${MOST_PEOPLE} authors`] : [];
  const unreadablePeople = shortened([...people, ...(sources.unreadablePeople ?? [])]);
  const own = sources.unreadable.filter((what) => sources.unreadablePeople?.includes(what) !== true);
  return {
    commits: sources.commits.slice(0, MOST_COMMITS),
    ...(sources.branches === undefined ? {} : { branches: sources.branches.slice(0, MOST_COMMITS) }),
    requesters: sources.requesters.slice(0, MOST_PEOPLE),
    authors: sources.authors.slice(0, MOST_PEOPLE),
    unreadable: [...shortened([...commits, ...branches, ...own]), ...unreadablePeople],
    ...(unreadablePeople.length === 0 ? {} : { unreadablePeople }),
  };
}

function shortened(lines: readonly string[]): string[] {
  const different = [...new Set(lines)];
  const more = different.length - MOST_UNREADABLE;
  return more > 0 ? [...different.slice(0, MOST_UNREADABLE), `and ${more} more`] : different;
}
