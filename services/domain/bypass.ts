import type { Gate } from './gate.ts';
import type { OutsideIdentity, Person, PersonActor, Principal } from './person.ts';
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

/** What went on without a decision here, as far as it is explained: a stage past its gate, or an action off the release path. */
export interface Unapproved {
  /** False: it is no such thing. */
  readonly isBypassed: boolean;
  readonly revision: number;
  readonly bypass?: Bypass;
  /** Who did it or asked for it. */
  readonly doneBy: readonly OutsideIdentity[];
}

export function unapprovedOf({ state, revision, bypass, sources, run }: Gate): Unapproved {
  const doneBy = [run.requestedFor, run.requestedBy, ...(sources?.requesters ?? [])];
  return { isBypassed: state === 'bypassed', revision, doneBy, ...(bypass === undefined ? {} : { bypass }) };
}

/** What somebody wants to say about it, with what is known of them at this moment. */
interface Attempt {
  /** The directory's record of the person; undefined when it has none. */
  readonly person: Person | undefined;
  /** The revision that the person saw; absent for a typed command, which means the present one. */
  readonly revision?: number;
}

/** The first reason against, or undefined. Guests and disabled accounts speak for nobody. */
function barred(one: Unapproved, { person, revision }: Attempt): Refusal | undefined {
  if (!one.isBypassed) return 'not-bypassed';
  if (one.bypass?.confirmed !== undefined) return 'already-confirmed';
  if (person === undefined) return 'not-in-directory';
  if (person.disabled) return 'disabled';
  if (person.guest) return 'guest';
  return revision !== undefined && revision !== one.revision ? 'stale-revision' : undefined;
}

/** Why this explanation is not taken, or undefined. Until one is confirmed, a new one takes its place. */
export function explanationRefusal(
  one: Unapproved,
  attempt: Attempt & { readonly isOwner: boolean; readonly reason: string; readonly ticket: string },
): Refusal | undefined {
  const refusal = barred(one, attempt);
  if (refusal !== undefined) return refusal;
  const { person, isOwner, reason, ticket } = attempt;
  if (!isOwner && (person === undefined || !hasDone(one, person))) return 'may-not-explain';
  const length = [...reason].length;
  if (length < REASON_MIN || length > REASON_MAX) return 'reason-unfit';
  return ticket === '' || [...ticket].length > TICKET_MAX ? 'ticket-unfit' : undefined;
}

/** Why this confirmation is not taken, or undefined: it takes somebody else than who did it, asked for it or explained it. */
export function confirmationRefusal(
  one: Unapproved,
  attempt: Attempt & { readonly isConfirmer: boolean },
): Refusal | undefined {
  const refusal = barred(one, attempt);
  if (refusal !== undefined) return refusal;
  const { person, isConfirmer } = attempt;
  if (one.bypass === undefined) return 'not-explained-yet';
  if (person === undefined || isPartOf(one, person)) return 'own-bypass';
  return isConfirmer ? undefined : 'not-the-owner';
}

/** Did it, asked for it, or explained it: such a human does not confirm it. */
export function isPartOf(one: Unapproved, person: Person): boolean {
  const accounts = one.bypass?.explained.accounts ?? [];
  return hasDone(one, person) || accounts.some((id) => isSameHuman(person, { id }));
}

function hasDone({ doneBy }: Unapproved, person: Person): boolean {
  return doneBy.some((identity) => isSameHuman(person, identity));
}

/** A new explanation is another question to whoever confirms: the revision rises with it. */
export function explained<T extends Pick<Unapproved, 'revision' | 'bypass'>>(one: T, explanation: Explanation): T {
  return { ...one, revision: one.revision + 1, bypass: { explained: explanation } };
}

export function confirmed<T extends Pick<Unapproved, 'revision' | 'bypass'>>(one: T, by: PersonActor, at: string): T {
  const { bypass } = one;
  return bypass === undefined ? one : { ...one, bypass: { ...bypass, confirmed: { by, at } } };
}

/** Whether somebody still has to explain or confirm it. */
export function isOpenBypass({ state, bypass }: Pick<Gate, 'state' | 'bypass'>): boolean {
  return state === 'bypassed' && bypass?.confirmed === undefined;
}

/** How far something that went on without a decision is explained. */
export type UnapprovedStanding = 'not-explained' | 'explained' | 'confirmed';

export function standingOf(bypass: Bypass | undefined): UnapprovedStanding {
  if (bypass === undefined) return 'not-explained';
  return bypass.confirmed === undefined ? 'explained' : 'confirmed';
}
