import type { LifeEvent } from '../services/domain/calibration-facts.ts';
import { type TrendBasis, type Trends, trendsOf } from '../services/domain/trend.ts';
import { type TrendFacts, type TrendTally, trendTallied } from '../services/domain/trend-tally.ts';
import { aJudgedGroup, aWarning } from './builders.ts';
import { daysAgo, pastOf } from './calibrations.ts';
import { aContract, aControl, fingerprint, NOW } from './unit/judge-input.ts';

// What trends are made of, counted in days before NOW.
export const SECRETS = aControl();
export const TREND_CONTRACT = aContract(SECRETS, aControl({ name: 'sast', signal: { category: 'sast' } }));

export const prints = (from: number, count: number) => Array.from({ length: count }, (_, n) => fingerprint(from + n));

/** So many secrets from this number on. */
export function secrets(from: number, count: number, over: Parameters<typeof aJudgedGroup>[0] = {}) {
  return aJudgedGroup({ fingerprints: prints(from, count), count, ...over });
}

/** So many that are only counted. */
export function counted(from: number, count: number, over: Parameters<typeof aWarning>[0] = {}) {
  return aWarning({ control: 'sast', decision: 'monitor', fingerprints: prints(from, count), count, ...over });
}

/** Seen first so many days ago. */
export const seen = (ages: readonly number[], from = 1) =>
  new Map(ages.map((days, n) => [fingerprint(from + n), pastOf(days)]));

/** Seen first so many days ago, then gone and back in turn, in another category. */
export function aSastLife(...days: readonly number[]): LifeEvent[] {
  return days.map((ago, n): LifeEvent => {
    const event = { at: daysAgo(ago), tool: 'semgrep' };
    if (n % 2 === 1) return { ...event, kind: 'gone' };
    return { ...event, kind: n === 0 ? 'first-seen' : 'reopened', category: 'sast', rule: 'sql-injection' };
  });
}

export function someTrendFacts(over: Partial<TrendFacts> = {}): TrendFacts {
  return { service: 'payments-api', places: [], pasts: new Map(), lives: [], ...over };
}

export const aTally = (over: Partial<TrendFacts> = {}): TrendTally =>
  trendTallied(TREND_CONTRACT, someTrendFacts(over), NOW);

export function someTrends(tallies: readonly TrendTally[], over: Partial<TrendBasis> = {}): Trends {
  return trendsOf({
    contract: TREND_CONTRACT,
    tallies,
    vacant: new Set(),
    exceptions: [],
    leftOut: 0,
    unkept: 0,
    now: NOW,
    ...over,
  });
}
