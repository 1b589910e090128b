import type { Gate } from './gate.ts';
import type { ShippedCommit } from './run.ts';
import { lineOf } from './supersession.ts';

/** A deployment that was let through: what the next one of the same scope is compared with. */
export interface Release {
  readonly requestId: string;
  readonly line: string;
  readonly runId: number;
  readonly attempt: number;
  readonly runName: string;
  /** Page of the run in Azure DevOps. */
  readonly url: string;
  /** ISO-8601 UTC; when Azure DevOps was told. */
  readonly at: string;
  readonly commits: readonly ShippedCommit[];
  /** Whose stage goes on; absent in what was noted before it was kept. */
  readonly pipeline?: string;
}

/** A deployment that was let through, and where. */
export interface ReleasedIn {
  readonly environment: string;
  readonly release: Release;
}

/** A deployment after which something was found of what it shipped. */
export interface FoundAfter {
  readonly requestId: string;
  readonly environment: string;
  readonly runName: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

export function shippedBefore({ environment, release: { requestId, runName, at } }: ReleasedIn): FoundAfter {
  return { requestId, environment, runName, at };
}

export function isShipped({ commits }: Release, commit: string): boolean {
  return commits.some((shipped) => shipped.commit === commit);
}

const COMMITS_KEPT = 20;

/** What is noted of a gate once Azure DevOps was told that it may go on; undefined for every other end. */
export function releaseOf(gate: Gate): Release | undefined {
  const { toldAt: at, verdict, completedElsewhere } = gate;
  if (at === undefined || verdict === undefined || verdict.result === 'failed' || completedElsewhere !== undefined)
    return undefined;
  if (gate.door.kind === 'approval' && (gate.handover?.kind !== 'sent' || gate.handover.missing > 0)) return undefined;
  const { id: runId, name: runName, url, pipeline } = gate.run;
  const commits = (gate.sources?.commits ?? []).slice(0, COMMITS_KEPT);
  const shipped = { commits, pipeline: pipeline.name };
  return { requestId: gate.id, line: lineOf(gate), runId, attempt: gate.attempt, runName, url, at, ...shipped };
}

/** From where on the authors of these commits are to be known, and the releases that shipped nothing of the same origin. */
export function rangesBetween(
  releases: readonly Release[],
  commits: readonly ShippedCommit[],
): { readonly earlier: readonly ShippedCommit[]; readonly strange: readonly Release[] } {
  const later = (shipped: ShippedCommit) => commits.filter((commit) => isSameOrigin(commit, shipped));
  return {
    earlier: releases.flatMap((release) =>
      release.commits.filter((shipped) => later(shipped).some(({ runId }) => runId > shipped.runId)),
    ),
    strange: releases.filter((release) => release.commits.every((shipped) => later(shipped).length === 0)),
  };
}

function isSameOrigin(a: ShippedCommit, b: ShippedCommit): boolean {
  const names = ({ repository, pipeline }: ShippedCommit) => JSON.stringify([repository, pipeline]).toLowerCase();
  return names(a) === names(b);
}
