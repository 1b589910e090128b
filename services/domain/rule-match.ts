import type { Condition, Contract, Control, EnvironmentPolicy, Rule } from './contract.ts';
import { globMatches } from './glob.ts';
import type { FindingGroup, ScanHead } from './scan-head.ts';

/** Where a finding is judged: everything a condition may ask besides the finding itself. */
export interface Setting {
  readonly environment: EnvironmentPolicy;
  readonly service: string;
  readonly criticality?: string;
  readonly repositories: readonly string[];
}

/** `maybe`: the stored data cannot answer the condition; the stricter outcome then counts. */
export type Match = 'yes' | 'no' | 'maybe';

/** The control a signal belongs to: the most specific one, by rule, then tool, then category; else none. */
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
  return matching.reduce<Control | undefined>(
    (best, control) => (best === undefined || specificity(control) > specificity(best) ? control : best),
    undefined,
  );
}

/** A control whose rules are silent has said nothing about a finding: somebody must look. */
const SILENCE: Rule = {
  when: {},
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  then: 'warn',
  escalate: [],
};

/**
 * The rules that can decide this group, never none: every `maybe` before the first `yes`, and that `yes` or else the
 * control's silence. The strictest of them decides, so missing knowledge never makes a decision milder.
 */
export function candidateRules(control: Control, group: FindingGroup, head: ScanHead, setting: Setting): Rule[] {
  const candidates: Rule[] = [];
  for (const rule of control.decisions) {
    const match = matchCondition(rule.when, group, head, setting);
    if (match !== 'no') candidates.push(rule);
    if (match === 'yes') return candidates;
  }
  return [...candidates, SILENCE];
}

function matchCondition(when: Condition, group: FindingGroup, head: ScanHead, setting: Setting): Match {
  const answers: Match[] = [
    oneOf(when.tier, setting.environment.tier),
    oneOf(when.environment, setting.environment.name),
    oneOf(when.service, setting.service),
    oneOf(when.criticality, setting.criticality),
    matchRepositories(when.repository, setting.repositories),
    oneOf(when.tool, head.tool),
    oneOf(when.timing, head.timing),
    oneOf(when.severity, group.severity),
    oneOf(when.exploitability, group.exploitability ?? 'unknown'),
    when.rule === undefined || when.rule.some((glob) => globMatches(glob, group.rule)) ? 'yes' : 'no',
    when.fixAvailable === undefined || when.fixAvailable === group.fixAvailable ? 'yes' : 'no',
    matchPaths(when.path, group, head),
    // Branch protection is not recorded with a scan yet.
    when.branchProtected === undefined ? 'yes' : 'maybe',
    matchRecurrence(when.recurrence, group, head),
  ];
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

function oneOf<T>(allowed: readonly T[] | undefined, value: T | undefined): Match {
  return allowed === undefined || (value !== undefined && allowed.includes(value)) ? 'yes' : 'no';
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
