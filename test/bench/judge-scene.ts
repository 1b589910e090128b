import type { ActiveException } from '../../services/domain/active-exception.ts';
import type { Condition, Contract, Control, Rule } from '../../services/domain/contract.ts';
import { pathGlobsOf } from '../../services/domain/contract.ts';
import {
  CATEGORIES,
  type Category,
  EXPLOITABILITIES,
  type Finding,
  SEVERITIES,
  TIMINGS,
} from '../../services/domain/finding.ts';
import type { JudgeInput } from '../../services/domain/judge.ts';
import { groupFindings, matchPaths, type ScanHead } from '../../services/domain/scan-head.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { aFinding, aScanHead } from '../scans.ts';
import { createDice, type Dice } from '../simulation/dice.ts';
import { aContract, aControl, aJudgedService, anException, anInput, aRule, fingerprint } from '../unit/judge-input.ts';

export const FINDINGS = 10_000;
export const RULES = 200;
export const EXCEPTIONS = 100;

const AREAS = ['auth', 'crypto', 'input', 'tls', 'memory', 'logging', 'network', 'storage'] as const;
const KINDS = ['hardcoded-cred', 'injection', 'weak-hash', 'open-port', 'overflow'] as const;
const TREES = ['src', 'infra', 'deploy', 'packages/core', 'packages/web', 'vendor', 'test', 'docs'] as const;
const ENDINGS = ['ts', 'tf', 'yaml', 'go', 'lock'] as const;
/** What one tool reports many times; what it says of one, severity and all, it says each time. */
const RULES_OF_TOOL = 60;

function ruleOf(tool: string, nth: number): string {
  const dice = createDice(nth * 31 + tool.length);
  return `${dice.pick(AREAS)}/${dice.pick(KINDS)}-${dice.below(6)}`;
}

/** Two for each category. */
const toolOf = (category: Category, nth: number) => `${category}-scanner-${nth % 2}`;

/** One gate of one service with everything that is judged for it, and the findings that its scans were made of. */
export interface JudgeScene {
  readonly findings: readonly Finding[];
  readonly exceptions: readonly ActiveException[];
  readonly contract: Contract;
  /** Each finding in a group of its own: nothing is saved by judging findings together. */
  readonly apart: JudgeInput;
  /** Grouped as an import does. */
  readonly stored: JudgeInput;
}

export function setJudgeScene(): JudgeScene {
  const dice = createDice(20_261_123);
  const contract = aContract(...controls(dice));
  const findings = Array.from({ length: FINDINGS }, (_, n) => someFinding(dice, n));
  const exceptions = someExceptions(dice, findings);
  const globs = pathGlobsOf(contract);
  const matched = atOnce(matchPaths(findings, globs));
  const groupsOf = (members: readonly Finding[], { category, tool }: Finding) =>
    atOnce(groupFindings(members, { tool }, category, matched));
  const heads = (group: (members: readonly Finding[], one: Finding) => ScanHead['groups']) =>
    [...Map.groupBy(findings, ({ tool }) => tool).values()].map((members) => {
      const one = members[0] as Finding;
      return aScanHead({
        category: one.category,
        tool: one.tool,
        timing: 'pre-deploy',
        knownGlobs: globs,
        groups: group(members, one),
      });
    });
  const inputOf = (scans: readonly ScanHead[]) =>
    anInput({ contract, services: [aJudgedService({ heads: scans, exceptions })] });
  return {
    findings,
    exceptions,
    contract,
    apart: inputOf(heads((members, one) => members.flatMap((finding) => groupsOf([finding], one)))),
    stored: inputOf(heads(groupsOf)),
  };
}

/** One for each category; each ends with what it only counts. */
function controls(dice: Dice): Control[] {
  const share = Math.floor(RULES / CATEGORIES.length);
  return CATEGORIES.map((category, nth) => {
    const count = nth === 0 ? RULES - share * (CATEGORIES.length - 1) : share;
    const asked = Array.from({ length: count - 1 }, (_, n) => someRule(dice, category, n, count));
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    return aControl({ name: category, signal: { category }, decisions: [...asked, aRule({ then: 'monitor' })] });
  });
}

/** Narrow ones first, as contracts are written: single rules and paths, then what can be exploited, then severities. */
function someRule(dice: Dice, category: Category, nth: number, count: number): Rule {
  const kind = nth / count;
  const when = kind < 0.35 ? byRule(dice) : kind < 0.6 ? byPath(dice) : kind < 0.8 ? byExploit(dice) : bySeverity(dice);
  const narrowed: Condition = dice.chance(0.3) ? { ...when, tool: [toolOf(category, dice.below(2))] } : when;
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  return aRule({ when: narrowed, then: dice.pick(['block', 'warn', 'warn', 'monitor'] as const) });
}

const TIER = { tier: ['production'] } as const;

function byRule(dice: Dice): Condition {
  const [area, kind] = [dice.pick(AREAS), dice.pick(KINDS)];
  const rule = dice.pick([`**${kind}-${dice.below(6)}**`, `${area}/${kind}-*`, `${area}/**-${dice.below(6)}`]);
  return { ...TIER, rule: [rule, `${area}/${kind}-${dice.below(6)}`] };
}

function byPath(dice: Dice): Condition {
  const path = [`${dice.pick(TREES)}/**/*.${dice.pick(ENDINGS)}`, `**/module-${dice.below(40)}/**`];
  return { ...TIER, path, severity: severitiesDownTo(dice.below(2)) };
}

function byExploit(dice: Dice): Condition {
  return { ...TIER, exploitability: [dice.pick(EXPLOITABILITIES)], fixAvailable: dice.chance(0.5) };
}

function bySeverity(dice: Dice): Condition {
  const tier = dice.chance(0.7) ? TIER : ({ tier: ['non-production'] } as const);
  return { ...tier, severity: severitiesDownTo(dice.below(3)), timing: [dice.pick(TIMINGS), dice.pick(TIMINGS)] };
}

function severitiesDownTo(last: number): Condition['severity'] & object {
  return SEVERITIES.slice(0, last + 1);
}

function someFinding(dice: Dice, n: number): Finding {
  const category = dice.pick(CATEGORIES);
  const tool = toolOf(category, dice.below(2));
  const rule = dice.below(RULES_OF_TOOL);
  const path = `${dice.pick(TREES)}/module-${dice.below(120)}/file-${dice.below(30)}.${dice.pick(ENDINGS)}`;
  return aFinding({
    fingerprint: fingerprint(n + 1),
    category,
    tool,
    rule: ruleOf(tool, rule),
    severity: SEVERITIES[rule % SEVERITIES.length] ?? 'info',
    path,
    ...(rule % 2 === 0 ? { exploitability: EXPLOITABILITIES[(rule / 2) % EXPLOITABILITIES.length] ?? 'unknown' } : {}),
    ...(rule % 3 === 0 ? {} : { fixAvailable: rule % 3 === 1 }),
  });
}

/** Of single findings, some of them ended. */
function someExceptions(dice: Dice, findings: readonly Finding[]): ActiveException[] {
  return Array.from({ length: EXCEPTIONS }, (_, n) => {
    const { category, fingerprint: print } = dice.pick(findings);
    const expiresAt = dice.chance(0.8) ? '2026-12-31T00:00:00.000Z' : '2026-11-01T00:00:00.000Z';
    return anException({ id: `EX-${n + 1}`, control: category, fingerprints: [print], expiresAt });
  });
}
