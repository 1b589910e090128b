import type { IAdaptiveCard } from 'adaptivecards';

/** What a person gets back for a click or a typed command; `text` alone is for those who use no cards. */
export interface Answer {
  /** Readable on its own: a screen reader gets no more than this. */
  readonly text: string;
  readonly card?: IAdaptiveCard;
  /** Nothing was done yet: the person is asked to sign in, with `text` as the reason, and what they did runs again. */
  readonly signIn?: true;
}

/** What the record keeps of a person, and nothing of how they read. */
export function actorOf({ kind, tenant, oid, name }: TurnPerson) {
  return { kind, tenant, oid, name };
}

/** The person of an authenticated turn: tenant and object id come from the Bot Connector, never from a card. */
export interface TurnPerson {
  readonly kind: 'person';
  readonly tenant: string;
  readonly oid: string;
  /** As Teams shows it; for words only. */
  readonly name: string;
  /** IANA name of the person's time zone, where this activity names it. */
  readonly zone?: string;
  /** The person's Teams id, where others see the message on which they act: their own view of it may be fetched anew. */
  readonly refreshFor?: readonly string[];
  /** Conversation id of a click that others may see: not of a personal chat, and not of a typed command. */
  readonly clickedIn?: string;
  /** Set for what is answered in front of others. */
  readonly isPublic?: boolean;
}
