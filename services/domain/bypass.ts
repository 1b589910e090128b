import type { Gate } from './gate.ts';
import type { Person, PersonActor, Principal } from './person.ts';
import { isSameHuman } from './person.ts';
import type { Refusal } from './refusal.ts';

/** What people said about a stage that went on without a decision here. */
export interface Bypass {
  /** The last explanation; each one is in the evidence. */
  readonly explained: Explanation;
  readonly confirmed?: { readonly by: PersonActor /** ISO-8601 UTC. */; readonly at: string };
}

export interface Explanation {
  readonly by: PersonActor;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly reason: string;
  /** Number or address, as written. */
  readonly ticket: string;
  /** Who is asked to confirm it; empty when nobody could be found. */
  readonly confirmers: readonly Principal[];
  /** Every id and address of whoever explained it, lower case: a second account confirms nothing. */
  readonly accounts: readonly string[];
}

/** Of the reason, in characters; a ticket has at least one. */
export const REASON_MIN = 20;
export const REASON_MAX = 1_000;
export const TICKET_MAX = 200;

/** What somebody wants to say about a bypass, with what is known of them at this moment. */
interface Attempt {
  /** The directory's record of the person; undefined when it has none. */
  readonly person: Person | undefined;
  /** The revision that the person saw; absent for a typed command, which means the present one. */
  readonly revision?: number;
}

/** The first reason against, or undefined. Guests and disabled accounts speak for nobody. */
function barred(gate: Gate, { person, revision }: Attempt): Refusal | undefined {
  if (gate.state !== 'bypassed') return 'not-bypassed';
  if (gate.bypass?.confirmed !== undefined) return 'already-confirmed';
  if (person === undefined) return 'not-in-directory';
  if (person.disabled) return 'disabled';
  if (person.guest) return 'guest';
  return revision !== undefined && revision !== gate.revision ? 'stale-revision' : undefined;
}

/** Why this explanation is not taken, or undefined. Until one is confirmed, a new one takes its place. */
export function explanationRefusal(
  gate: Gate,
  attempt: Attempt & { readonly isOwner: boolean; readonly reason: string; readonly ticket: string },
): Refusal | undefined {
  const refusal = barred(gate, attempt);
  if (refusal !== undefined) return refusal;
  const { person, isOwner, reason, ticket } = attempt;
  if (!isOwner && (person === undefined || !hasAskedFor(gate, person))) return 'may-not-explain';
  const length = [...reason].length;
  if (length < REASON_MIN || length > REASON_MAX) return 'reason-unfit';
  return ticket === '' || [...ticket].length > TICKET_MAX ? 'ticket-unfit' : undefined;
}

/** Why this confirmation is not taken, or undefined: it takes somebody else than who asked for it or explained it. */
export function confirmationRefusal(
  gate: Gate,
  attempt: Attempt & { readonly isConfirmer: boolean },
): Refusal | undefined {
  const refusal = barred(gate, attempt);
  if (refusal !== undefined) return refusal;
  const { person, isConfirmer } = attempt;
  if (gate.bypass === undefined) return 'not-explained-yet';
  if (person === undefined || isPartOf(gate, person)) return 'own-bypass';
  return isConfirmer ? undefined : 'not-the-owner';
}

/** Asked for the deployment, or explained its bypass: such a human does not confirm it. */
export function isPartOf(gate: Gate, person: Person): boolean {
  const accounts = gate.bypass?.explained.accounts ?? [];
  return hasAskedFor(gate, person) || accounts.some((id) => isSameHuman(person, { id }));
}

function hasAskedFor({ sources, run }: Gate, person: Person): boolean {
  const requesters = [run.requestedFor, run.requestedBy, ...(sources?.requesters ?? [])];
  return requesters.some((identity) => isSameHuman(person, identity));
}

/** A new explanation is another question to whoever confirms: the revision rises with it. */
export function explained(gate: Gate, explanation: Explanation): Gate {
  return { ...gate, revision: gate.revision + 1, bypass: { explained: explanation } };
}

export function confirmed(gate: Gate, by: PersonActor, at: string): Gate {
  const { bypass } = gate;
  return bypass === undefined ? gate : { ...gate, bypass: { ...bypass, confirmed: { by, at } } };
}

/** Whether somebody still has to explain or confirm it. */
export function isOpenBypass({ state, bypass }: Pick<Gate, 'state' | 'bypass'>): boolean {
  return state === 'bypassed' && bypass?.confirmed === undefined;
}
