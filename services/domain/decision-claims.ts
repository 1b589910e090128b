import { checkOf, type Gate } from './gate.ts';
import { plusMinutes } from './instant.ts';
import type { ContractInForce } from './judgement.ts';

/** How long a deploy job may rely on what it was told. */
const VALID_MINUTES = 15;
const MOST_COMMITS = 100;

/** What a deploy job is told at its last look: claims of a JSON Web Token (RFC 7519), and what was decided about what. */
export interface DecisionClaims {
  /** Public address of this bot; absent locally. */
  readonly iss?: string;
  /** Request id. */
  readonly sub: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  /** `exp` as ISO-8601 UTC. Equal to the moment of signing for whatever is no permission. */
  readonly validUntil: string;
  readonly result: 'succeeded' | 'failed' | 'pending';
  /** Reason of the sealed verdict, else the state in which the request is, or `superseded`. */
  readonly reason: string;
  readonly revision: number;
  /** Of the verdict, else of what people are asked about; null before the first judgement. */
  readonly subjectChecksum: string | null;
  /** ISO-8601 UTC; null while nothing is sealed. */
  readonly sealedAt: string | null;
  readonly organization: string;
  readonly projectId: string;
  readonly project: string;
  readonly pipeline: { readonly id: number; readonly name: string };
  readonly run: { readonly id: number; readonly name: string };
  readonly stage: string;
  /** Of the check, as Azure DevOps counts it. */
  readonly attempt: number;
  readonly environment: string;
  readonly services: readonly string[];
  /** The run's own. */
  readonly commit: string;
  /** Everything that the run ships, the first hundred; `commitCount` says how many there are. */
  readonly commits: readonly string[];
  readonly commitCount: number;
  readonly artifact?: string;
  readonly contract: ContractInForce | null;
  /** Object ids without names: a signed text cannot be erased later. `covers`: in whose place. */
  readonly approvers: readonly { readonly oid: string; readonly covers?: string; readonly at: string }[];
}

/** `superseded`: the same deployment was asked for anew, so that this request speaks for nothing any more. */
export function decisionClaims(
  gate: Gate,
  { superseded, now, issuer }: { readonly superseded: boolean; readonly now: string; readonly issuer?: string },
): DecisionClaims {
  const { verdict, run, sources } = gate;
  const said = superseded ? ({ result: 'failed', reason: 'superseded' } as const) : resultOf(gate, now);
  const isPermission = said.result !== 'failed' && said.result !== 'pending';
  const validUntil = isPermission ? plusMinutes(now, VALID_MINUTES) : now;
  const commits = [...new Set((sources?.commits ?? []).map(({ commit }) => commit))].sort();
  return {
    ...(issuer === undefined ? {} : { iss: issuer }),
    sub: gate.id,
    iat: secondsOf(now),
    exp: secondsOf(validUntil),
    validUntil,
    ...said,
    revision: gate.revision,
    subjectChecksum: verdict?.subjectChecksum ?? gate.subjectChecksum ?? null,
    sealedAt: verdict?.sealedAt ?? null,
    organization: gate.door.organization,
    projectId: run.projectId,
    project: run.project,
    pipeline: { id: run.pipeline.id, name: run.pipeline.name },
    run: { id: run.id, name: run.name },
    stage: gate.stage,
    attempt: gate.attempt,
    environment: gate.environment,
    services: gate.services,
    commit: run.commit,
    commits: commits.slice(0, MOST_COMMITS),
    commitCount: commits.length,
    ...(gate.artifact === undefined ? {} : { artifact: gate.artifact }),
    contract: gate.judgement?.contract ?? null,
    approvers: approversOf(gate),
  };
}

/** Only a sealed verdict can be permission: an approval that is not sealed yet is pending (storage.md rule 4). */
function resultOf(gate: Gate, now: string): Pick<DecisionClaims, 'result' | 'reason'> {
  const { state, verdict } = gate;
  // Azure DevOps holds another result than the sealed one, or the run has ended.
  if (state === 'abandoned' || state === 'bypassed') return { result: 'failed', reason: state };
  if (verdict !== undefined) return { result: verdict.result, reason: verdict.reason };
  if (state === 'rejected' || state === 'failed' || state === 'expired' || state === 'superseded')
    return { result: 'failed', reason: state };
  return now >= gate.closesAt ? { result: 'failed', reason: 'expired' } : { result: 'pending', reason: state };
}

/** Whether `other` asks again for the deployment that `gate` asked for: what `gate` was told counts no more. */
export function supersedes(other: Gate, gate: Gate): boolean {
  const samePlace =
    other.org === gate.org &&
    other.run.id === gate.run.id &&
    other.stage === gate.stage &&
    other.environment === gate.environment;
  const sameDoor = other.door.kind === gate.door.kind;
  const sharesService = other.services.some((service) => gate.services.includes(service));
  // Several checks of one stage come together, before any of them is answered: who comes later asks for another attempt.
  const isAskedAnew = gate.toldAt !== undefined && other.receivedAt > gate.toldAt;
  const isLaterCheck = isAskedAnew || (isSameCheck(other, gate) && other.attempt > gate.attempt);
  // Approvals of one attempt may come one after the other, and theirs is the stage's attempt.
  const isLater = gate.door.kind === 'check' ? isLaterCheck : other.attempt > gate.attempt;
  return samePlace && sameDoor && sharesService && isLater;
}

/** Whoever approved, as far as the approval stands. */
function approversOf({ votes, decision }: Gate): DecisionClaims['approvers'] {
  return decision?.verdict === 'reject'
    ? []
    : votes.map(({ by, covers, at }) => ({ oid: by.oid, ...(covers === undefined ? {} : { covers: covers.oid }), at }));
}

function isSameCheck(one: Gate, other: Gate): boolean {
  const [a, b] = [checkOf(one), checkOf(other)];
  return a !== undefined && a.planId === b?.planId && a.taskInstanceId === b.taskInstanceId;
}

function secondsOf(instant: string): number {
  return Math.floor(Date.parse(instant) / 1_000);
}
