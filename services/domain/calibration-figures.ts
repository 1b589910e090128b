import type { Tally } from './calibration-tally.ts';
import type { Control } from './contract.ts';
import { MINUTES_A_DAY, minuteOf } from './finding-history.ts';

export interface Figures extends Omit<Tally, 'fixMinutes' | 'oldest' | 'since'> {
  /** Of those gone how many came back; absent where none was gone. So for each share of nothing. */
  readonly recurrence?: number;
  readonly noiseShare?: number;
  /** Of what blocks or would, what exceptions let pass. */
  readonly exceptedShare?: number;
  /** Days from the first sighting until it was gone, by nearest rank. */
  readonly medianFixDays?: number;
  readonly slowFixDays?: number;
  /** Age in days of the oldest that is open. */
  readonly oldestDays?: number;
  /** Days since the first finding was seen. */
  readonly seenDays?: number;
  readonly blockRules: number;
  readonly warnRules: number;
  /** Shortest `due` of its warn rules. */
  readonly dueDays?: number;
  /** Earliest `decideBy` of its warn rules (ISO date). Since when they warn is not known. */
  readonly decideBy?: string;
}

/** Of a control whose findings were counted. */
export function figuresOf({ decisions }: Control, tally: Tally, now: string): Figures {
  const { fixMinutes, oldest, since, ...counts } = tally;
  const warns = decisions.filter(({ then }) => then === 'warn');
  const dues = warns.flatMap(({ dueDays }) => dueDays ?? []);
  const [decideBy] = warns.flatMap((rule) => rule.decideBy ?? []).sort();
  const ago = (minute: number | undefined) =>
    minute === undefined ? undefined : Math.max(0, (minuteOf(now) - minute) / MINUTES_A_DAY);
  return {
    ...counts,
    ...given('recurrence', shareOf(counts.cameBack, counts.gone)),
    ...given('noiseShare', shareOf(counts.noise, counts.open)),
    ...given('exceptedShare', shareOf(counts.excepted, counts.excepted + counts.blocking)),
    ...given('medianFixDays', rankOf(fixMinutes, 0.5)),
    ...given('slowFixDays', rankOf(fixMinutes, 0.9)),
    ...given('oldestDays', ago(oldest)),
    ...given('seenDays', ago(since)),
    blockRules: decisions.filter(({ then }) => then === 'block').length,
    warnRules: warns.length,
    ...given('dueDays', dues.length === 0 ? undefined : Math.min(...dues)),
    ...given('decideBy', decideBy),
  };
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]: V });
}

function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Of rising minutes, in days. */
function rankOf(minutes: readonly number[], share: number): number | undefined {
  const minute = minutes[Math.max(0, Math.ceil(share * minutes.length) - 1)];
  return minute === undefined ? undefined : minute / MINUTES_A_DAY;
}

/** One place after the point: what is above a limit must not read as the limit. */
export function percent(share: number): string {
  return `${decimal(share * 100)} %`;
}

export function dayWords(days: number): string {
  return days === 1 ? '1 day' : `${decimal(days)} days`;
}

function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}
