import type { Exception } from './exception.ts';

/** What has become of those whom it needs, in the words of its evidence. */
export type Contact = 'approvers-unreachable' | 'approvers-reached' | 'owner-gone' | 'owner-back';

interface Noted {
  readonly what: Contact;
  readonly exception: Exception;
}

/**
 * Whether anybody of whom it is asked can be reached, once every message was tried: `conversation` is empty where there is none.
 * Undefined: it is noted so, or nothing is asked.
 */
export function reached(
  exception: Exception,
  messages: readonly { readonly topic: string; readonly conversation: string }[],
  now: string,
): Noted | undefined {
  if (exception.state !== 'requested') return undefined;
  const isReached = messages.some(({ topic, conversation }) => topic === 'ask' && conversation !== '');
  const { unreachedAt, ...rest } = exception.silence ?? {};
  if (isReached === (unreachedAt === undefined)) return undefined;
  return isReached
    ? { what: 'approvers-reached', exception: { ...exception, silence: rest } }
    : { what: 'approvers-unreachable', exception: { ...exception, silence: { ...rest, unreachedAt: now } } };
}

/** Whether somebody active still answers for it. Undefined: it is noted so, or nobody has to. */
export function ownedStill(exception: Exception, isOwned: boolean, now: string): Noted | undefined {
  const { ownerGoneAt, ...kept } = exception;
  if (!needsOwner(exception) || isOwned === (ownerGoneAt === undefined)) return undefined;
  return isOwned
    ? { what: 'owner-back', exception: kept }
    : { what: 'owner-gone', exception: { ...kept, ownerGoneAt: now } };
}

export function needsOwner({ state }: Pick<Exception, 'state'>): boolean {
  return state === 'active' || state === 'suspended';
}
