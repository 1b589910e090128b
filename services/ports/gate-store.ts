import type { EvidenceDraft, EvidenceEntry } from '../domain/evidence.ts';
import type { Gate } from '../domain/gate.ts';

/** What a commit can make necessary; bot/core.ts maps each to its function. */
export type OutboxKind =
  | 'judge'
  | 'verdict'
  | 'card'
  | 'index'
  /** A reminder to those who have not answered; a question put anew to those who have. */
  | 'remind'
  | 'ask-again'
  /** One approver asks another one to decide; each such item is about somebody else. */
  | 'delegate'
  /** Those whose place this gate has taken are judged again, and find it out. */
  | 'supersede'
  /** How the stage ended is looked up. */
  | 'stage'
  /** It was let through: what its owners approved is taken down, and looked at again later. */
  | 'released';

export interface OutboxItem {
  readonly kind: OutboxKind;
  readonly seq: number;
  readonly attempts: number;
  /** ISO-8601 UTC; not before. An item that another process has just put there is left to it for a minute. */
  readonly dueAt: string;
  readonly etag: string;
}

/** ISO-8601 UTC; when the change was recorded that put this item there; a released card has none and tells its next try. */
export function sinceOf({ seq, dueAt }: OutboxItem, evidence: readonly EvidenceEntry[]): string {
  const entry = evidence.find((link) => link.seq === seq);
  return entry === undefined ? dueAt : (JSON.parse(entry.entry) as { readonly at: string }).at;
}

/** A copy of a card in a conversation, or one that is parked. */
export interface CardReference {
  /** Conversation id; empty while the reader cannot be reached. */
  readonly conversation: string;
  /**
   * `user:` and the person's oid, `channel:` and the channel as the route names it, or `request:` and the id of the
   * request whose card asks about this one too.
   */
  readonly recipient: string;
  readonly activityId: string;
  /** What the card shows; one that shows something else is out of date. */
  readonly shows: string;
  /** The question (domain/group.ts) that it asks; absent where nobody was asked. */
  readonly question?: string;
}

/** A request that the card of another one asks about too. */
export interface Member {
  readonly id: string;
  /** The question that it asks there. */
  readonly question: string;
}

/** Everything stored of one request, read together. */
export interface StoredGate {
  readonly gate: Gate;
  readonly etag: string;
  readonly evidence: readonly EvidenceEntry[];
  readonly outbox: readonly OutboxItem[];
  readonly deadLetters: readonly OutboxItem[];
  readonly cards: readonly CardReference[];
  /** Requests that the cards of this one ask about too, those that have left among them. */
  readonly members: readonly Member[];
  /** Changes with every pass over the cards; absent before the first. */
  readonly cardsEtag?: string;
  /** Sealed job token of a check; gone once Azure DevOps was told. */
  readonly token?: string;
}

/** One state change: one transaction with exactly one evidence entry. */
export interface GateChange {
  readonly op: string;
  readonly gate: Gate;
  readonly evidence: EvidenceDraft;
  readonly outbox: readonly OutboxKind[];
  /** Outbox items that this change completes. */
  readonly done?: readonly OutboxItem[];
  /** ISO-8601 UTC of now. */
  readonly at: string;
  /** Drops the sealed job token. */
  readonly dropToken?: boolean;
  /**
   * ISO-8601 UTC of the moments at which the gate must be looked at again; written as hints before the commit. One for
   * the outbox itself is added unless `done` names items: their own hint still stands.
   */
  readonly wakeAt?: readonly string[];
}

export type Committed =
  | { readonly kind: 'committed'; readonly stored: StoredGate }
  /** Somebody else changed the gate first; `stored` is as it is now. */
  | { readonly kind: 'lost'; readonly stored: StoredGate };

/** What an outbox pass leaves behind: no state, no evidence. */
export interface Bookkeeping {
  readonly done: readonly OutboxItem[];
  readonly retry: readonly (OutboxItem & { readonly dead: boolean })[];
  readonly cards: readonly CardReference[];
  readonly droppedCards: readonly CardReference[];
}

/**
 * Gates in table `gate`. Rejects with StoreUnavailableError when the store does not answer. A lost answer is resolved
 * inside by re-reading the operation id, so `committed` and `lost` are always true.
 */
export interface GateStore {
  read(org: string, id: string): Promise<StoredGate | undefined>;
  /** The first commit; `lost` when the request is known already. */
  create(change: GateChange & { readonly token?: string }): Promise<Committed>;
  commit(from: StoredGate, change: GateChange): Promise<Committed>;
  /**
   * On top of what others may have done meanwhile. When another pass over the cards came between, nothing is written:
   * the answer is the gate as it then is, with what this pass sent as cards that must be looked at again.
   */
  tidy(from: StoredGate, bookkeeping: Bookkeeping): Promise<StoredGate | undefined>;
  /** Has the gate looked at again at this instant (ISO-8601 UTC). */
  remind(gate: Pick<Gate, 'org' | 'id'>, at: string): Promise<void>;
  /**
   * Adds an outbox item outside a state change, with a member that joins or has changed; doing it twice is one. Its hint
   * is written first.
   */
  enqueue(gate: Pick<Gate, 'org' | 'id'>, kind: OutboxKind, at: string, member?: Member): Promise<void>;
  /**
   * Which request of its run asks those people (`askees`) by its card: the first that claims it, or this one in the
   * place of `instead`. Its id.
   */
  claimCard(gate: Gate, askees: string, instead?: string): Promise<string>;
  /** Where a request lives, found by its id alone among the configured organizations. */
  locate(id: string): Promise<StoredGate | undefined>;
  /** Requests that are not settled and told yet. */
  open(): Promise<readonly { readonly org: string; readonly id: string }[]>;
  /**
   * Every request that was received at this instant (ISO-8601 UTC) or later, whatever became of it, in no order. Reads past
   * all that is stored of all requests: for reports.
   */
  receivedSince(instant: string): AsyncIterable<Gate>;
  /** Ids of every request that a run ever made, in no order. */
  ofRun(org: string, runId: number): Promise<readonly string[]>;
  markOpen(gate: Gate): Promise<void>;
  markClosed(gate: Gate): Promise<void>;
  /** Every request with dead letters, told or not: one call for each organization and one for each request. */
  withDeadLetters(): Promise<readonly StoredGate[]>;
  /** Every bypass that is not confirmed yet: one call for each organization and one for each bypass. */
  openBypasses(): Promise<readonly StoredGate[]>;
  /** Puts these dead letters back into the outbox, due at once. Doing it twice is one; those that are none any more are left. */
  replay(gate: Pick<Gate, 'org' | 'id'>, items: readonly OutboxItem[], at: string): Promise<void>;
}

/** Every request that a run ever made, in no order: 1 call and 1 for each. */
export async function gatesOfRun(
  gates: Pick<GateStore, 'ofRun' | 'read'>,
  org: string,
  runId: number,
): Promise<readonly Gate[]> {
  const found = await Promise.all((await gates.ofRun(org, runId)).map((id) => gates.read(org, id)));
  return found.flatMap((stored) => stored?.gate ?? []);
}
