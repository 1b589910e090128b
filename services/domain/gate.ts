import { sha256Base32 } from './checksum.ts';
import { plusMinutes } from './instant.ts';
import type { Judgement } from './judgement.ts';
import type { Actor, Principal } from './person.ts';
import type { Run, RunSources } from './run.ts';

/** The ids by which Azure DevOps knows one evaluation of our check; all but `organization` and `hub` are GUIDs. */
export interface CheckIds {
  /** Configured organization URL without a trailing slash; never the one that a caller sent. */
  readonly organization: string;
  readonly projectId: string;
  readonly hub: string;
  readonly planId: string;
  readonly jobId: string;
  readonly timelineId: string;
  readonly taskInstanceId: string;
}

/** `approved`, `rejected`, `passed`, `failed`, `expired` and `abandoned` are settled: no decision is taken any more. */
export const GATE_STATES = [
  'received',
  'blocked',
  'asked',
  'approved',
  'rejected',
  'passed',
  'failed',
  'expired',
  'abandoned',
] as const;
export type GateState = (typeof GATE_STATES)[number];

/** Every allowed move; of the settled ones only `approved` and `passed` may fall back, while no verdict is sealed. */
const MOVES: Readonly<Record<GateState, readonly GateState[]>> = {
  received: ['blocked', 'asked', 'passed', 'failed', 'expired', 'abandoned'],
  blocked: ['blocked', 'asked', 'passed', 'failed', 'expired', 'abandoned'],
  asked: ['asked', 'blocked', 'approved', 'rejected', 'passed', 'failed', 'expired', 'abandoned'],
  approved: ['blocked', 'asked', 'passed', 'failed', 'expired', 'abandoned'],
  passed: ['blocked', 'asked', 'failed', 'expired', 'abandoned'],
  rejected: ['abandoned'],
  failed: ['abandoned'],
  expired: ['abandoned'],
  abandoned: [],
};

export function mayMove(from: GateState, to: GateState): boolean {
  return MOVES[from].includes(to);
}

export function isSettled(state: GateState): boolean {
  return state !== 'received' && state !== 'blocked' && state !== 'asked';
}

/** Somebody who may decide, or may not and why. */
export interface Candidate {
  readonly oid: string;
  readonly name: string;
}

export interface ExcludedCandidate extends Candidate {
  readonly why: 'requester' | 'commit-author' | 'guest' | 'disabled';
}

/** Whom a gate asks and under which conditions; a copy of the route, so that the record explains itself. */
export interface Ask {
  /** `file:line` of the route. */
  readonly route: string;
  readonly from: readonly Principal[];
  readonly quorum: number;
  readonly excludes: readonly string[];
  readonly eligible: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
  /** Outside identities among the authors that match nobody in the directory. */
  readonly unmatched: readonly string[];
  readonly channel?: string;
  readonly dm: boolean;
  readonly comment: { readonly approve: 'optional' | 'required'; readonly reject: 'optional' | 'required' };
  /** ISO-8601 UTC; the route's own deadline, if it has one. */
  readonly deadline?: string;
}

export interface Decision {
  readonly verdict: 'approve' | 'reject';
  readonly by: Actor & { readonly kind: 'person' };
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly comment: string;
}

/** What `t` holds: sealed before the first telling, sent byte for byte, never replaced (storage.md rule 4). */
export interface SealedVerdict {
  readonly result: 'succeeded' | 'failed';
  readonly reason: 'approved' | 'passed' | 'rejected' | 'blocked' | 'expired' | 'observed';
  readonly lines: readonly string[];
  readonly sealedAt: string;
  readonly subjectChecksum: string;
}

/** One deployment waiting at one stage: the aggregate behind one evaluation of our check. */
export interface Gate {
  readonly id: string;
  /** Short id of tenant and organization (orgOf). */
  readonly org: string;
  readonly check: CheckIds;
  readonly attempt: number;
  readonly run: Run;
  readonly stage: string;
  readonly environment: string;
  /** Sorted; at least one. */
  readonly services: readonly string[];
  readonly artifact?: string;
  readonly state: GateState;
  /** Rises when subject or route change: a click for another revision decides nothing. */
  readonly revision: number;
  /** ISO-8601 UTC. */
  readonly receivedAt: string;
  /** ISO-8601 UTC; at this instant the gate is answered `failed` (storage.md rule 8). */
  readonly closesAt: string;
  readonly subjectChecksum?: string;
  readonly sources?: RunSources;
  readonly judgement?: Judgement;
  readonly ask?: Ask;
  /** ISO-8601 UTC; from the first blocked judgement, never restarted. */
  readonly waitUntil?: string;
  /** True when the environment is only observed: what is recorded is what would have happened. */
  readonly observed: boolean;
  readonly decision?: Decision;
  readonly verdict?: SealedVerdict;
  /** ISO-8601 UTC; when Azure DevOps took the verdict, or was found to have completed the check without us. */
  readonly toldAt?: string;
  /** The result that Azure DevOps holds, when it is not ours. */
  readonly completedElsewhere?: string;
}

/** The pipeline's token ends at 48 h: every gate is answered well before (storage.md rule 8). */
const LONGEST_WAIT_HOURS = 46;
const TOKEN_HOURS = 48;

export function latestClose(receivedAt: string): string {
  return plusMinutes(receivedAt, LONGEST_WAIT_HOURS * 60);
}

/** When Azure DevOps stops taking the token of a check that was received at this instant. */
export function tokenEnd(receivedAt: string): string {
  return plusMinutes(receivedAt, TOKEN_HOURS * 60);
}

/** Short id of a tenant's Azure DevOps organization: every partition of it begins with this. */
export function orgOf(tenant: string, organization: string): string {
  return sha256Base32(JSON.stringify([tenant.toLowerCase(), organization.toLowerCase()])).slice(0, 10);
}

/** Deterministic: every delivery of one evaluation collides on it. A new attempt is a new request. */
export function requestIdOf(org: string, check: CheckIds, attempt: number): string {
  return sha256Base32(JSON.stringify(tupleOf(org, check, attempt))).slice(0, 16);
}

/** What a request id stands for; compared when two deliveries share an id. */
export function tupleOf(org: string, check: CheckIds, attempt: number): readonly (string | number)[] {
  const ids = [check.projectId, check.planId, check.jobId, check.taskInstanceId].map((id) => id.toLowerCase());
  return [org, ...ids, attempt];
}

/** Every scope that this gate is judged on: each service in its environment, and in all environments (`-`). */
export function scopesOf(gate: Pick<Gate, 'org' | 'services' | 'environment'>) {
  return gate.services.flatMap((service) =>
    [gate.environment, '-'].map((environment) => ({ org: gate.org, service, environment })),
  );
}
