import type { Bypass } from './bypass.ts';
import type { Change } from './changes.ts';
import { sha256Base32 } from './checksum.ts';
import { plusMinutes } from './instant.ts';
import type { ContractInForce, Judgement } from './judgement.ts';
import type { NativeApprovalRef } from './native-approval.ts';
import type { PersonActor, Principal } from './person.ts';
import type { Release } from './release.ts';
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

/** Where Azure DevOps waits for us: a check of ours, answered with its job's token, or an approval of its own. */
export type Door = ({ readonly kind: 'check' } & CheckIds) | ({ readonly kind: 'approval' } & NativeApprovalRef);

/** All but `received`, `blocked` and `asked` are settled: no decision is taken any more. */
export const GATE_STATES = [
  'received',
  'blocked',
  'asked',
  'approved',
  'rejected',
  'passed',
  'failed',
  'expired',
  /** A newer run or attempt of the same stage took its place. */
  'superseded',
  /** The run ended, or the check was completed in Azure DevOps with another result than ours. */
  'abandoned',
  /** Azure DevOps let the stage go on although no decision of ours did. */
  'bypassed',
] as const;
export type GateState = (typeof GATE_STATES)[number];

/** Every allowed move; of the settled ones only `approved` and `passed` may fall back, while no verdict is sealed. */
const MOVES: Readonly<Record<GateState, readonly GateState[]>> = {
  received: ['blocked', 'asked', 'passed', 'failed', 'expired', 'superseded', 'abandoned', 'bypassed'],
  blocked: ['blocked', 'asked', 'passed', 'failed', 'expired', 'superseded', 'abandoned', 'bypassed'],
  asked: [
    'asked',
    'blocked',
    'approved',
    'rejected',
    'passed',
    'failed',
    'expired',
    'superseded',
    'abandoned',
    'bypassed',
  ],
  approved: ['blocked', 'asked', 'passed', 'failed', 'expired', 'superseded', 'abandoned', 'bypassed'],
  passed: ['blocked', 'asked', 'failed', 'expired', 'superseded', 'abandoned', 'bypassed'],
  rejected: ['abandoned', 'bypassed'],
  failed: ['abandoned', 'bypassed'],
  expired: ['abandoned', 'bypassed'],
  superseded: ['abandoned', 'bypassed'],
  abandoned: [],
  bypassed: [],
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
  /** Decides in the place of this person, who is away. */
  readonly covers?: { readonly oid: string; readonly name: string };
}

export interface ExcludedCandidate extends Candidate {
  readonly why: 'requester' | 'commit-author' | 're-runner' | 'exception-requester' | 'guest' | 'disabled';
}

/** One level of a route: so many distinct people of these, once the levels before it have theirs. */
export interface AskLevel {
  /** `file:line` of the route it belongs to; levels of one route follow one another, those of another run beside them. */
  readonly route: string;
  readonly quorum: number;
  readonly from: readonly Principal[];
  readonly eligible: readonly Candidate[];
  readonly excluded: readonly ExcludedCandidate[];
  /** ISO date, inclusive, of the freeze that asks for this level. */
  readonly frozenUntil?: string;
  /** Set once nobody of `from` answered in time: these may decide too. */
  readonly escalatedTo?: Principal;
}

/** Whom a gate asks and under which conditions; a copy of the routes, so that the record explains itself. */
export interface Ask {
  /** At least one. */
  readonly levels: readonly AskLevel[];
  readonly excludes: readonly string[];
  /** Outside identities among the authors that match nobody in the directory. */
  readonly unmatched: readonly string[];
  readonly channels: readonly string[];
  readonly dm: boolean;
  readonly comment: { readonly approve: 'optional' | 'required'; readonly reject: 'optional' | 'required' };
  /** ISO-8601 UTC; the earliest deadline of its routes. */
  readonly deadline?: string;
}

/** One person's approval, which counts until it is withdrawn. */
export interface Vote {
  readonly by: PersonActor;
  /** In whose place it was given. */
  readonly covers?: { readonly oid: string; readonly name: string };
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly comment: string;
  /** Positions in `levels` of the ask for which it counts. */
  readonly levels: readonly number[];
  /** Every id and address of this human and of whom they stood in for, lower case: a second account is not a second person. */
  readonly accounts: readonly string[];
}

/** What settled a gate: the approval that completed the quorum, or the first rejection. */
export interface Decision {
  readonly verdict: 'approve' | 'reject';
  readonly by: PersonActor;
  readonly covers?: { readonly oid: string; readonly name: string };
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly comment: string;
}

/**
 * Why a gate is spoken of aloud, beside its card: who is silent is reminded, whose approval is void is asked anew, one
 * approver asks another one.
 */
export type Call = 'reminder' | 'asked-anew' | 'delegated';

/** The newer run that took a gate's place. */
export interface Successor {
  readonly requestId: string;
  readonly runId: number;
  readonly attempt: number;
}

/** What `t` holds: sealed before the first telling, sent byte for byte, never replaced (storage.md rule 4). */
export interface SealedVerdict {
  readonly result: 'succeeded' | 'failed';
  readonly reason: 'approved' | 'passed' | 'rejected' | 'blocked' | 'expired' | 'superseded' | 'observed';
  readonly lines: readonly string[];
  readonly sealedAt: string;
  readonly subjectChecksum: string;
}

/** What was passed on to an approval of Azure DevOps' own. */
export type Handover =
  | {
      readonly kind: 'sent';
      /** Whom Azure DevOps has as the one who decided: the people themselves, or the bot in their place. */
      readonly as: 'person' | 'service';
      /** How many more approvals Azure DevOps itself waited for then. */
      readonly missing: number;
    }
  /** Nothing: there was nobody's word to pass on, or Azure DevOps took none. */
  | { readonly kind: 'left' };

/** How the stage ended that a gate was about. */
export interface StageResult {
  /** TaskResult by name. */
  readonly result: string;
  /** ISO-8601 UTC. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

/** One deployment waiting at one stage: the aggregate behind one evaluation of our check. */
export interface Gate {
  readonly id: string;
  /** Short id of tenant and organization (orgOf). */
  readonly org: string;
  readonly door: Door;
  /** Of the check's record, or of the stage behind a native approval. */
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
  /** That it was first judged by: a weaker one that comes later opens nothing. */
  readonly firstContract?: ContractInForce;
  readonly ask?: Ask;
  /** Approvals of this revision, in the order in which they were given. */
  readonly votes: readonly Vote[];
  /** ISO-8601 UTC; when people were first asked, whatever came in between. */
  readonly askedAt?: string;
  /** ISO-8601 UTC; when who is silent is reminded, and when others are asked too. */
  readonly remindAt?: string;
  readonly escalateAt?: string;
  /** ISO-8601 UTC; when that was done, once for each gate. */
  readonly remindedAt?: string;
  readonly escalatedAt?: string;
  /** What is different from what people were asked before, in the order in which it is told. */
  readonly changes?: readonly Change[];
  /** The last deployment of the same scope, when people were asked. */
  readonly previous?: Release;
  readonly supersededBy?: Successor;
  /** Request ids of those whose place it takes. */
  readonly supersedes?: readonly string[];
  /** ISO-8601 UTC; from the first blocked judgement, never restarted. */
  readonly waitUntil?: string;
  /** Exceptions that were asked for something that blocks it, and are not decided: until then its wait does not end. */
  readonly awaits?: readonly string[];
  /** True when the environment is only observed: what is recorded is what would have happened. */
  readonly observed: boolean;
  readonly decision?: Decision;
  readonly verdict?: SealedVerdict;
  /** ISO-8601 UTC; when Azure DevOps took the verdict, or was found to have completed the check without us. */
  readonly toldAt?: string;
  /** The result that Azure DevOps holds, when it is not ours. */
  readonly completedElsewhere?: string;
  /** Of one that was bypassed, once somebody explained it. */
  readonly bypass?: Bypass;
  /** Names of those who decided in Azure DevOps without us, as it writes them. */
  readonly completedBy?: readonly string[];
  /** Of a native approval, once it was told. */
  readonly handover?: Handover;
  /** Of a native approval: nobody can act as themselves from here, so people decide in Azure DevOps itself. */
  readonly linkOnly?: true;
  readonly stageResult?: StageResult;
  /** W3C traceparent of its delivery, where traces are kept; nothing is decided by it. */
  readonly traceparent?: string;
}

/** The approval of Azure DevOps' own that a gate is about, or undefined for a check of ours. */
export function approvalOf({ door }: Pick<Gate, 'door'>): NativeApprovalRef | undefined {
  return door.kind === 'approval' ? door : undefined;
}

/** The pipeline's token ends at 48 h: every gate is answered well before (storage.md rule 8). */
export const LONGEST_WAIT_HOURS = 46;
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

/** The ids of our check, or undefined where Azure DevOps asks by a native approval. */
export function checkOf({ door }: Pick<Gate, 'door'>): CheckIds | undefined {
  return door.kind === 'check' ? door : undefined;
}

/** Deterministic: every delivery of one evaluation collides on it. A new attempt is a new request. */
export function requestIdOf(org: string, ids: CheckIds | NativeApprovalRef, attempt: number): string {
  return sha256Base32(JSON.stringify(tupleOf(org, ids, attempt))).slice(0, 16);
}

/** What a request id stands for; compared when two deliveries share an id. */
export function tupleOf(org: string, ids: CheckIds | NativeApprovalRef, attempt: number): readonly (string | number)[] {
  if (!('planId' in ids)) return [org, ids.projectId.toLowerCase(), 'approval', ids.id.toLowerCase()];
  const guids = [ids.projectId, ids.planId, ids.jobId, ids.taskInstanceId].map((id) => id.toLowerCase());
  return [org, ...guids, attempt];
}

/** Every scope that this gate is judged on: each service in its environment, and in all environments (`-`). */
export function scopesOf(gate: Pick<Gate, 'org' | 'services' | 'environment'>) {
  return gate.services.flatMap((service) =>
    [gate.environment, '-'].map((environment) => ({ org: gate.org, service, environment })),
  );
}
