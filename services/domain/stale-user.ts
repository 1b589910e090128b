import { plusSeconds } from './instant.ts';
import type { NotedUser } from './people-facts.ts';

/** Days without signing in after which nobody needs the account. */
export const STALE_DAYS = 90;
const DAY_SECONDS = 86_400;

/** Neither signed in nor added for so long. Who was added lately and never came, or nobody knows when, counts by what is known. */
export function isStale({ lastSeen, addedAt }: Pick<NotedUser, 'lastSeen' | 'addedAt'>, now: string): boolean {
  const since = lastSeen ?? addedAt;
  return since === undefined || since < plusSeconds(now, -STALE_DAYS * DAY_SECONDS);
}
