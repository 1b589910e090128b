import type { Audit } from '../domain/audit.ts';
import type { Calibration, Measurement } from '../domain/calibration.ts';
import type { ContractNews } from '../domain/contract-change.ts';
import type { CoverNews } from '../domain/cover.ts';
import type { DeliveryHealth } from '../domain/delivery-health.ts';
import type { Digest } from '../domain/digest.ts';
import type { DriftView } from '../domain/drift-view.ts';
import type { Exception } from '../domain/exception.ts';
import type { ExceptionTopic } from '../domain/exception-topics.ts';
import type { Call, Gate } from '../domain/gate.ts';
import type { Nudge } from '../domain/nudge.ts';
import type { OffPath } from '../domain/off-path.ts';
import type { OutageNews } from '../domain/outage.ts';
import type { PostDeployReview } from '../domain/post-deploy.ts';
import type { Review, ReviewStep } from '../domain/review.ts';
import type { Trends } from '../domain/trend.ts';
import type { Loss, Unreachable } from '../domain/unreachable.ts';

/** Where a message can be sent; learnt from what Teams sent us. */
export interface Conversation {
  readonly id: string;
  readonly serviceUrl: string;
  readonly tenantId: string;
  readonly kind: 'personal' | 'channel' | 'groupChat';
  /** The bot's id in this conversation. */
  readonly botId: string;
  /** IANA name of the time zone of its one reader, as Teams last told it. */
  readonly zone?: string;
}

/** `user:oid` or `channel:NAME-or-19:…`. */
export type Recipient =
  | { readonly kind: 'person'; readonly oid: string }
  | { readonly kind: 'channel'; readonly channel: string };

/** How card references name whom they were sent to. */
export function nameOf(recipient: Recipient): string {
  return recipient.kind === 'person' ? `user:${recipient.oid}` : `channel:${recipient.channel}`;
}

/** The inverse of `nameOf`. */
export function recipientNamed(name: string): Recipient {
  return name.startsWith('user:')
    ? { kind: 'person', oid: name.slice('user:'.length) }
    : { kind: 'channel', channel: name.slice('channel:'.length) };
}

export function distinct(recipients: readonly Recipient[]): Recipient[] {
  return [...new Map(recipients.map((recipient) => [nameOf(recipient), recipient])).values()];
}

/** What a card is about and who reads it: the same record always makes the same card. */
export interface Notice {
  readonly gate: Gate;
  /** Other gates of the run that the same card is about. */
  readonly besides?: readonly Gate[];
  readonly audience: Recipient;
  /** A message about the gate beside its card; absent: the card itself. */
  readonly about?: Call;
  /** Name of the person at whose wish it is sent. */
  readonly from?: string;
  /** It could not wait until its reader is spoken to next (domain/nudge.ts). */
  readonly isUrgent?: boolean;
  /** Those for whom it was meant and whom it does not reach. */
  readonly instead?: readonly Unreachable[];
}

/** A message about an exception. */
export interface ExceptionNews {
  readonly exception: Exception;
  readonly topic: ExceptionTopic;
  readonly audience: Recipient;
  /** Requests that were blocked without it and have ended: their stages can be run again now. */
  readonly runAgain?: readonly Gate[];
  /** It could not wait until its reader is spoken to next. */
  readonly isUrgent?: boolean;
  /** As of a notice. */
  readonly instead?: readonly Unreachable[];
}

/** What is sent to whoever reviews trends or the audit. */
export interface ReviewNews {
  readonly review: Review;
  readonly topic: ReviewStep | 'recorded';
  /** With `send`: the figures of one of them. */
  readonly trends?: Trends;
  readonly audit?: Audit;
  readonly audience: Recipient;
}

/** An action off the release path, as it is now. */
export interface OffPathNews {
  readonly offPath: OffPath;
  readonly audience: Recipient;
}

/** What should become of a control, for somebody who owns it. */
export interface CalibrationNews {
  readonly calibration: Calibration;
  readonly measured: Measurement;
  /** Object id. */
  readonly to: string;
}

/** What waits for a reader today. */
export interface DigestNews {
  readonly digest: Digest;
  readonly audience: Recipient;
  /** As of a notice. */
  readonly instead?: readonly Unreachable[];
}

/** How delivery stands, told to an operator once a day. */
export interface HeartbeatNews {
  readonly heartbeat: DeliveryHealth;
  /** Object id. */
  readonly to: string;
}

/**
 * How a scope differs from what was approved, for whoever owns it; `grown`: there is more than its card was sent with; `taken`: a baseline was
 * taken, or more of one, and nothing differs from it.
 */
export interface DriftNews {
  readonly drifted: DriftView;
  readonly topic: 'open' | 'grown' | 'taken';
  readonly audience: Recipient;
}

/** What a deployment was followed by, for whoever owns its service. */
export interface PostDeployNews {
  readonly postDeploy: PostDeployReview;
  readonly audience: Recipient;
}

/** Several things that its reader is told of again. */
export interface NudgeNews {
  readonly nudges: readonly Nudge[];
  /** How many that were among them are decided by now. */
  readonly settled: number;
  /** They could not wait until their reader is spoken to next. */
  readonly isUrgent?: boolean;
  /** A newer message lists what is left of them. */
  readonly isContinued?: boolean;
  readonly audience: Recipient;
}

/** What is said about no request. */
export type News =
  | CoverNews
  | ExceptionNews
  | CalibrationNews
  | ContractNews
  | DigestNews
  | ReviewNews
  | NudgeNews
  | DriftNews
  | PostDeployNews
  | HeartbeatNews
  | OffPathNews
  | OutageNews;

export type Sent =
  | { readonly kind: 'sent'; readonly activityId: string }
  /** The card to be updated is gone: post a new one. Of a new one: the conversation is. */
  | { readonly kind: 'gone' }
  /** This reader takes nothing from us (blocked, not installed) until they write or install the app. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Our own fault, not the reader's (bad card, permission, registration); when final, the same again changes nothing. */
  | { readonly kind: 'failed'; readonly code: string; readonly isFinal: boolean }
  /** Try again, not before `retryAfter` seconds when Teams said so. */
  | { readonly kind: 'unavailable'; readonly retryAfter?: number };

/** Why there is no conversation any more with somebody who took no message; undefined: it is not for that. */
export function lossIn(sent: Sent): string | undefined {
  // A new message for which there is no conversation: whoever it was for must open one.
  return sent.kind === 'gone' ? 'ConversationNotFound' : sent.kind === 'refused' ? sent.code : undefined;
}

/** Teams, as far as sending goes. Never rejects. Not idempotent: prefer a duplicate to silence (storage.md rule 9). */
export interface Notifier {
  post(to: Conversation, notice: Notice): Promise<Sent>;
  update(to: Conversation, activityId: string, notice: Notice): Promise<Sent>;
  /** A message about no request. */
  tell(to: Conversation, news: News): Promise<Sent>;
  /** The same message as it is now. */
  retell(to: Conversation, activityId: string, news: News): Promise<Sent>;
}

/** A person as Teams knows them to this bot. */
export interface TeamsUser {
  readonly oid: string;
  /** `29:…`, the same in every conversation. */
  readonly userId: string;
}

/** A conversation and the names by which routes can address it. */
export interface Reachable {
  readonly recipients: readonly Recipient[];
  readonly conversation: Conversation;
}

/** Something said aloud; of two that are equal, one is enough. */
export interface Saying {
  readonly kind: Call;
  /** Absent where one message speaks for every run. */
  readonly runId?: number;
}

/** Table `conv`: whom we can reach, and what waits for those we cannot. Rejects with StoreUnavailableError. */
export interface Conversations {
  /** Undefined too for a name that several channels have: none of them is the one that was meant. */
  find(recipient: Recipient): Promise<Conversation | undefined>;
  /** The same as of now, for whoever looks for many: one call for each 1,000 conversations, none for each of them. */
  everybody(): Promise<Pick<Conversations, 'find'>>;
  /**
   * Remembers the conversation under every name by which it can be addressed. Returns those for which something may be
   * parked: newly learnt, or not `released` since the conversation was last read.
   */
  remember(recipients: readonly Recipient[], conversation: Conversation): Promise<readonly Recipient[]>;
  /** This process knows it at once, and later ones too; outlives the person's conversation. */
  rememberUser(user: TeamsUser): Promise<void>;
  /** Undefined as long as this person has done nothing that reached the bot. */
  userIdOf(oid: string): Promise<string | undefined>;
  /** Everything that was parked for this one has been released. */
  released(recipient: Recipient): void;
  /**
   * Everything by which a team's channels can be reached: each of its channels is forgotten under every other name, and
   * one that is missing under all of them; none at all forgets the team. Returns those for which something may be
   * parked, as `remember` does, and the names that mean one channel again.
   */
  rememberTeam(team: string, channels: readonly Reachable[]): Promise<readonly Recipient[]>;
  /**
   * Forgets that the name means this conversation, or any without one; a person is forgotten in any case. `code` says
   * why (domain/unreachable.ts).
   */
  forget(recipient: Recipient, code?: string, conversation?: Pick<Conversation, 'id'>): Promise<void>;
  /** Why the last conversation was forgotten; undefined where there never was one. */
  lostBecause(recipient: Recipient): Promise<Loss | undefined>;
  /**
   * True for the request that is the first to say this to the recipient for five minutes, however often it asks; the
   * others need not say it again.
   */
  saysFirst(
    recipient: Recipient,
    what: Saying,
    request: { readonly org: string; readonly id: string },
  ): Promise<boolean>;
  /** Notes that this request has a card for somebody without a conversation. */
  park(recipient: Recipient, request: { readonly org: string; readonly id: string }): Promise<void>;
  parked(recipient: Recipient): Promise<readonly { readonly org: string; readonly id: string }[]>;
  unpark(recipient: Recipient, request: { readonly org: string; readonly id: string }): Promise<void>;
}

/** Parked first, looked up again after: an install in between finds the parked row, or we find the conversation. */
export async function reach(
  conversations: Conversations,
  recipient: Recipient,
  { org, id }: { readonly org: string; readonly id: string },
): Promise<Conversation | undefined> {
  const found = await conversations.find(recipient);
  if (found !== undefined) return found;
  await conversations.park(recipient, { org, id });
  const again = await conversations.find(recipient);
  if (again !== undefined) await conversations.unpark(recipient, { org, id });
  return again;
}
