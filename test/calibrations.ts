import type { LifeEvent, ScopeFacts, ServiceFacts } from '../services/domain/calibration-facts.ts';
import type { Rule } from '../services/domain/contract.ts';
import { MINUTES_A_DAY, minuteOf } from '../services/domain/finding-history.ts';
import type { Past } from '../services/domain/past.ts';
import { ORG } from './builders.ts';
import { aRule, aService, fingerprint, NOW } from './unit/judge-input.ts';

// What a calibration is made of, counted in days before NOW.
export const daysAgo = (days: number) => new Date(Date.parse(NOW) - days * MINUTES_A_DAY * 60_000).toISOString();

export const WINDOW = { since: daysAgo(90), now: NOW };

export const pastOf = (days: number): Past => ({ firstSeen: minuteOf(daysAgo(days)), reached: {}, near: [] });

export const ruleOf = (decision: Rule['then'], over: Partial<Rule> = {}): Rule =>
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  aRule({ ...over, then: decision });

/** The life of one secret: seen first so many days ago, then gone and back in turn. */
export function aLife(...days: readonly number[]): LifeEvent[] {
  return days.map((ago, n): LifeEvent => {
    const event = { at: daysAgo(ago), tool: 'gitleaks' };
    if (n % 2 === 1) return { ...event, kind: 'gone' };
    return { ...event, kind: n === 0 ? 'first-seen' : 'reopened', category: 'secret', rule: 'generic-api-key' };
  });
}

/** The lives of findings of other numbers than those that tests open. */
export const lives = (...all: readonly (readonly LifeEvent[])[]) =>
  new Map(all.map((life, n) => [fingerprint(1_000 + n), life]));

export function aScope(over: Partial<ScopeFacts> = {}): ScopeFacts {
  return {
    org: ORG,
    environment: '-',
    heads: [],
    exceptions: [],
    pasts: new Map(),
    spreads: new Map(),
    events: new Map(),
    ...over,
  };
}

export function someFacts(over: Partial<ScopeFacts> = {}): ServiceFacts {
  return { service: aService(), scopes: [aScope(over)] };
}
