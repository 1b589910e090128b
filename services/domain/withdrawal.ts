import { type ExceptionTarget, overlaps } from './exception.ts';
import { plusMinutes } from './instant.ts';

/** A request for an exception that was taken back, as far as later ones must know of it. */
export interface Withdrawal {
  readonly target: ExceptionTarget;
  /** Every id and address of whoever took it back, lower case. */
  readonly accounts: readonly string[];
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** So often somebody may take back what they asked for within a day; each of them has called approvers. */
export const MOST_WITHDRAWN = 3;
const A_DAY_MINUTES = 1_440;
/** Characters of what is kept for one control: a row has a limit. */
const MOST_KEPT = 200_000;

/**
 * From when on (ISO-8601 UTC) whoever has these accounts may ask for some of this again. Undefined: at once. Asking for a
 * part of the same, or for more, is asking for the same.
 */
export function askableFrom(
  withdrawn: readonly Withdrawal[],
  target: ExceptionTarget,
  accounts: readonly string[],
  now: string,
): string | undefined {
  const own = withdrawn
    .filter((one) => isRecent(one, now) && overlaps(one.target, target))
    .filter((one) => one.accounts.some((account) => accounts.includes(account)))
    .map(({ at }) => at)
    .sort()
    .reverse();
  const oldest = own[MOST_WITHDRAWN - 1];
  return oldest === undefined ? undefined : plusMinutes(oldest, A_DAY_MINUTES);
}

/** With one more, without those of the day before; of too many the oldest are forgotten. */
export function withWithdrawal(withdrawn: readonly Withdrawal[], one: Withdrawal): Withdrawal[] {
  const kept = [...withdrawn.filter((other) => isRecent(other, one.at)), one];
  while (kept.length > 1 && JSON.stringify(kept).length > MOST_KEPT) kept.shift();
  return kept;
}

function isRecent({ at }: Withdrawal, now: string): boolean {
  return now < plusMinutes(at, A_DAY_MINUTES);
}
