import {
  type Condition,
  type Contract,
  type Control,
  compareStrictness,
  type DecisionClass,
  type EnvironmentPolicy,
  isAnnounced,
  type Rule,
} from './contract.ts';
import { globMatches } from './glob.ts';
import type { FindingGroup, ScanHead } from './scan-head.ts';

/** Where a finding is judged: everything a condition may ask besides the finding itself. */
export interface Setting {
  readonly environment: EnvironmentPolicy;
  /** ISO-8601 UTC. */
  readonly now: string;
  readonly service: string;
  readonly criticality?: string;
  readonly repositories: readonly string[];
  /** Whether the branch that is deployed is protected; absent: not known. */
  readonly branchProtected?: boolean;
}

/** `maybe`: the stored data cannot answer the condition; the stricter outcome then counts. */
export type Match = 'yes' | 'no' | 'maybe';

/**
 * The control a signal belongs to: the most specific one, by rule, then tool, then category; of equal ones the first by
 * name, as a contract's checksum does not know in which order they are written. Else none.
 */
export function controlFor(
  contract: Contract,
  head: Pick<ScanHead, 'category' | 'tool'>,
  rule: string,
): Control | undefined {
  const matching = contract.controls.filter(
    ({ signal }) =>
      signal.category === head.category &&
      (signal.tools.length === 0 || signal.tools.includes(head.tool)) &&
      (signal.rules.length === 0 || signal.rules.some((glob) => globMatches(glob, rule))),
  );
  const specificity = ({ signal }: Control) => (signal.rules.length > 0 ? 2 : 0) + (signal.tools.length > 0 ? 1 : 0);
  const precedes = (one: Control, other: Control) =>
    specificity(one) - specificity(other) || (one.name < other.name ? 1 : -1);
  return matching.reduce<Control | undefined>(
    (best, control) => (best === undefined || precedes(control, best) > 0 ? control : best),
    undefined,
  );
}

/** A control whose rules are silent has said nothing about a finding: somebody must look. */
export const SILENCE: Rule = {
  when: {},
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  then: 'warn',
  escalate: [],
};

/** The rules of a control that can decide something somewhere: those for all, and the service's overrides. */
export interface RulesInPlay {
  readonly forAll: readonly Rule[];
  readonly overrides: readonly Rule[];
}

/** Of a control, what findings of this rule in this scan can meet, whatever else is said of them. */
export function rulesFor(control: Control, head: ScanHead, rule: string, setting: Setting): RulesInPlay {
  const canMeet = ({ when }: Rule) =>
    mayBeIn(when, head, setting) &&
    (when.rule === undefined || when.rule.some((glob) => globMatches(glob, rule))) &&
    matchRepositories(when.repository, setting.repositories) !== 'no' &&
    matchProtection(when.branchProtected, setting.branchProtected) !== 'no';
  return {
    forAll: control.decisions.filter(canMeet),
    overrides: (control.overrides.get(setting.service) ?? []).filter(canMeet),
  };
}

/**
 * The rules that can decide this group, never none: of the rules for all, and of the service's overrides, every `maybe`
 * and every announced rule before the first `yes`, and that `yes`; where no rule for all matches for certain, the control's
 * silence. The strictest of them decides, so neither missing knowledge nor an override ever makes a decision milder; but
 * for a branch of which nothing is known, which warns where an unprotected one blocks (contract.md).
 */
export function candidateRules(rules: RulesInPlay, group: FindingGroup, head: ScanHead, setting: Setting): Rule[] {
  const matchOf = (rule: Rule) => {
    const match = matchCondition(rule.when, group, head, setting);
    return match === 'yes' && isAnnounced(rule, setting.now) ? 'maybe' : match;
  };
  const base = decidingAmong(rules.forAll, matchOf);
  const own = decidingAmong(rules.overrides, matchOf);
  const candidates = [...base.rules, ...(base.isCertain ? [] : [SILENCE]), ...own.rules];
  const isSoftened = (rule: Rule) => rule.then === 'block' && isBranchUnknown(rule.when, setting);
  if (!candidates.some(isSoftened)) return candidates;
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const warned = candidates.filter(isSoftened).map((rule): Rule => ({ ...rule, then: 'warn' }));
  return [...candidates.filter((rule) => !isSoftened(rule)), ...warned];
}

/** A rule that may decide, as it does today. */
export interface Candidate {
  readonly decision: DecisionClass;
  readonly rule: Rule;
  /** ISO date; until then it warns. */
  readonly blocksFrom?: string;
}

/** A rule with a later `from` warns until then. */
export function inForce(rule: Rule, now: string): Candidate {
  if (!isAnnounced(rule, now)) return { decision: rule.then, rule };
  return { decision: 'warn', rule, ...(rule.from === undefined ? {} : { blocksFrom: rule.from }) };
}

/** The stricter one decides; of two warnings the one that will block, and of these the one that does so first. */
export function outranks(a: Candidate, b: Candidate): boolean {
  const order = compareStrictness(a.decision, b.decision) || compareStrictness(a.rule.then, b.rule.then);
  return order < 0 || (order === 0 && (a.blocksFrom ?? '') < (b.blocksFrom ?? ''));
}

/** Every rule that may match before the first that does for certain, and that one. */
export function decidingAmong(
  rules: readonly Rule[],
  matchOf: (rule: Rule) => Match,
): { readonly rules: readonly Rule[]; readonly isCertain: boolean } {
  const candidates: Rule[] = [];
  for (const rule of rules) {
    const match = matchOf(rule);
    if (match !== 'no') candidates.push(rule);
    if (match === 'yes') return { rules: candidates, isCertain: true };
  }
  return { rules: candidates, isCertain: false };
}

function isBranchUnknown(when: Condition, { branchProtected }: Setting): boolean {
  return when.branchProtected !== undefined && branchProtected === undefined;
}

function matchCondition(when: Condition, group: FindingGroup, head: ScanHead, setting: Setting): Match {
  const inPath = mayBeOf(when, group) ? matchPaths(when.path, group, head) : 'no';
  const seen = inPath === 'no' ? 'no' : matchRecurrence(when.recurrence, group, head);
  if (seen === 'no') return 'no';
  const isCertain =
    inPath === 'yes' &&
    seen === 'yes' &&
    matchRepositories(when.repository, setting.repositories) === 'yes' &&
    matchProtection(when.branchProtected, setting.branchProtected) === 'yes';
  return isCertain ? 'yes' : 'maybe';
}

function mayBeIn(when: Condition, head: ScanHead, { environment, service, criticality }: Setting): boolean {
  return (
    isOneOf(when.tier, environment.tier) &&
    isOneOf(when.environment, environment.name) &&
    isOneOf(when.service, service) &&
    isOneOf(when.criticality, criticality) &&
    isOneOf(when.tool, head.tool) &&
    isOneOf(when.timing, head.timing)
  );
}

function mayBeOf(when: Condition, group: FindingGroup): boolean {
  return (
    isOneOf(when.severity, group.severity) &&
    isOneOf(when.exploitability, group.exploitability ?? 'unknown') &&
    (when.fixAvailable === undefined || when.fixAvailable === group.fixAvailable)
  );
}

function isOneOf<T>(allowed: readonly T[] | undefined, value: T | undefined): boolean {
  return allowed === undefined || (value !== undefined && allowed.includes(value));
}

function matchProtection(wanted: boolean | undefined, known: boolean | undefined): Match {
  if (wanted === undefined) return 'yes';
  if (known === undefined) return 'maybe';
  return wanted === known ? 'yes' : 'no';
}

/** A scan does not say in which of the service's repositories it looked; names compare without case. */
function matchRepositories(allowed: readonly string[] | undefined, repositories: readonly string[]): Match {
  if (allowed === undefined) return 'yes';
  const meant = allowed.map((name) => name.toLowerCase());
  const matching = repositories.filter((name) => meant.includes(name.toLowerCase()));
  if (matching.length === 0) return 'no';
  return matching.length === repositories.length ? 'yes' : 'maybe';
}

/** A glob that the head's import did not know cannot be answered from the group. */
function matchPaths(globs: readonly string[] | undefined, group: FindingGroup, head: ScanHead): Match {
  if (globs === undefined || globs.some((glob) => group.pathGlobs.includes(glob))) return 'yes';
  return globs.every((glob) => head.knownGlobs.includes(glob)) ? 'no' : 'maybe';
}

/** A number that the head's import did not know, or a branch without a history, leaves it open. */
function matchRecurrence(asked: number | undefined, group: FindingGroup, head: ScanHead): Match {
  if (asked === undefined) return 'yes';
  if (head.knownRecurrences?.includes(asked) !== true) return 'maybe';
  return (group.recurrence ?? 0) >= asked ? 'yes' : 'no';
}
