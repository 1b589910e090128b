import type { Gate } from '../domain/gate.ts';
import type { CardReference, StoredGate } from './gate-store.ts';

/** Where a gate is asked about. */
export interface Place {
  /** What it asks (domain/group.ts); absent unless it asks something. */
  readonly question?: string;
  /** Id of the request whose card asks about this gate; absent: its own cards do. */
  readonly holder?: string;
  /** What its own cards are about besides itself. */
  readonly members: readonly OnCard[];
}

export interface OnCard {
  readonly gate: Gate;
  /** People are to answer here; else the card only says how it went on. */
  readonly isAskedHere: boolean;
}

/** Gates of one run that ask the same people share a card. Rejects with StoreUnavailableError. */
export interface CardGroups {
  /** Finds a card for what the gate asks now, unless it has one already. */
  placeOf(stored: StoredGate): Promise<Place>;
  /** Has the cards of other requests that are about this gate shown again; its references to them, those that changed. */
  tellHolders(stored: StoredGate, place: Place): Promise<readonly CardReference[]>;
  /** All gates that people answer on one card with this one, itself first. */
  askedWith(stored: StoredGate): Promise<readonly Gate[]>;
}

const REQUEST = 'request:';

export function requestReference(id: string): string {
  return `${REQUEST}${id}`;
}

/** Id of the request whose card a reference means; undefined for a card of its own. */
export function holderOf({ recipient }: Pick<CardReference, 'recipient'>): string | undefined {
  return recipient.startsWith(REQUEST) ? recipient.slice(REQUEST.length) : undefined;
}
