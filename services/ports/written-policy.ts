import type { WhoIsWho } from '../domain/lint-routes.ts';
import type { Place } from '../domain/remark.ts';
import type { PolicySnapshot } from './policy.ts';

/** The policy files of a folder, read once and with nothing older behind them. */
export interface WrittenPolicy {
  /** `problems` is everything that does not load. */
  readonly snapshot: PolicySnapshot;
  /** Absent: no directory file is there. */
  readonly directory?: WhoIsWho;
  /** `file:line field: words` */
  say(where: Place, words: string): string;
}
