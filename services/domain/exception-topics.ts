import type { Exception } from './exception.ts';

/** Why somebody gets a message about an exception. */
export type ExceptionTopic =
  /** To be granted or not. */
  | 'ask'
  /** Nobody has decided for a working day. */
  | 'remind'
  /** Nobody decides, or can be asked to. */
  | 'unanswered'
  /** What became of the request. */
  | 'outcome'
  /** They are accountable for it from now on. */
  | 'owned'
  /** Is it still needed? */
  | 'review'
  /** It ends soon. */
  | 'ending'
  /** It covers nothing any more, before or at its time. */
  | 'over'
  /** More was asked for than its control grants. */
  | 'overdrawn';

export type ExceptionAudience = 'approvers' | 'askers' | 'owner' | 'control-owner';

/** One message that an exception calls for as it is now; nobody gets the same `key` twice. */
export interface TopicNow {
  readonly topic: ExceptionTopic;
  readonly key: string;
  readonly to: readonly ExceptionAudience[];
}

/** In the order in which they are told. */
export function topicsOf(exception: Exception): TopicNow[] {
  const { state, reviews, warned, terms, grantedAt, overdrawnAt } = exception;
  const topics: TopicNow[] = [];
  const tell = (topic: ExceptionTopic, detail: string, ...to: ExceptionAudience[]) =>
    topics.push({ topic, key: detail === '' ? topic : `${topic} ${detail}`, to });
  if (state === 'requested') topics.push(...requestTopics(exception));
  const isAnswered = grantedAt !== undefined || state === 'rejected' || state === 'expired';
  if (isAnswered) tell('outcome', '', 'askers');
  if (state === 'active') tell('owned', terms.owner, 'owner');
  if (state === 'active' && reviews.askedAt !== undefined) tell('review', reviews.askedAt, 'owner');
  if (state === 'active' && warned.length > 0) tell('ending', String(Math.min(...warned)), 'owner');
  const isOver = state === 'suspended' || state === 'revoked' || (state === 'expired' && grantedAt !== undefined);
  if (isOver) tell('over', state, 'owner', 'askers');
  if (overdrawnAt !== undefined) tell('overdrawn', '', 'control-owner');
  return topics;
}

function requestTopics({ silence = {} }: Exception): TopicNow[] {
  const { remindedAt, unansweredAt, unreachedAt } = silence;
  const isUnheard = unansweredAt !== undefined || unreachedAt !== undefined;
  return [
    { topic: 'ask', key: 'ask', to: ['approvers'] },
    ...(remindedAt === undefined ? [] : [{ topic: 'remind', key: 'remind', to: ['approvers'] } as const]),
    ...(isUnheard ? [{ topic: 'unanswered', key: 'unanswered', to: ['control-owner'] } as const] : []),
  ];
}

/** What a card about it shows; two equal ones need no update. */
export function lookOf(exception: Exception, topic: string): string {
  const { state, revision, votes, askers, reviews, end, terms, hides, renewal, silence, ownerGoneAt } = exception;
  const shown = [state, revision, votes.length, askers.length, reviews.askedAt, reviews.missed, reviews.snoozed];
  const contact = [silence?.unansweredAt, silence?.unreachedAt, ownerGoneAt];
  return JSON.stringify([topic, ...shown, end?.at, terms.owner, hides.count, renewal.renewedBy, ...contact]);
}
