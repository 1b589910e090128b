import { plusSeconds } from './instant.ts';
import type { TokenFact } from './people-facts.ts';

/** A token that lives longer outlives the reason it was made for. */
export const LONGEST_DAYS = 90;
const DAY_SECONDS = 86_400;

export function isLongLived({ from, to }: Pick<TokenFact, 'from' | 'to'>): boolean {
  return plusSeconds(from, LONGEST_DAYS * DAY_SECONDS) < to;
}
