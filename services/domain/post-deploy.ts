import { type Baseline, type EntryKind, type Part, type PlaceState, partOf } from './baseline.ts';
import type { AfterRelease, Drift } from './drift.ts';
import { findingOf } from './drift-words.ts';
import { type Finding, SEVERITIES } from './finding.ts';
import type { Gate } from './gate.ts';
import { plusMinutes } from './instant.ts';
import type { Section } from './platform.ts';
import { partsOf } from './platform-review.ts';

/** Who approved a deployment, each once; those in whose place they did so are not among them. */
export function approversOf({ votes }: Pick<Gate, 'votes'>): AfterRelease['approvedBy'] {
  return [...new Map(votes.map(({ by: { oid, name } }) => [oid, { oid, name }])).values()];
}

/** Something that one source says of an environment after a deployment. */
export interface SeenAfter {
  /** Such as `azure-policy`. */
  readonly source: string;
  /** First seen, or back, since the deployment; the severest first. */
  readonly found: readonly Pick<Finding, 'fingerprint' | 'rule' | 'severity' | 'message'>[];
  /** Why it is not known what it says as of after the deployment; absent: all of it is. */
  readonly unknown?: string;
  /** What it says besides, whenever that was read, and what it cannot say there at all: no deployment is measured by it. */
  readonly besides?: string;
}

/** The one look at an environment some time after a deployment that people approved. All instants are ISO-8601 UTC. */
export interface PostDeployReview {
  readonly release: AfterRelease;
  readonly service: string;
  readonly environment: string;
  /** When the platform was first asked for a fresh word: what it knew before may be put together of what it knew long ago. Absent: not yet. */
  readonly askedAt?: string;
  /** When it was looked at last. */
  readonly at: string;
  readonly sources: readonly SeenAfter[];
  readonly state: 'waits' | 'telling' | 'done';
  /** What waits for a fresh word of a source is looked at so often. */
  readonly looks: number;
  readonly messages: readonly {
    readonly recipient: string;
    readonly conversation: string;
    readonly activityId: string;
  }[];
}

export type PostDeployVerdict = 'clean' | 'found' | 'unknown';

/** As which source drift stands as findings. */
export const DRIFT_SOURCE = 'drift';
const PARTS_NAMED = 4;
/** A source that has been asked for a fresh word is waited for so often, and so long between. */
export const MOST_LOOKS = 7;
const BETWEEN_MINUTES = 5;
/** A message is sent again after so long where nobody knows whether it was. */
export const TELLING_MINUTES = 10;

/** Unknown is never clean, and what is found is said whatever else is not known. */
export function verdictOf({ sources }: Pick<PostDeployReview, 'sources'>): PostDeployVerdict {
  if (sources.some(({ found }) => found.length > 0)) return 'found';
  return sources.some(({ unknown }) => unknown !== undefined) ? 'unknown' : 'clean';
}

/** ISO-8601 UTC. */
export interface LookedSince {
  readonly released: string;
  /** What was read before it is too old; after all times: nobody has been asked yet. */
  readonly asked: string;
}

export const NOT_ASKED_YET = '9999';

export interface DriftFound {
  readonly baseline: Baseline;
  readonly state: PlaceState;
  readonly drift: Drift;
}

/**
 * What drifted since a deployment, by a comparison after it. Of what was last read before it nothing is known; what was read and is more than
 * is listed is as unknown as when it was approved, and what identities may do elsewhere in Azure belongs to no deployment. `own`: the sections
 * that are read again for it.
 */
export function driftSeen(
  { baseline, state, drift }: DriftFound,
  { released, asked }: LookedSince,
  own: readonly Section[],
): SeenAfter {
  const found = drift.items.filter((item) => item.since >= released).map(findingOf);
  const old = baseline.parts.filter(({ prefix }) => (partOf(state, prefix)?.at ?? '') < asked);
  const reread = own.flatMap(partsOf);
  const all = [...new Map([...drift.unknown, ...old].map((part) => [part.prefix, part])).values()];
  const measured = all.filter((part) => isMeasured(part, reread));
  const besides = all.filter((part) => !measured.includes(part));
  const bySeverity = found.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return {
    source: DRIFT_SOURCE,
    found: bySeverity,
    ...(measured.length > 0 ? { unknown: `not read since the deployment, or not at all: ${namesOf(measured)}` } : {}),
    ...(besides.length > 0
      ? { besides: besides.map(({ name, unknown = 'not read since' }) => `${name} (${unknown})`).join(', ') }
      : {}),
  };
}

function isMeasured({ prefix }: Part, reread: readonly string[]): boolean {
  if (reread.includes(prefix)) return true;
  return !prefix.startsWith(`${ROLES}:`) && !reread.some((whole) => prefix.startsWith(whole));
}

const ROLES: EntryKind = 'role';

function namesOf(parts: readonly Part[]): string {
  return [...new Set(parts.map(({ name }) => name))].sort().slice(0, PARTS_NAMED).join(', ');
}

/** When it is looked at again; undefined: it is known, or waited for long enough. */
export function looksAgainAt({ sources, looks }: PostDeployReview, now: string): string | undefined {
  const isWaiting = sources.some(({ unknown }) => unknown !== undefined);
  return isWaiting && looks < MOST_LOOKS ? plusMinutes(now, BETWEEN_MINUTES) : undefined;
}
