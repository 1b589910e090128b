import type { ArchivedDay, ArchivedHead } from '../domain/archived-head.ts';
import type { EvidenceChain } from './evidence-log.ts';

/** Which day is in work. */
export interface RetentionState {
  /** UTC day, yyyy-MM-dd: all before it are archived, and what may be deleted of them is. */
  readonly day: string;
  /** Set once it is archived: number of the last entry that says so, in the chain of its month, and how many of its requests were looked at. */
  readonly archived?: { readonly through: number; readonly done: number };
  /** Name of the last archive. */
  readonly last?: string;
  /** Since when it does not go on, and why. */
  readonly failure?: { readonly since: string; readonly why: string };
}

export type Deleted =
  | 'deleted'
  /** There is nothing of it any more. */
  | 'gone'
  /** It went on since, is not told, or something of it is still to be done. */
  | 'kept';

/** Requests that ended long ago, and what is known of their archives. Rejects with StoreUnavailableError. */
export interface RetentionStore {
  state(): Promise<RetentionState | undefined>;
  note(state: RetentionState): Promise<void>;
  /** The first UTC day from this one on in which evidence was written; undefined: none. */
  nextDay(from: string): Promise<string | undefined>;
  /** Heads of the requests that changed on this day last, and were told: they may be deleted. */
  ended(day: string): Promise<readonly ArchivedHead[]>;
  /** One entry `archived` in the chain of the day's month; its number. `at`: ISO-8601 UTC of now. */
  archived(archived: ArchivedDay, at: string): Promise<number>;
  /** How far that chain is under a checkpoint. */
  signedThrough(day: string): Promise<number>;
  /** Heads that entries of this day name, in their order. */
  headsOf(day: string): Promise<readonly ArchivedHead[]>;
  /** All of the request with this chain, where it still stands there; then what points to it. */
  delete(head: ArchivedHead): Promise<Deleted>;
  /** Chains that say what was archived. */
  chains(): AsyncIterable<EvidenceChain>;
}
