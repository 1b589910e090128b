import { type Condition, type Contract, type Control, TIERS, type Tier } from './contract.ts';
import { EXPLOITABILITIES, SEVERITIES, TIMINGS } from './finding.ts';
import { globMatches } from './glob.ts';
import type { Match } from './rule-match.ts';

/** What every finding of a control has in common, whichever it is. */
export interface Grounds {
  /** Environment → tier. */
  readonly tiers: ReadonlyMap<string, Tier>;
  /** Empty: any. */
  readonly tools: readonly string[];
  /** Globs; empty: any. */
  readonly rules: readonly string[];
}

export function groundsOf({ environments }: Pick<Contract, 'environments'>, { signal }: Control): Grounds {
  const tiers = new Map([...environments.values()].map(({ name, tier }) => [name, tier] as const));
  return { tiers, tools: signal.tools, rules: signal.rules };
}

/**
 * How `broad` answers whatever matches `narrow`: `yes`, it matches all of it; `no`, none of it; `maybe`, a part, or it
 * cannot be told. Never a wrong `yes` or `no`.
 */
export function coverage(narrow: Condition, broad: Condition, grounds: Grounds): Match {
  const answers: Match[] = [
    within(environmentsOf(narrow, grounds), environmentsOf(broad, grounds)),
    within(narrow.severity ?? SEVERITIES, broad.severity ?? SEVERITIES),
    within(narrow.exploitability ?? EXPLOITABILITIES, broad.exploitability ?? EXPLOITABILITIES),
    within(narrow.timing ?? TIMINGS, broad.timing ?? TIMINGS),
    withinOpen(toolsOf(narrow, grounds), broad.tool),
    withinOpen(narrow.service, broad.service),
    withinOpen(narrow.criticality, broad.criticality),
    withoutNo(withinOpen(lowerCase(narrow.repository), lowerCase(broad.repository))),
    withoutNo(withinGlobs(narrow.path, broad.path)),
    withinGlobs(narrow.rule ?? given(grounds.rules), broad.rule),
    same(narrow.fixAvailable, broad.fixAvailable),
    same(narrow.branchProtected, broad.branchProtected),
    (narrow.recurrence ?? 1) >= (broad.recurrence ?? 1) ? 'yes' : 'maybe',
  ];
  if (answers.includes('no')) return 'no';
  return answers.includes('maybe') ? 'maybe' : 'yes';
}

/** No finding of the control can have all of it: an environment of another tier, a tool or rule that is not the control's. */
export function isContradiction(when: Condition, grounds: Grounds): boolean {
  return (
    environmentsOf(when, grounds).length === 0 ||
    toolsOf(when, grounds)?.length === 0 ||
    withinGlobs(when.rule, given(grounds.rules)) === 'no'
  );
}

/** The environments that can be meant, by name and tier. */
export function environmentsOf({ tier = TIERS, environment }: Condition, { tiers }: Pick<Grounds, 'tiers'>): string[] {
  return [...tiers]
    .filter(([name, of]) => tier.includes(of) && (environment?.includes(name) ?? true))
    .map(([name]) => name);
}

/** Undefined: any tool. */
function toolsOf({ tool }: Condition, { tools }: Grounds): readonly string[] | undefined {
  if (tools.length === 0) return tool;
  return tool === undefined ? tools : tool.filter((name) => tools.includes(name));
}

function within<T>(narrow: readonly T[], broad: readonly T[]): Match {
  const common = narrow.filter((value) => broad.includes(value)).length;
  if (common === 0) return 'no';
  return common === narrow.length ? 'yes' : 'maybe';
}

/** Of values without end: undefined means any. */
function withinOpen<T>(narrow: readonly T[] | undefined, broad: readonly T[] | undefined): Match {
  if (broad === undefined) return 'yes';
  return narrow === undefined ? 'maybe' : within(narrow, broad);
}

function withinGlobs(narrow: readonly string[] | undefined, broad: readonly string[] | undefined): Match {
  if (broad === undefined) return 'yes';
  if (narrow === undefined) return 'maybe';
  if (narrow.every((glob) => broad.some((other) => includesGlob(other, glob)))) return 'yes';
  const areApart = narrow.every((glob) => isLiteral(glob) && !broad.some((other) => globMatches(other, glob)));
  return areApart ? 'no' : 'maybe';
}

/** Equal, a plain text that matches, or a beginning that both have and anything after it. */
function includesGlob(broad: string, narrow: string): boolean {
  if (broad === narrow) return true;
  if (isLiteral(narrow)) return globMatches(broad, narrow);
  return broad.endsWith('**') && narrow.startsWith(broad.slice(0, -2));
}

function isLiteral(glob: string): boolean {
  return !/[*?]/.test(glob);
}

function same(narrow: boolean | undefined, broad: boolean | undefined): Match {
  if (broad === undefined || narrow === broad) return 'yes';
  return narrow === undefined ? 'maybe' : 'no';
}

/** One finding's service may have several repositories, and one group of findings several paths. */
function withoutNo(match: Match): Match {
  return match === 'no' ? 'maybe' : match;
}

function lowerCase(names: readonly string[] | undefined): readonly string[] | undefined {
  return names?.map((name) => name.toLowerCase());
}

function given(globs: readonly string[]): readonly string[] | undefined {
  return globs.length === 0 ? undefined : globs;
}
