import type { Category, Exploitability, Severity, Timing } from './finding.ts';
import { isBeforeDay } from './instant.ts';
import type { Principal } from './person.ts';

/** Strictest first. */
export const DECISION_CLASSES = ['block', 'warn', 'monitor'] as const;
export type DecisionClass = (typeof DECISION_CLASSES)[number];

export const BLOCK_GROUPS = [
  'secret-exposure',
  'production-misconfiguration',
  'release-integrity',
  'delivery-path-trust',
] as const;
export type BlockGroup = (typeof BLOCK_GROUPS)[number];

export const TIERS = ['production', 'non-production'] as const;
export type Tier = (typeof TIERS)[number];

export interface Calendar {
  /** IANA zone. */
  readonly timezone: string;
  /** ISO weekdays, Monday = 1. */
  readonly workingDays: readonly number[];
  /** Minutes after local midnight, [from, until). */
  readonly workingMinutes: readonly [number, number];
  /** ISO dates. */
  readonly holidays: readonly string[];
  /** Named rhythms of the organization: a sprint, a weekly sync. */
  readonly cadences?: ReadonlyMap<string, Cadence>;
}

export interface Cadence {
  readonly everyDays: number;
  /** ISO date of one occurrence. */
  readonly from?: string;
  /** ISO weekday of its day, Monday = 1. */
  readonly on?: number;
}

export interface EnvironmentPolicy {
  readonly name: string;
  readonly tier: Tier;
  readonly approval: 'required' | 'none';
  /** How long a blocked gate waits for a fix, wall time from the first blocked judgement. */
  readonly blockWaitMinutes: number;
  /** ISO date from whose start (UTC) the environment enforces; absent: it enforces. */
  readonly observeUntil?: string;
}

/** All given members must match; a list matches when one of its members does. */
export interface Condition {
  readonly tier?: readonly Tier[];
  readonly environment?: readonly string[];
  readonly service?: readonly string[];
  readonly criticality?: readonly string[];
  readonly repository?: readonly string[];
  readonly path?: readonly string[];
  readonly tool?: readonly string[];
  readonly rule?: readonly string[];
  readonly severity?: readonly Severity[];
  readonly exploitability?: readonly Exploitability[];
  readonly fixAvailable?: boolean;
  readonly timing?: readonly Timing[];
  readonly branchProtected?: boolean;
  /** At least so many sightings. */
  readonly recurrence?: number;
}

export interface Rule {
  readonly when: Condition;
  readonly then: DecisionClass;
  readonly group?: BlockGroup;
  readonly because?: string;
  readonly justification?: string;
  /** ISO date from which a block rule blocks; before it the rule warns. */
  readonly from?: string;
  readonly dueDays?: number;
  readonly decideBy?: string;
  readonly escalate: readonly EscalationStep[];
}

export interface EscalationStep {
  readonly after: {
    readonly seen?: number;
    readonly withinDays?: number;
    readonly ageDays?: number;
    readonly services?: number;
  };
  readonly to: { readonly dueDays: number } | 'owner-lead' | 'block';
  readonly in?: Tier;
}

export interface Control {
  readonly name: string;
  readonly signal: {
    readonly category: Category;
    readonly tools: readonly string[];
    readonly rules: readonly string[];
    readonly timing: readonly Timing[];
  };
  readonly evidence: {
    /** Tiers in which the control must have run. */
    readonly required: readonly Tier[];
    /** Empty: those of the signal, else any tool of the category. */
    readonly tools: readonly string[];
    readonly sameCommit: boolean;
    /** What is known of the environment itself, whatever commit is deployed, will do. */
    readonly posture?: boolean;
    readonly maxAgeHours?: number;
    readonly verified: boolean;
  };
  readonly owner: { readonly from: 'service' | 'control'; readonly fallback: Principal };
  readonly expiry: {
    readonly maxDays: number;
    readonly renewals: number;
    readonly reviewEveryDays: number;
    /** Set when the review was written as a cadence of the calendar; `reviewEveryDays` is then its length. */
    readonly reviewCadence?: string;
    readonly approvers: Principal;
    readonly quorum: number;
    readonly minReason: number;
    readonly onExpiry: 'restart' | 'continue';
  };
  readonly acceptSuppressions: boolean;
  /** First match wins. */
  readonly decisions: readonly Rule[];
  /** Service → rules of its own, first match wins; each can only make a decision stricter. */
  readonly overrides: ReadonlyMap<string, readonly Rule[]>;
}

/** Who looks at what never gates anything, and how often. */
export interface ReviewPolicy {
  /** Who looks at what is only counted. */
  readonly monitor: Principal;
  /** Who looks at what was done; absent: nobody does. */
  readonly audit?: Principal;
  readonly everyDays: number;
  /** So long after an approved production deployment its environment is looked at once; absent: it is not. */
  readonly postDeployMinutes?: number;
  /** For so long a change is accepted into a baseline; absent: for good. */
  readonly baselineDays?: number;
}

/** How people are told of warnings. */
export interface DigestPolicy {
  /** What a reader gets for whom nothing is new: one line, or nothing. */
  readonly empty: 'line' | 'silence';
  /** Messages that one person gets in a day without having asked. */
  readonly capPerDay: number;
  /** Minutes after local midnight, [from, until), on the next day where `until` is earlier: nobody is spoken to. */
  readonly quiet: readonly [number, number];
}

/** The gating contract in force (contract.md). */
export interface Contract {
  readonly version: number;
  /** SHA-256 of the canonical content. */
  readonly checksum: string;
  /** Who hears about the contract itself, unmatched signals and missing routes. */
  readonly owner: Principal;
  /** Who hears about delivery trouble. */
  readonly operators: Principal;
  readonly calendar: Calendar;
  readonly environments: ReadonlyMap<string, EnvironmentPolicy>;
  readonly limits: {
    readonly exceptionsPerService: number;
    readonly overuseRate: number;
    readonly erodedAfterPeriods: number;
    readonly maxBlockRules: number;
    readonly unownedAfterDays: number;
    readonly maxApprovers: number;
  };
  readonly reviews: ReviewPolicy;
  readonly digest: DigestPolicy;
  readonly controls: readonly Control[];
}

/** True while the environment is judged and recorded, but not enforced. */
export function isObserved(environment: EnvironmentPolicy, now: string): boolean {
  return environment.observeUntil !== undefined && isBeforeDay(now, environment.observeUntil);
}

/** True until the day from which a block rule blocks: it warns, and takes nothing from the rules after it. */
export function isAnnounced(rule: Rule, now: string): boolean {
  return rule.then === 'block' && rule.from !== undefined && isBeforeDay(now, rule.from);
}

/** Every path glob that a rule uses, sorted: what an import must answer for each path. */
export function pathGlobsOf(contract: Contract): string[] {
  const globs = contract.controls.flatMap((control) => rulesOf(control).flatMap(({ rule }) => rule.when.path ?? []));
  return [...new Set(globs)].sort();
}

/** A rule and where it stands in its control. */
export interface PlacedRule {
  readonly rule: Rule;
  /** The service whose override it is; absent: a rule for all. */
  readonly service?: string;
  readonly index: number;
}

/** Every rule of a control: those for all, then the overrides. */
export function rulesOf({ decisions, overrides }: Control): PlacedRule[] {
  return [
    ...decisions.map((rule, index) => ({ rule, index })),
    ...[...overrides].flatMap(([service, rules]) => rules.map((rule, index) => ({ rule, service, index }))),
  ];
}

/** Strictest first, as for sorting. */
export function compareStrictness(a: DecisionClass, b: DecisionClass): number {
  return DECISION_CLASSES.indexOf(a) - DECISION_CLASSES.indexOf(b);
}
