/** Why nothing of ours reaches somebody in Teams. */
export type UnreachableWhy =
  /** There never was a conversation with them; of a channel: or its name means several. */
  | 'not-installed'
  | 'removed'
  | 'blocked'
  | 'switched-off'
  | 'no-writes'
  /** The chat or the channel is not there any more. */
  | 'gone'
  /** The directory knows nobody active of this id. */
  | 'left'
  /** Teams gave another reason. */
  | 'refused';

/** Why there is no conversation any more, in Teams' word or one of ours, and since when (ISO-8601 UTC). */
export interface Loss {
  readonly code: string;
  readonly at: string;
}

/** A person or a channel that nothing reaches. */
export interface Unreachable {
  /** `user:oid` or `channel:…`. */
  readonly recipient: string;
  /** The person's name, or their id where the directory does not tell; the channel as it is addressed. */
  readonly name: string;
  readonly why: UnreachableWhy;
  /** What Teams answered, and when; absent where nothing was ever sent. */
  readonly loss?: Loss;
}

/** Our words where Teams tells no code: the bot was taken out; the team does not list the channel any more. */
export const BOT_REMOVED = 'BotRemoved';
export const CHANNEL_DELETED = 'ChannelDeleted';

const WHYS: Readonly<Record<string, UnreachableWhy>> = {
  [BOT_REMOVED]: 'removed',
  BotNotInConversationRoster: 'removed',
  [CHANNEL_DELETED]: 'gone',
  ConversationNotFound: 'gone',
  ForbiddenOperationException: 'not-installed',
  BotDisabledByAdmin: 'switched-off',
  ConversationBlockedByUser: 'blocked',
  MessageWritesBlocked: 'no-writes',
};

/** `isActive`: whether the directory has them; absent where it did not say, or of a channel. */
export function whyUnreachable(loss: Loss | undefined, isActive?: boolean): UnreachableWhy {
  if (isActive === false) return 'left';
  return loss === undefined ? 'not-installed' : (WHYS[loss.code] ?? 'refused');
}
