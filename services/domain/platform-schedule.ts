import { sha256 } from './checksum.ts';
import { later, plusMinutes } from './instant.ts';
import type { SectionKey, SectionKind } from './platform.ts';

/** When which section of a platform is read. */

const HOUR = 60;
const DAY = 1_440;

/** Minutes from one read to the next: what decides on production hourly, what seldom changes or costs much once a day. */
const EVERY: Readonly<Record<SectionKind, number>> = {
  project: HOUR,
  environments: HOUR,
  branches: HOUR,
  connections: HOUR,
  hooks: HOUR,
  'variable-groups': 6 * HOUR,
  reach: 6 * HOUR,
  roles: 6 * HOUR,
  auditing: 6 * HOUR,
  people: DAY,
  tokens: DAY,
};
/** What costs a call for each thing is asked for anew this often, and in between taken from before. */
const THOROUGH_MINUTES = DAY;
/** Sections do not all come at the same minute. */
const SPREAD_MINUTES = 10;
/** What was read longer ago is no part of one picture with what is read now. */
const PART_LASTS_MINUTES = 12 * HOUR;
/** A time that lies further ahead than any read was written by a clock that was wrong. */
const LATEST_MINUTES = 2 * DAY;

/** Minutes; a project that holds nothing of the catalog is looked at once a day. */
export function everyMinutes({ kind }: Pick<SectionKey, 'kind'>, isOfCatalog: boolean): number {
  return isOfCatalog ? EVERY[kind] : Math.max(EVERY[kind], DAY);
}

/** Somebody said that one thing of a section has changed, or that anything may have. */
interface Hint {
  readonly at: string;
  readonly thing?: string;
}

/** What is kept of one section beside what is known. */
export interface SectionState extends SectionKey {
  /** ISO-8601 UTC, as all here. */
  readonly nextAt: string;
  readonly thoroughAt?: string;
  readonly begun?: { readonly at: string; readonly isThorough?: boolean; readonly things?: readonly string[] };
  readonly hints: readonly Hint[];
  /** Something leads through it to production. */
  readonly isProduction: boolean;
}

/** What is to be read now: what was hinted at first, then production, then what has waited longest. */
export function dueSections<T extends SectionState>(all: readonly T[], now: string): T[] {
  const latest = plusMinutes(now, LATEST_MINUTES);
  const rank = (one: T) => Number(one.hints.length === 0) * 2 + Number(!one.isProduction);
  return all
    .filter(({ nextAt, hints }) => hints.length > 0 || nextAt <= now || nextAt > latest)
    .toSorted((a, b) => rank(a) - rank(b) || order(a.nextAt, b.nextAt) || order(keyOf(a), keyOf(b)));
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function keyOf({ kind, target }: SectionKey): string {
  return `${kind} ${target}`;
}

/** Where a read goes on that was begun, or that it is begun anew, and whether nothing is taken from before. */
export function beginning(
  { begun, hints, thoroughAt }: Pick<SectionState, 'begun' | 'hints' | 'thoroughAt'>,
  now: string,
): { readonly at: string; readonly isThorough: boolean; readonly things: readonly string[]; readonly goesOn: boolean } {
  const isFresh = begun !== undefined && begun.at > plusMinutes(now, -PART_LASTS_MINUTES) && begun.at <= now;
  // One that was begun before a hint is read to its end: hints that come faster than reads would else never let one end.
  if (isFresh) return { at: begun.at, isThorough: begun.isThorough === true, things: begun.things ?? [], goesOn: true };
  const isDaysTurn = thoroughAt === undefined || thoroughAt <= plusMinutes(now, -THOROUGH_MINUTES) || thoroughAt > now;
  const isThorough = isDaysTurn || hints.some(({ thing }) => thing === undefined);
  const things = isThorough ? [] : hints.flatMap(({ thing }) => thing ?? []);
  return { at: now, isThorough, things: [...new Set(things)].sort(), goesOn: false };
}

/** A hint has come true for what was begun after it. */
export function isHeeded(hintAt: string, begunAt: string): boolean {
  return hintAt <= begunAt;
}

/** When a section that was read whole, as of `at`, is read again: minutes apart from others, and the same for the same section. */
export function nextRead(section: SectionKey, every: number, at: string, now: string): string {
  const spread = Number.parseInt(sha256(keyOf(section)).slice(0, 4), 16) % SPREAD_MINUTES;
  return later(plusMinutes(at, every - SPREAD_MINUTES / 2 + spread), plusMinutes(now, SPREAD_MINUTES / 2));
}
