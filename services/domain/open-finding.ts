import type { OpenGroup } from './judgement.ts';
import type { Person, Principal } from './person.ts';
import type { Triage } from './triage.ts';

/** One finding of one service, in all its environments. */
export interface FindingKey {
  readonly org: string;
  readonly service: string;
  readonly fingerprint: string;
}

/** One open finding, and what the contract says of it in each environment that is meant. */
export interface OpenFinding {
  readonly key: FindingKey;
  readonly places: readonly { readonly environment: string; readonly group: OpenGroup }[];
  /** The owners in these environments, and the lead of the service. */
  readonly owners: readonly Principal[];
  readonly lead?: Principal;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** A finding as it stands after somebody's word. */
export interface TriagedFinding {
  readonly finding: OpenFinding;
  readonly triage?: Triage;
  /** The assignee, as the directory has them; absent: nobody is, or whoever was is gone. */
  readonly assignee?: Person;
}

/** What a form needs that asks for the rest of the words. */
export interface TriageOffer extends TriagedFinding {
  /** Active members of its owners, whom one may name; by name. */
  readonly people: readonly Person[];
  /** ISO date; the last one until which it may be snoozed. */
  readonly latest: string;
}
