import type { Nudge } from '../domain/nudge.ts';
import type { Conversation, Recipient, Sent } from './notifier.ts';

/** What became of a nudge. */
export type Nudged =
  | Sent
  /** It was said before, or it is said later without anybody asking again. */
  | { readonly kind: 'kept' };

/** Somebody who is told again of something, and where they are. */
export interface NudgedReader {
  readonly recipient: Recipient;
  readonly conversation: Conversation;
}

/** The only way to tell people again of what they know. Rejects with StoreUnavailableError, or when the policy is not there. */
export interface Nudges {
  /**
   * Says it by `send` if the reader may be spoken to now, else keeps it until they may. `besides` is said by the same
   * message. A message that was not sent (anything but `sent` and `kept`) is for the caller to try again.
   */
  say(
    reader: NudgedReader,
    nudge: Nudge,
    send: (isUrgent: boolean) => Promise<Sent>,
    besides?: readonly Nudge[],
  ): Promise<Nudged>;
  /** A person had it said: that is never held, and counts. */
  said(reader: NudgedReader, nudge: Nudge): Promise<void>;
  /** A digest has said these, which were held back. */
  toldInDigest(reader: Recipient, nudges: readonly Nudge[]): Promise<void>;
  /** Whether one that was kept had been said to them before `at` (ISO-8601 UTC). */
  wasSaid(reader: Recipient, nudge: Pick<Nudge, 'about' | 'slot'>, at: string): Promise<boolean>;
  /** Nobody for whom this holds is told of it any more, and it is taken out of the cards that list it. */
  settled(about: string, isSettled: (nudge: Nudge, reader: Recipient) => boolean): Promise<void>;
}
