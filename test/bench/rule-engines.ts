import { type Enforcer, newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import { Engine, type NestedCondition } from 'json-rules-engine';
import type { Condition, Contract, DecisionClass, EnvironmentPolicy, Rule } from '../../services/domain/contract.ts';
import type { Category, Finding } from '../../services/domain/finding.ts';
import { globMatches } from '../../services/domain/glob.ts';
import type { PathGlobs } from '../../services/domain/scan-head.ts';

/** Decides findings one after the other by the rules of one contract. */
export interface RuleEngine {
  readonly name: string;
  decide(facts: Facts): Promise<DecisionClass>;
}

/** What a rule may ask of a finding where it is deployed. */
export interface Facts {
  readonly category: Category;
  readonly tier: string;
  readonly tool: string;
  readonly timing: string;
  readonly severity: string;
  readonly exploitability: string;
  readonly fixAvailable: string;
  readonly rule: string;
  /** The rules' globs that its path matches: like ours, these engines are told, they need not match. */
  readonly pathGlobs: readonly string[];
}

export function factsOf(finding: Finding, environment: EnvironmentPolicy, matched: PathGlobs): Facts {
  return {
    category: finding.category,
    tier: environment.tier,
    tool: finding.tool,
    timing: 'pre-deploy',
    severity: finding.severity,
    exploitability: finding.exploitability ?? 'unknown',
    fixAvailable: String(finding.fixAvailable ?? 'unknown'),
    rule: finding.rule,
    pathGlobs: (finding.path === undefined ? undefined : matched.get(finding.path)) ?? [],
  };
}

interface OwnedRule {
  readonly category: Category;
  readonly rule: Rule;
}

/** In the order in which they are asked. */
function rulesOf(contract: Contract): OwnedRule[] {
  return contract.controls.flatMap(({ signal: { category }, decisions }) =>
    decisions.map((rule) => ({ category, rule })),
  );
}

/** The members of a condition that these rules use, each with the words that it allows. */
function asked({ tier, tool, timing, severity, exploitability, fixAvailable, rule, path }: Condition) {
  const fix = fixAvailable === undefined ? undefined : [String(fixAvailable)];
  return { tier, tool, timing, severity, exploitability, fixAvailable: fix, rule, pathGlobs: path };
}

/** json-rules-engine: one rule of its kind for each of ours; the first that holds ends the run. */
export function jsonRulesEngine(contract: Contract): RuleEngine {
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addOperator<string, string[]>('isLike', (rule, globs) => globs.some((glob) => globMatches(glob, rule)));
  engine.addOperator<string[], string[]>('meets', (known, globs) => globs.some((glob) => known.includes(glob)));
  const operators: Readonly<Record<string, string>> = { rule: 'isLike', pathGlobs: 'meets' };
  const rules = rulesOf(contract);
  rules.forEach(({ category, rule }, index) => {
    const all: NestedCondition[] = [{ fact: 'category', operator: 'equal', value: category }];
    for (const [fact, value] of Object.entries(asked(rule.when)))
      if (value !== undefined) all.push({ fact, operator: operators[fact] ?? 'in', value });
    engine.addRule({ conditions: { all }, event: { type: rule.then }, priority: rules.length - index });
  });
  engine.on('success', () => engine.stop());
  return {
    name: 'json-rules-engine',
    decide: async (facts) => {
      const { events } = await engine.run({ ...facts });
      return (events[0]?.type ?? 'warn') as DecisionClass;
    },
  };
}

const MODEL = `
[request_definition]
r = f
[policy_definition]
p = category, tier, tool, timing, severity, exploitability, fixAvailable, rule, pathGlobs, then
[policy_effect]
e = priority(p.eft) || deny
[matchers]
m = r.f.category == p.category && oneOf(r.f.tier, p.tier) && oneOf(r.f.tool, p.tool) \
&& oneOf(r.f.timing, p.timing) && oneOf(r.f.severity, p.severity) && oneOf(r.f.exploitability, p.exploitability) \
&& oneOf(r.f.fixAvailable, p.fixAvailable) && like(r.f.rule, p.rule) && meets(r.f.pathGlobs, p.pathGlobs)
`;

const ANY = 'any';

/** casbin: one policy line for each rule, the first that matches has priority; what it says is its last field. */
export async function casbin(contract: Contract): Promise<RuleEngine> {
  const lines = rulesOf(contract).map(({ category, rule }) => {
    const fields = Object.values(asked(rule.when)).map((words) => words?.join('|') ?? ANY);
    return ['p', category, ...fields, rule.then].join(', ');
  });
  const enforcer: Enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter(lines.join('\n')));
  const lists = new Map<string, readonly string[]>();
  const listOf = (text: string) => {
    const list = lists.get(text) ?? text.split('|');
    lists.set(text, list);
    return list;
  };
  const asks = (answer: (words: readonly string[], value: never) => boolean) => (value: unknown, text: string) =>
    text === ANY || answer(listOf(text), value as never);
  await enforcer.addFunction(
    'oneOf',
    asks((words, value: string) => words.includes(value)),
  );
  await enforcer.addFunction(
    'like',
    asks((globs, rule: string) => globs.some((glob) => globMatches(glob, rule))),
  );
  await enforcer.addFunction(
    'meets',
    asks((globs, known: readonly string[]) => globs.some((glob) => known.includes(glob))),
  );
  return {
    name: 'casbin',
    decide: async (facts) => {
      const [, line] = enforcer.enforceExSync(facts);
      return (line.at(-1) ?? 'warn') as DecisionClass;
    },
  };
}
