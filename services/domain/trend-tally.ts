import type { LifeEvent } from './calibration-facts.ts';
import { type Contract, compareStrictness, DECISION_CLASSES, type DecisionClass } from './contract.ts';
import { MINUTES_A_DAY, minuteOf } from './finding-history.ts';
import { duplicatePrints, type JudgedGroup } from './judgement.ts';
import type { Pasts } from './past.ts';
import type { Principal } from './person.ts';
import { controlFor } from './rule-match.ts';

/** Weeks of seven days that are looked back on; the last one ends now. */
export const TREND_WEEKS = 8;
const WEEK_MINUTES = 7 * MINUTES_A_DAY;

/** What is open of one service in one environment, as the contract judges it without exceptions. */
export interface TrendPlace {
  readonly environment: string;
  readonly groups: readonly JudgedGroup[];
}

/** What is known of one service. */
export interface TrendFacts {
  readonly service: string;
  readonly places: readonly TrendPlace[];
  readonly pasts: Pasts;
  /** The events of each finding of each scope, oldest first: of those to which something has happened in these weeks. */
  readonly lives: readonly (readonly LifeEvent[])[];
}

export type ClassCounts = Readonly<Record<DecisionClass, number>>;

/** Findings of one team, service, environment and control. */
export interface Cluster {
  readonly team: Principal;
  readonly service: string;
  readonly environment: string;
  /** Absent: no control claims them. */
  readonly control?: string;
  readonly counts: ClassCounts;
}

/** Open findings of one class, each counted once for its service, by the strictest class that it has anywhere. */
export interface AgeTally {
  readonly open: number;
  /** Whole days since they were seen first → how many; of those of which that is known. */
  readonly ages: ReadonlyMap<number, number>;
}

/** `appeared` holds those that came back. */
export interface WeekTally {
  readonly appeared: number;
  readonly back: number;
  readonly gone: number;
}

/** One service, counted; tallies of different services add up. */
export interface TrendTally {
  readonly service: string;
  readonly clusters: readonly Cluster[];
  readonly classes: Readonly<Record<DecisionClass, AgeTally>>;
  readonly owners: ReadonlyMap<Principal, number>;
  /** Control → its weeks, oldest first; under '' of what no control is known. */
  readonly weeks: ReadonlyMap<string, readonly WeekTally[]>;
}

/** `now` is ISO-8601 UTC. */
export function trendTallied(contract: Contract, facts: TrendFacts, now: string): TrendTally {
  const open = [...openIn(facts).values()];
  const owners = new Map<Principal, number>();
  for (const { owner, count } of open) owners.set(owner, (owners.get(owner) ?? 0) + count);
  const ofClass = (decision: DecisionClass) =>
    agesOf(
      open.filter((one) => one.decision === decision),
      now,
    );
  return {
    service: facts.service,
    clusters: facts.places.flatMap((place) => clustersIn(facts.service, place)),
    classes: { block: ofClass('block'), warn: ofClass('warn'), monitor: ofClass('monitor') },
    owners,
    weeks: weeksOf(contract, facts.lives, now),
  };
}

interface OpenFinding {
  readonly decision: DecisionClass;
  readonly owner: Principal;
  readonly count: number;
  /** Minute; absent: not known. */
  readonly firstSeen?: number;
}

/** Findings that are too many to be listed count together, and nothing is known of their age. */
function openIn({ places, pasts }: TrendFacts): ReadonlyMap<string, OpenFinding> {
  const open = new Map<string, OpenFinding>();
  const put = (id: string, one: OpenFinding) => {
    const known = open.get(id);
    if (known === undefined || compareStrictness(one.decision, known.decision) < 0) open.set(id, one);
  };
  for (const { decision, owner, count, fingerprints, ...group } of places.flatMap(({ groups }) => groups)) {
    if (fingerprints.length === 0) put(unlistedId(group), { decision, owner, count });
    const others = duplicatePrints(group);
    for (const print of fingerprints) {
      const past = pasts.get(print);
      // In another environment another tool's finding may stand for it.
      const name = [print, ...(others.get(print) ?? [])].sort()[0] ?? print;
      put(name, { decision, owner, count: 1, ...(past === undefined ? {} : { firstSeen: past.firstSeen }) });
    }
  }
  return open;
}

type Unlisted = Pick<JudgedGroup, 'tool' | 'rule' | 'severity' | 'unlisted'>;

function unlistedId({ tool, rule, severity, unlisted = '-' }: Unlisted): string {
  return JSON.stringify([tool, rule, severity, unlisted]);
}

function agesOf(open: readonly Omit<OpenFinding, 'decision'>[], now: string): AgeTally {
  const ages = new Map<number, number>();
  for (const { firstSeen, count } of open) {
    if (firstSeen === undefined) continue;
    const days = Math.max(0, Math.floor((minuteOf(now) - firstSeen) / MINUTES_A_DAY));
    ages.set(days, (ages.get(days) ?? 0) + count);
  }
  return { open: open.reduce((sum, { count }) => sum + count, 0), ages };
}

function clustersIn(service: string, { environment, groups }: TrendPlace): Cluster[] {
  const byKey = Map.groupBy(groups, ({ owner, control }) => JSON.stringify([owner, control ?? null]));
  return [...byKey.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { owner: team, control } = first;
    return [{ team, service, environment, ...(control === undefined ? {} : { control }), counts: countsOf(own) }];
  });
}

function countsOf(groups: readonly JudgedGroup[]): ClassCounts {
  const counts = { block: 0, warn: 0, monitor: 0 };
  for (const { decision, count } of groups) counts[decision] += count;
  return counts;
}

export function totalOf(counts: ClassCounts): number {
  return DECISION_CLASSES.reduce((sum, decision) => sum + counts[decision], 0);
}

export const NO_WEEKS: readonly WeekTally[] = Array.from({ length: TREND_WEEKS }, () => ({
  appeared: 0,
  back: 0,
  gone: 0,
}));

export function plusWeeks(a: readonly WeekTally[], b: readonly WeekTally[]): WeekTally[] {
  return a.map((week, n) => {
    const { appeared, back, gone } = b[n] ?? { appeared: 0, back: 0, gone: 0 };
    return { appeared: week.appeared + appeared, back: week.back + back, gone: week.gone + gone };
  });
}

function weeksOf(contract: Contract, lives: TrendFacts['lives'], now: string): Map<string, WeekTally[]> {
  const weeks = new Map<string, WeekTally[]>();
  for (const life of lives) {
    const control = controlOf(contract, life);
    weeks.set(control, plusWeeks(weeks.get(control) ?? NO_WEEKS, weeksOfLife(life, now)));
  }
  return weeks;
}

/** By what the newest report that lists it said of it. */
function controlOf(contract: Contract, life: readonly LifeEvent[]): string {
  const named = life.findLast(({ rule, category }) => rule !== undefined && category !== undefined);
  const { tool = '', category, rule = '' } = named ?? {};
  return category === undefined ? '' : (controlFor(contract, { category, tool }, rule)?.name ?? '');
}

function weeksOfLife(life: readonly LifeEvent[], now: string): WeekTally[] {
  const weeks = NO_WEEKS.map((week) => ({ ...week }));
  for (const { kind, at } of life) {
    const ago = Math.max(0, Math.floor((minuteOf(now) - minuteOf(at)) / WEEK_MINUTES));
    const week = weeks[TREND_WEEKS - 1 - ago];
    if (week === undefined) continue;
    if (kind === 'gone') week.gone += 1;
    else week.appeared += 1;
    if (kind === 'reopened') week.back += 1;
  }
  return weeks;
}
