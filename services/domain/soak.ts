import { coverage, environmentsOf, type Grounds, groundsOf, isContradiction } from './condition.ts';
import {
  type Condition,
  type Contract,
  type Control,
  compareStrictness,
  type DecisionClass,
  type PlacedRule,
  type Rule,
} from './contract.ts';
import { plusDays } from './instant.ts';
import { decidingRules } from './override.ts';
import { decidingAmong } from './rule-match.ts';

/** A version of the contract as it was in force. */
export interface ContractVersion {
  /** ISO-8601 UTC; from then on it was. */
  readonly since: string;
  readonly commit: string;
  readonly contract: Contract;
}

/** What is known of earlier versions. */
export type ContractPast =
  | {
      readonly kind: 'known';
      /** Oldest first; the one that is looked at may be the last of them. */
      readonly versions: readonly ContractVersion[];
      /** Commits whose contract could not be loaded: it never was in force. */
      readonly broken: readonly string[];
    }
  /** Why not, in words for a person. */
  | { readonly kind: 'unknown'; readonly why: string };

/** So long must a condition stand in warn, or its environment be observed, before it may block. */
export const SOAK_DAYS = 14;

/** A rule that blocks before it has warned for long enough. */
export interface MissingSoak {
  readonly environment: string;
  /** ISO date on which it begins to block. */
  readonly blocksFrom: string;
  /** Days before it on which it warned. */
  readonly days: number;
  /** ISO date on which it would have warned for long enough, if it did so until then. */
  readonly soakedFrom: string;
}

/** A rule that may block, in the contract that is looked at. */
interface Looked {
  readonly contract: Contract;
  readonly control: Control;
  readonly placed: PlacedRule;
  readonly versions: readonly ContractVersion[];
  /** ISO date. */
  readonly today: string;
}

/**
 * The environment in which this block rule has soaked least; undefined when it has everywhere. What stands since the
 * first version is exempt, and so is what has blocked for as long as a soak takes, or can match nothing.
 */
export function missingSoak(looked: Looked): MissingSoak | undefined {
  const { contract, control, placed } = looked;
  const grounds = groundsOf(contract, control);
  if (isContradiction(placed.rule.when, grounds)) return undefined;
  const missing = environmentsOf(placed.rule.when, grounds)
    .filter((environment) => !isTaken(askedIn(environment, placed), looked, grounds))
    .flatMap((environment) => missingIn(looked, environment) ?? []);
  return missing.sort((a, b) => a.days - b.days)[0];
}

function missingIn(looked: Looked, environment: string): MissingSoak | undefined {
  const { contract, placed, today } = looked;
  const observedUntil = contract.environments.get(environment)?.observeUntil ?? '';
  const blocksFrom = [today, placed.rule.from ?? '', observedUntil].sort().at(-1) as string;
  const wasSo = (state: State) => (day: string) => stateOn(looked, environment, day) === state;
  const blocked = daysBefore(blocksFrom, wasSo('blocks'));
  if (blocked >= SOAK_DAYS) return undefined;
  const began = plusDays(blocksFrom, -blocked);
  const days = daysBefore(began, wasSo('warns'));
  const first = plusDays(began, -days);
  const isFirst = stateOn(looked, environment, plusDays(first, -1)) === 'unheard-of';
  if (days >= SOAK_DAYS || (isFirst && stateOn(looked, environment, first, FOR_EVER) === 'blocks')) return undefined;
  return { environment, blocksFrom: began, days, soakedFrom: plusDays(began, SOAK_DAYS - days) };
}

/** How many days in a row before this one it was so, up to a soak. */
function daysBefore(date: string, wasSo: (day: string) => boolean): number {
  let days = 0;
  while (days < SOAK_DAYS && wasSo(plusDays(date, -days - 1))) days += 1;
  return days;
}

/** `unheard-of`: before the first version, or before the environment. */
type State = 'blocks' | 'warns' | 'passes' | 'unheard-of';

/** After every `from` and every time of observing. */
const FOR_EVER = '9999-12-31';

/** By the version of that day; `at` asks what it would have done later. */
function stateOn(looked: Looked, environment: string, day: string, at = day): State {
  if (day >= looked.today) return stateIn(looked.contract, looked, environment, at);
  const version = looked.versions.findLast(({ since }) => since.slice(0, 10) <= day);
  return version === undefined ? 'unheard-of' : stateIn(version.contract, looked, environment, at);
}

/** What this version did on that day to whatever the rule decides now: the mildest of what it could. */
function stateIn(contract: Contract, looked: Looked, environment: string, day: string): State {
  const policy = contract.environments.get(environment);
  if (policy === undefined) return 'unheard-of';
  const control = contract.controls.find(({ name }) => name === looked.control.name);
  if (control === undefined) return 'passes';
  const decision = decisionOn(day, groundsOf(contract, control), control, looked, environment);
  if (decision === 'monitor') return 'passes';
  return decision === 'warn' || day < (policy.observeUntil ?? '') ? 'warns' : 'blocks';
}

function decisionOn(
  day: string,
  grounds: Grounds,
  control: Control,
  looked: Looked,
  environment: string,
): DecisionClass {
  const { service } = looked.placed;
  const when = askedIn(environment, looked.placed);
  // What an earlier rule takes now never comes to this one.
  const isLeft = (old: Rule) => !isTaken(old.when, looked, grounds);
  const mildest = (rules: readonly Rule[]) =>
    rules
      .map((one) => classOn(day, one))
      .sort(compareStrictness)
      .at(-1);
  const forAll = decidingRules(control, when, grounds).map(({ rule }) => rule);
  if (service === undefined) return mildest(forAll.filter(isLeft)) ?? 'monitor';
  const own = decidingAmong(control.overrides.get(service) ?? [], (one) => coverage(when, one.when, grounds));
  const classes = [mildest(forAll), own.isCertain ? mildest(own.rules.filter(isLeft)) : undefined];
  return classes.filter((decision) => decision !== undefined).sort(compareStrictness)[0] ?? 'monitor';
}

/** The rule's condition in one environment. */
function askedIn(environment: string, { rule, service }: PlacedRule): Condition {
  const { tier: _, ...when } = rule.when;
  return { ...when, environment: [environment], ...(service === undefined ? {} : { service: [service] }) };
}

/** Whether the rules before it take everything that matches this condition. */
function isTaken(when: Condition, { control, placed: { service, index } }: Looked, grounds: Grounds): boolean {
  const rules = service === undefined ? control.decisions : (control.overrides.get(service) ?? []);
  return rules.slice(0, index).some((earlier) => coverage(when, earlier.when, grounds) === 'yes');
}

function classOn(day: string, { then, from = '' }: Rule): DecisionClass {
  return then === 'block' && day < from ? 'warn' : then;
}
