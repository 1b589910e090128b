import type { Gate } from '../domain/gate.ts';

/** Where a message can be sent; learnt from what Teams sent us. */
export interface Conversation {
  readonly id: string;
  readonly serviceUrl: string;
  readonly tenantId: string;
  readonly kind: 'personal' | 'channel' | 'groupChat';
  /** The bot's id in this conversation. */
  readonly botId: string;
}

/** `user:oid` or `channel:NAME-or-19:…`. */
export type Recipient =
  | { readonly kind: 'person'; readonly oid: string }
  | { readonly kind: 'channel'; readonly channel: string };

/** What a card is about and who reads it: the same record always makes the same card. */
export interface Notice {
  readonly gate: Gate;
  readonly audience: Recipient;
}

export type Sent =
  | { readonly kind: 'sent'; readonly activityId: string }
  /** The card to be updated is gone: post a new one. */
  | { readonly kind: 'gone' }
  /** Teams will never take this one (blocked, not installed, too large). */
  | { readonly kind: 'refused'; readonly code: string }
  /** Try again, not before `retryAfter` seconds when Teams said so. */
  | { readonly kind: 'unavailable'; readonly retryAfter?: number };

/** Teams, as far as sending goes. Never rejects. Not idempotent: prefer a duplicate to silence (storage.md rule 9). */
export interface Notifier {
  post(to: Conversation, notice: Notice): Promise<Sent>;
  update(to: Conversation, activityId: string, notice: Notice): Promise<Sent>;
}

/** Table `conv`: whom we can reach, and what waits for those we cannot. Rejects with StoreUnavailableError. */
export interface Conversations {
  find(recipient: Recipient): Promise<Conversation | undefined>;
  /**
   * Remembers the conversation under every name by which it can be addressed. Returns those for which something may be
   * parked: newly learnt, or not looked at since this process started.
   */
  remember(recipients: readonly Recipient[], conversation: Conversation): Promise<readonly Recipient[]>;
  forget(recipient: Recipient): Promise<void>;
  /** Notes that this request has a card for somebody without a conversation. */
  park(recipient: Recipient, request: { readonly org: string; readonly id: string }): Promise<void>;
  parked(recipient: Recipient): Promise<readonly { readonly org: string; readonly id: string }[]>;
  unpark(recipient: Recipient, request: { readonly org: string; readonly id: string }): Promise<void>;
}
