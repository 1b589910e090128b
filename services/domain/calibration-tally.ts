export interface Window {
  /** ISO-8601 UTC. */
  readonly since: string;
  readonly now: string;
}

/** Findings of one control, counted. Tallies of different services add up. */
export interface Tally {
  readonly open: number;
  /** Of those open, first seen in the window. */
  readonly appeared: number;
  /** Of those open, suppressed in their report or covered by an exception somewhere. */
  readonly noise: number;
  /** By environment: open findings that block, and those that would but for an exception. */
  readonly blocking: number;
  readonly excepted: number;
  /** Times that a finding was gone, in the window; how many of these were no end. */
  readonly gone: number;
  readonly cameBack: number;
  /** Minutes from the first sighting until it was gone, where both are known. */
  readonly fixMinutes: readonly number[];
  /** Minute at which the oldest that is open was seen first; that of any. */
  readonly oldest?: number;
  readonly since?: number;
  readonly services: number;
}

export const NOTHING: Tally = {
  open: 0,
  appeared: 0,
  noise: 0,
  blocking: 0,
  excepted: 0,
  gone: 0,
  cameBack: 0,
  fixMinutes: [],
  services: 0,
};

/** Control → its tally; `unknown`: times that a finding was gone of which no control is known. */
export interface Tallies {
  readonly byControl: ReadonlyMap<string, Tally>;
  readonly unknown: number;
}

export function sum(tallies: readonly Tally[]): Tally {
  const total = (of: 'open' | 'appeared' | 'noise' | 'blocking' | 'excepted' | 'gone' | 'cameBack' | 'services') =>
    tallies.reduce((all, tally) => all + tally[of], 0);
  const earliest = (of: 'oldest' | 'since') => {
    const known = tallies.flatMap((tally) => tally[of] ?? []);
    return known.length === 0 ? {} : { [of]: known.reduce((a, b) => Math.min(a, b)) };
  };
  return {
    open: total('open'),
    appeared: total('appeared'),
    noise: total('noise'),
    blocking: total('blocking'),
    excepted: total('excepted'),
    gone: total('gone'),
    cameBack: total('cameBack'),
    fixMinutes: tallies.flatMap(({ fixMinutes }) => fixMinutes).sort((a, b) => a - b),
    services: total('services'),
    ...earliest('oldest'),
    ...earliest('since'),
  };
}
