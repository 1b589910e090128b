import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coverage, type Grounds, isContradiction } from '../../services/domain/condition.ts';
import {
  type Condition,
  type Control,
  DECISION_CLASSES,
  type DecisionClass,
  isAnnounced,
  type Tier,
} from '../../services/domain/contract.ts';
import { asStrictAlready } from '../../services/domain/override.ts';
import { candidateRules, rulesFor } from '../../services/domain/rule-match.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import { anyCondition, anyControl, anyGroup, anyHead, anyRule } from './any-judge-input.ts';
import { aControl, anEnvironment, aRule, NOW } from './judge-input.ts';

const TIERS_OF = new Map<string, Tier>([
  ['prod', 'production'],
  ['staging', 'non-production'],
]);
const GROUNDS: Grounds = { tiers: TIERS_OF, tools: [], rules: [] };

const PAIRS: readonly [Condition, Condition, 'yes' | 'no' | 'maybe'][] = [
  [{ severity: ['high'] }, {}, 'yes'],
  [{ severity: ['high'] }, { severity: ['critical', 'high'] }, 'yes'],
  [{ severity: ['critical', 'high'] }, { severity: ['high'] }, 'maybe'],
  [{ severity: ['low'] }, { severity: ['high'] }, 'no'],
  [{}, { severity: ['critical', 'high', 'medium', 'low', 'info'] }, 'yes'],
  [{ environment: ['prod'] }, { tier: ['production'] }, 'yes'],
  [{ tier: ['production'] }, { environment: ['prod'] }, 'yes'],
  [{ environment: ['staging'] }, { tier: ['production'] }, 'no'],
  [{}, { environment: ['prod', 'staging'] }, 'yes'],
  [{}, { service: ['payments-api'] }, 'maybe'],
  [{ service: ['payments-api'] }, { service: ['orders-api'] }, 'no'],
  [{ repository: ['A'] }, { repository: ['a', 'b'] }, 'yes'],
  [{ repository: ['a'] }, { repository: ['b'] }, 'maybe'],
  [{ path: ['src/main/**'] }, { path: ['src/**'] }, 'yes'],
  [{ path: ['src/**'] }, { path: ['src/main/**'] }, 'maybe'],
  [{ path: ['s?c/*.ts'] }, { path: ['s?c/**'] }, 'yes'],
  [{ path: ['**/*.tf'] }, { path: ['**'] }, 'yes'],
  [{ path: ['src/**'] }, { path: ['infra/**'] }, 'maybe'],
  [{ rule: ['aws-key'] }, { rule: ['aws-*'] }, 'yes'],
  [{ rule: ['aws-key'] }, { rule: ['gcp-*'] }, 'no'],
  [{ rule: ['aws-*'] }, { rule: ['*-key'] }, 'maybe'],
  [{ fixAvailable: true }, { fixAvailable: false }, 'no'],
  [{}, { fixAvailable: true }, 'maybe'],
  [{ recurrence: 5 }, { recurrence: 3 }, 'yes'],
  [{ recurrence: 3 }, { recurrence: 5 }, 'maybe'],
  [{ branchProtected: false }, { branchProtected: true }, 'no'],
  [{ severity: ['high'] }, { severity: ['low'], rule: ['x'] }, 'no'],
];

test.each(PAIRS)('whatever matches %j is matched by %j: %s', (narrow, broad, expected) => {
  expect(coverage(narrow, broad, GROUNDS)).toBe(expected);
});

test('what all findings of a control have in common need not be asked', () => {
  const grounds = { ...GROUNDS, tools: ['gitleaks'], rules: ['aws-*'] };

  expect(coverage({}, { tool: ['gitleaks', 'semgrep'] }, grounds)).toBe('yes');
  expect(coverage({}, { rule: ['aws-**'] }, grounds)).toBe('yes');
});

test.each<[Condition, boolean]>([
  [{ environment: ['staging'], tier: ['production'] }, true],
  [{ environment: ['staging', 'prod'], tier: ['production'] }, false],
  [{ tool: ['semgrep'] }, true],
  [{ rule: ['gcp-key'] }, true],
  [{ rule: ['gcp-*'] }, false],
])('%j can match nothing of a control for gitleaks and aws-*: %s', (when, expected) => {
  expect(isContradiction(when, { ...GROUNDS, tools: ['gitleaks'], rules: ['aws-*'] })).toBe(expected);
});

type Somewhere = readonly [ScanHead, FindingGroup, string];

/** The classes that judging could come to. */
function classesOf(control: Control, [head, group, name]: Somewhere): DecisionClass[] {
  const environment = anEnvironment({ name, tier: TIERS_OF.get(name) ?? 'production' });
  const where = { environment, service: 'payments-api', criticality: 'high', repositories: ['payments-api'] };
  const setting = { ...where, now: NOW };
  const rules = candidateRules(rulesFor(control, head, group.rule, setting), group, head, setting);
  return rules.map((rule) => (isAnnounced(rule, NOW) ? 'warn' : rule.then));
}

/** Whether a condition matches for certain, for certain not, or maybe. */
function answer(when: Condition, somewhere: Somewhere): string {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const decisions = [aRule({ when }), aRule({ then: 'monitor' })];
  return { block: 'yes', monitor: 'no' }[classesOf(aControl({ decisions }), somewhere).join()] ?? 'maybe';
}

const anySomewhere = fc.tuple(anyHead, anyGroup([]), fc.constantFrom('prod', 'staging'));
const twoKeys = anyCondition.map((when): Condition => Object.fromEntries(Object.entries(when).slice(0, 2)));

test('judging never contradicts what was told of two conditions', () => {
  fc.assert(
    fc.property(twoKeys, twoKeys, anySomewhere, (narrow, broad, somewhere) => {
      const told = coverage(narrow, broad, GROUNDS);
      if (answer(narrow, somewhere) !== 'yes') return;
      if (told === 'yes') expect(answer(broad, somewhere)).toBe('yes');
      if (told === 'no') expect(answer(broad, somewhere)).not.toBe('yes');
    }),
    { numRuns: 3_000 },
  );
});

test('an override that is refused would have changed no decision', () => {
  const strictest = (control: Control, somewhere: Somewhere) => {
    const classes = classesOf(control, somewhere);
    return DECISION_CLASSES.find((decision) => classes.includes(decision));
  };
  fc.assert(
    fc.property(anyControl, anyRule, anySomewhere, (any, { when: { service: _, ...when }, ...rest }, somewhere) => {
      const override = { ...rest, when };
      const control = { ...any, signal: { ...any.signal, tools: [], rules: [] }, overrides: new Map() };
      if (asStrictAlready(control, 'payments-api', override, GROUNDS) === undefined) return;
      const overridden = { ...control, overrides: new Map([['payments-api', [override]]]) };
      expect(strictest(overridden, somewhere)).toBe(strictest(control, somewhere));
    }),
    { numRuns: 3_000 },
  );
});
