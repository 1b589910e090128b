import type { FoundAfter } from '../services/domain/release.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';

const NAME_MAX = 64;

/** Said instead of `blocks` of what stops only the next deployment. */
export const FOUND_AFTER = { symbol: '◆', word: 'found after its release' } as const;

/** `found after release 20261127.3 (prod, Fri 27 Nov 2026)`. */
export function foundAfterWords({ runName, environment, at }: FoundAfter): string {
  return `found after release ${plain(runName, NAME_MAX)} (${plain(environment, NAME_MAX)}, ${showDate(at)})`;
}
