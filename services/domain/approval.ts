import { exclusionOf } from './exclusion.ts';
import { type Ask, type Decision, type Gate, isSettled } from './gate.ts';
import type { Person } from './person.ts';
import type { Refusal } from './refusal.ts';

/** Longest comment in characters; what a card's input allows and what is stored. */
export const COMMENT_LIMIT = 1_000;

/** What somebody wants, with what the directory says about them at this moment. */
export interface Attempt {
  readonly decision: Decision;
  /** The revision that the person saw; absent for a typed command, which means the present one. */
  readonly revision?: number;
  /** The directory's record of the person; undefined when it has none. */
  readonly person: Person | undefined;
  /** Whether the person belongs to those whom the route asks, freshly looked up. */
  readonly isApprover: boolean;
}

export type Outcome =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'decided'; readonly gate: Gate };

/** Why no decision can be taken on this gate by anybody now, or undefined. Needs no directory. */
export function closedBecause(gate: Gate, now: string): Refusal | undefined {
  if (gate.state === 'expired' || (!isSettled(gate.state) && now >= gate.closesAt)) return 'expired';
  if (isSettled(gate.state)) return 'already-decided';
  if (gate.state === 'blocked') return 'blocked';
  return gate.state === 'asked' && gate.ask !== undefined ? undefined : 'not-asked-yet';
}

/** The first allowed decision stands. Quorum is one: routes that ask for more never reach this state. */
export function decide(gate: Gate, attempt: Attempt): Outcome {
  const refusal = refusalOf(gate, attempt);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  const state = attempt.decision.verdict === 'approve' ? 'approved' : 'rejected';
  return { kind: 'decided', gate: { ...gate, state, decision: attempt.decision } };
}

function refusalOf(gate: Gate, attempt: Attempt): Refusal | undefined {
  const closed = closedBecause(gate, attempt.decision.at);
  if (closed !== undefined) return closed;
  const { ask, sources } = gate;
  if (ask === undefined || sources === undefined) return 'not-asked-yet';
  if (attempt.person === undefined) return 'not-in-directory';
  const excluded = exclusionOf(attempt.person, sources, ask.excludes);
  if (excluded === 'requester') return 'own-deployment';
  if (excluded !== undefined) return excluded;
  if (!attempt.isApprover) return 'not-an-approver';
  if (attempt.revision !== undefined && attempt.revision !== gate.revision) return 'stale-revision';
  return commentRefusal(ask, attempt.decision);
}

function commentRefusal(ask: Ask, decision: Decision): Refusal | undefined {
  if ([...decision.comment].length > COMMENT_LIMIT) return 'comment-too-long';
  const needed = ask.comment[decision.verdict] === 'required';
  return needed && decision.comment.trim() === '' ? 'comment-required' : undefined;
}

/** True while whoever decided may still decide; whether the subject is the same is the seal's question (seal.ts). */
export function stillHolds(gate: Gate, person: Person | undefined, isApprover: boolean): boolean {
  if (gate.sources === undefined || gate.ask === undefined || person === undefined) return false;
  return isApprover && exclusionOf(person, gate.sources, gate.ask.excludes) === undefined;
}
