import { type Canonical, canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import { type Contract, DECISION_CLASSES, type DecisionClass } from './contract.ts';
import { type Exception, expiryOf } from './exception.ts';
import { MINUTES_A_DAY } from './finding-history.ts';
import { plusDays, plusMinutes } from './instant.ts';
import type { Principal } from './person.ts';
import type { Prompts } from './prompts.ts';
import {
  type Cluster,
  NO_WEEKS,
  plusWeeks,
  TREND_WEEKS,
  type TrendTally,
  totalOf,
  type WeekTally,
} from './trend-tally.ts';

/** Open findings that were seen first in so many days are new. */
export const NEW_DAYS = 7;
/** A control fails again and again when something appeared in so many of the weeks. */
export const RECURRING_WEEKS = 3;
const CLUSTERS_SHOWN = 10;

/** Seven days. `total` is what piled up since the first of these weeks: appeared less gone. */
export interface TrendWeek extends WeekTally {
  /** ISO date (UTC). */
  readonly from: string;
  readonly total: number;
}

/** Open findings of one class; ages are whole days, by nearest rank, of those of which one is known. */
export interface ClassTrend {
  readonly decision: DecisionClass;
  readonly open: number;
  readonly fresh: number;
  readonly medianDays?: number;
  readonly slowDays?: number;
  readonly oldestDays?: number;
  readonly ageUnknown: number;
}

/** An owner of whom nobody active is left. */
export interface OwnerGap {
  readonly owner: Principal;
  readonly count: number;
  readonly services: number;
}

export interface RecurringControl {
  readonly control: string;
  /** In how many of the weeks something appeared. */
  readonly weeks: number;
  readonly appeared: number;
  readonly back: number;
}

/** Exceptions from one control: how many came into force in these weeks, how many ended, how many are in force. */
export interface ExceptionFlow {
  readonly control: string;
  readonly opened: number;
  readonly closed: number;
  readonly inForce: number;
}

/** What is only counted, as a whole. Nothing of it is ever read by a judgement, a gate or an approval. */
export interface Trends {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** A service or an environment; absent: everything. */
  readonly scope?: string;
  readonly contractVersion: number;
  readonly services: number;
  /** Services that were not read because they are too many, and events that large imports did not keep. */
  readonly leftOut: number;
  readonly unkept: number;
  /** Oldest first. */
  readonly weeks: readonly TrendWeek[];
  /** Strictest first. */
  readonly classes: readonly ClassTrend[];
  /** The largest first. */
  readonly clusters: readonly Cluster[];
  readonly moreClusters: number;
  readonly gaps: readonly OwnerGap[];
  /** Findings that no control claims, by environment. */
  readonly unmatched: number;
  readonly recurring: readonly RecurringControl[];
  readonly flows: readonly ExceptionFlow[];
  /** Controls with findings that are only counted, the most of them first, by environment. */
  readonly monitored: readonly { readonly control: string; readonly open: number }[];
  /** Absent where only a part was looked at. */
  readonly prompts?: Prompts;
}

export interface TrendBasis {
  readonly contract: Contract;
  readonly scope?: string;
  readonly tallies: readonly TrendTally[];
  /** Owners of whom nobody active is left. */
  readonly vacant: ReadonlySet<Principal>;
  /** Of the services that were read, those that are over included. */
  readonly exceptions: readonly Exception[];
  readonly prompts?: Prompts;
  readonly leftOut: number;
  readonly unkept: number;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** ISO-8601 UTC; when the first of the weeks that end at `now` began. */
export function trendsSince(now: string): string {
  return plusMinutes(now, -TREND_WEEKS * 7 * MINUTES_A_DAY);
}

/** The same whatever the order of the tallies. */
export function trendsOf({ contract, scope, tallies, vacant, exceptions, prompts, now, ...read }: TrendBasis): Trends {
  const clusters = tallies.flatMap((tally) => tally.clusters).sort(bySize);
  const byControl = joinedWeeks(tallies);
  return {
    at: now,
    ...(scope === undefined ? {} : { scope }),
    contractVersion: contract.version,
    services: tallies.length,
    ...read,
    weeks: trendWeeks([...byControl.values()].reduce<readonly WeekTally[]>(plusWeeks, NO_WEEKS), now),
    classes: DECISION_CLASSES.map((decision) => classOf(decision, tallies)),
    clusters: clusters.slice(0, CLUSTERS_SHOWN),
    moreClusters: Math.max(0, clusters.length - CLUSTERS_SHOWN),
    gaps: gapsOf(tallies, vacant),
    unmatched: sum(clusters.filter(({ control }) => control === undefined).map(({ counts }) => totalOf(counts))),
    recurring: recurringOf(byControl),
    flows: flowsOf(exceptions, now),
    monitored: monitoredIn(clusters),
    ...(prompts === undefined ? {} : { prompts }),
  };
}

/** What somebody saw who looked at it: these figures, and when they were measured. */
export function trendsChecksum(trends: Trends): string {
  return sha256(canonicalJson(trends as unknown as Canonical));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function bySize(a: Cluster, b: Cluster): number {
  return totalOf(b.counts) - totalOf(a.counts) || compareText(placeOf(a), placeOf(b));
}

function placeOf({ team, service, environment, control = '' }: Cluster): string {
  return JSON.stringify([service, environment, control, team]);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function joinedWeeks(tallies: readonly TrendTally[]): ReadonlyMap<string, readonly WeekTally[]> {
  const joined = new Map<string, readonly WeekTally[]>();
  for (const [control, weeks] of tallies.flatMap((tally) => [...tally.weeks]))
    joined.set(control, plusWeeks(joined.get(control) ?? NO_WEEKS, weeks));
  return joined;
}

function trendWeeks(weeks: readonly WeekTally[], now: string): TrendWeek[] {
  const today = now.slice(0, 10);
  let total = 0;
  return weeks.map((week, n) => {
    total += week.appeared - week.gone;
    return { from: plusDays(today, -7 * (TREND_WEEKS - n)), ...week, total };
  });
}

function classOf(decision: DecisionClass, tallies: readonly TrendTally[]): ClassTrend {
  const own = tallies.map(({ classes }) => classes[decision]);
  const open = sum(own.map((one) => one.open));
  const ages = [...joinedAges(own.map((one) => one.ages))].sort(([a], [b]) => a - b);
  const known = sum(ages.map(([, count]) => count));
  const oldest = ages.at(-1)?.[0];
  return {
    decision,
    open,
    fresh: sum(ages.filter(([days]) => days < NEW_DAYS).map(([, count]) => count)),
    ...(oldest === undefined
      ? {}
      : { medianDays: rankOf(ages, known, 50), slowDays: rankOf(ages, known, 90), oldestDays: oldest }),
    ageUnknown: open - known,
  };
}

function joinedAges(all: readonly ReadonlyMap<number, number>[]): Map<number, number> {
  const joined = new Map<number, number>();
  for (const ages of all) for (const [days, count] of ages) joined.set(days, (joined.get(days) ?? 0) + count);
  return joined;
}

/** By nearest rank; `ages` rise. */
function rankOf(ages: readonly (readonly [number, number])[], known: number, percent: number): number {
  const rank = Math.ceil((percent * known) / 100);
  let passed = 0;
  for (const [days, count] of ages) {
    passed += count;
    if (passed >= rank) return days;
  }
  return 0;
}

function gapsOf(tallies: readonly TrendTally[], vacant: ReadonlySet<Principal>): OwnerGap[] {
  const owned = tallies.flatMap(({ owners }) => [...owners].map(([owner, count]) => ({ owner, count })));
  const gaps = Map.groupBy(
    owned.filter(({ owner }) => vacant.has(owner)),
    ({ owner }) => owner,
  );
  return [...gaps]
    .map(([owner, all]) => ({ owner, count: sum(all.map(({ count }) => count)), services: all.length }))
    .sort((a, b) => b.count - a.count || compareText(a.owner, b.owner));
}

/** Those where something keeps appearing, or what was mended came back. */
function recurringOf(byControl: ReadonlyMap<string, readonly WeekTally[]>): RecurringControl[] {
  return [...byControl]
    .filter(([control]) => control !== '')
    .map(([control, weeks]) => ({
      control,
      weeks: weeks.filter(({ appeared }) => appeared > 0).length,
      appeared: sum(weeks.map(({ appeared }) => appeared)),
      back: sum(weeks.map(({ back }) => back)),
    }))
    .filter(({ weeks, back }) => weeks >= RECURRING_WEEKS || back > 0)
    .sort((a, b) => b.weeks - a.weeks || b.appeared - a.appeared || compareText(a.control, b.control));
}

/** One that takes another one's place counts as opened, and the other as closed. What was never granted counts nowhere. */
function flowsOf(exceptions: readonly Exception[], now: string): ExceptionFlow[] {
  const since = trendsSince(now);
  const granted = exceptions.filter(({ grantedAt }) => grantedAt !== undefined);
  const closedAt = ({ end, terms }: Exception) => end?.at ?? expiryOf(terms);
  return [...Map.groupBy(granted, ({ target }) => target.control)]
    .map(([control, own]) => ({
      control,
      opened: own.filter(({ grantedAt = '' }) => grantedAt >= since && grantedAt <= now).length,
      closed: own.filter((one) => closedAt(one) >= since && closedAt(one) <= now).length,
      inForce: own.filter((one) => closedAt(one) > now).length,
    }))
    .filter(({ opened, closed, inForce }) => opened + closed + inForce > 0)
    .sort((a, b) => b.opened - b.closed - (a.opened - a.closed) || compareText(a.control, b.control));
}

function monitoredIn(clusters: readonly Cluster[]): Trends['monitored'] {
  const open = new Map<string, number>();
  for (const { control, counts } of clusters)
    if (control !== undefined && counts.monitor > 0) open.set(control, (open.get(control) ?? 0) + counts.monitor);
  return [...open]
    .map(([control, count]) => ({ control, open: count }))
    .sort((a, b) => b.open - a.open || compareText(a.control, b.control));
}
