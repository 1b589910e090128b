import { expect, test } from 'vitest';
import type { Condition, Control, DecisionClass, Rule } from '../../services/domain/contract.ts';
import { candidateRules, controlFor, rulesFor, type Setting } from '../../services/domain/rule-match.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, anEnvironment, aRule, NOW } from './judge-input.ts';

interface Facts {
  readonly group?: Partial<FindingGroup>;
  readonly head?: Partial<ScanHead>;
  readonly setting?: Partial<Setting>;
}

/** The classes of the rules that can decide a finding with these facts. */
function candidates(decisions: readonly Rule[], { group, head, setting }: Facts = {}): DecisionClass[] {
  const base: Setting = {
    environment: anEnvironment(),
    now: NOW,
    service: 'payments-api',
    criticality: 'high',
    repositories: ['payments-api'],
  };
  const control = aControl({ decisions });
  const [finding, scan, place] = [aGroup(group), aScanHead(head), { ...base, ...setting }];
  const rules = rulesFor(control, scan, finding.rule, place);
  return candidateRules(rules, finding, scan, place).map((rule) => rule.then);
}

// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const monitor = aRule({ then: 'monitor' });

/** `yes`: the rule alone decides; `no`: only the next; `maybe`: either. */
function answer(when: Condition, facts: Facts): string {
  const classes = candidates([aRule({ when }), monitor], facts).join(' ');
  return { block: 'yes', monitor: 'no', 'block monitor': 'maybe', 'monitor warn': 'maybe, warns' }[classes] ?? classes;
}

const CONDITIONS: readonly [string, Condition, Facts, 'yes' | 'no' | 'maybe' | 'maybe, warns'][] = [
  ['a tier', { tier: ['production'] }, {}, 'yes'],
  ['another tier', { tier: ['non-production'] }, {}, 'no'],
  ['one of two environments', { environment: ['staging', 'prod'] }, {}, 'yes'],
  ['another environment', { environment: ['staging'] }, {}, 'no'],
  ['a service', { service: ['payments-api'] }, {}, 'yes'],
  ['another service', { service: ['orders-api'] }, {}, 'no'],
  ['a criticality', { criticality: ['high'] }, {}, 'yes'],
  ['another criticality', { criticality: ['low'] }, {}, 'no'],
  ['the only repository', { repository: ['payments-api'] }, {}, 'yes'],
  ['a repository in other letters', { repository: ['Payments-API'] }, {}, 'yes'],
  ['a repository that the catalog writes large', { repository: ['a'] }, { setting: { repositories: ['A'] } }, 'yes'],
  ['another repository', { repository: ['orders-api'] }, {}, 'no'],
  ['one of its repositories', { repository: ['a'] }, { setting: { repositories: ['a', 'b'] } }, 'maybe'],
  ['all of its repositories', { repository: ['b', 'a'] }, { setting: { repositories: ['a', 'b'] } }, 'yes'],
  ['a repository of none', { repository: ['a'] }, { setting: { repositories: [] } }, 'no'],
  ['a tool', { tool: ['gitleaks'] }, {}, 'yes'],
  ['another tool', { tool: ['trufflehog'] }, {}, 'no'],
  ['a timing', { timing: ['build'] }, {}, 'yes'],
  ['another timing', { timing: ['pre-deploy'] }, {}, 'no'],
  ['a severity', { severity: ['critical', 'high'] }, {}, 'yes'],
  ['another severity', { severity: ['critical'] }, {}, 'no'],
  ['an exploitability', { exploitability: ['exploitable'] }, { group: { exploitability: 'exploitable' } }, 'yes'],
  ['another exploitability', { exploitability: ['known-exploited'] }, {}, 'no'],
  ['an exploitability of which nothing is said', { exploitability: ['unknown'] }, {}, 'yes'],
  ['a fix', { fixAvailable: true }, { group: { fixAvailable: true } }, 'yes'],
  ['a fix where there is none', { fixAvailable: true }, { group: { fixAvailable: false } }, 'no'],
  ['no fix', { fixAvailable: false }, { group: { fixAvailable: false } }, 'yes'],
  ['no fix where nothing is said', { fixAvailable: false }, {}, 'no'],
  ['a rule by glob', { rule: ['aws-*', 'generic-*'] }, {}, 'yes'],
  ['another rule', { rule: ['aws-*'] }, {}, 'no'],
  ['a path', { path: ['src/**'] }, { head: { knownGlobs: ['src/**'] }, group: { pathGlobs: ['src/**'] } }, 'yes'],
  [
    'two paths of which one is so',
    { path: ['src/**', 'a'] },
    { head: { knownGlobs: ['a', 'src/**'] }, group: { pathGlobs: ['src/**'] } },
    'yes',
  ],
  ['another path', { path: ['src/**'] }, { head: { knownGlobs: ['src/**'] } }, 'no'],
  ['a path that the import did not know', { path: ['src/**'] }, {}, 'maybe'],
  ['two paths of which one is unknown', { path: ['a', 'b'] }, { head: { knownGlobs: ['a'] } }, 'maybe'],
  ['a protected branch', { branchProtected: true }, { setting: { branchProtected: true } }, 'yes'],
  ['an unprotected branch', { branchProtected: false }, { setting: { branchProtected: false } }, 'yes'],
  ['the other kind of branch', { branchProtected: false }, { setting: { branchProtected: true } }, 'no'],
  ['the protection of a branch of which nothing is known', { branchProtected: false }, {}, 'maybe, warns'],
  ['how often it was seen', { recurrence: 2 }, {}, 'maybe'],
  ['two things of which one is not so', { severity: ['high'], tool: ['trufflehog'] }, {}, 'no'],
  ['something that is not so and something unknown', { tool: ['trufflehog'], recurrence: 2 }, {}, 'no'],
  ['nothing', {}, {}, 'yes'],
];

test.each(CONDITIONS)('a condition on %s is answered', (_, when, facts, expected) => {
  expect(answer(when, facts)).toBe(expected);
});

test('the first rule that matches decides, later ones are not asked', () => {
  expect(candidates([monitor, aRule()])).toEqual(['monitor']);
});

test('a rule that may match leaves the later ones in question too', () => {
  const doubtful = { ...monitor, when: { recurrence: 2 } };

  expect(candidates([doubtful, aRule(), monitor])).toEqual(['monitor', 'block']);
});

test('only what would block because of a branch warns while nothing is known of the branch', () => {
  expect(candidates([{ ...monitor, when: { branchProtected: true } }, aRule()])).toEqual(['monitor', 'block']);
});

test('where no rule matches for certain the silence of the control warns beside those that may', () => {
  expect(candidates([aRule({ when: { severity: ['low'] } })])).toEqual(['warn']);
  expect(candidates([{ ...monitor, when: { recurrence: 2 } }])).toEqual(['monitor', 'warn']);
});

/** The classes of the rules that can decide, where payments-api has these rules of its own. */
function overriding(own: readonly Rule[], service = 'payments-api'): DecisionClass[] {
  const control = aControl({ decisions: [monitor], overrides: new Map([['payments-api', own]]) });
  const setting = { environment: anEnvironment(), now: NOW, service, repositories: [] };
  const [group, head] = [aGroup(), aScanHead()];
  return candidateRules(rulesFor(control, head, group.rule, setting), group, head, setting).map((rule) => rule.then);
}

test('the first override of the service that matches stands beside the rules for all', () => {
  const critical = aRule({ when: { severity: ['critical'] } });
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const warns = aRule({ then: 'warn' });

  expect(overriding([critical, warns, aRule()])).toEqual(['monitor', 'warn']);
  expect(overriding([aRule({ when: { recurrence: 2 } }), warns])).toEqual(['monitor', 'block', 'warn']);
  expect(overriding([critical])).toEqual(['monitor']);
  expect(overriding([aRule()], 'orders-api')).toEqual(['monitor']);
});

test('an override whose day is still to come takes nothing from the next one, nor does one that asks about an unknown branch', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const warns = aRule({ then: 'warn' });

  expect(overriding([aRule({ from: '2027-06-01' }), aRule()])).toEqual(['monitor', 'block', 'block']);
  expect(overriding([aRule({ from: '2026-11-23' }), warns])).toEqual(['monitor', 'block']);
  expect(overriding([aRule({ when: { branchProtected: false } })])).toEqual(['monitor', 'warn']);
});

test('a finding belongs to the most specific control: by rule, then tool, then category', () => {
  const byCategory = aControl({ name: 'by-category' });
  const byTool = aControl({ name: 'by-tool', signal: { tools: ['gitleaks'] } });
  const byRule = aControl({ name: 'by-rule', signal: { rules: ['aws-*', 'generic-*'] } });
  const byBoth = aControl({ name: 'by-both', signal: { tools: ['gitleaks'], rules: ['generic-*'] } });
  const nameFor = (...controls: readonly Control[]) =>
    controlFor(aContract(...controls), aScanHead(), 'generic-api-key')?.name;

  for (const controls of [
    [byCategory, byTool, byRule, byBoth],
    [byBoth, byRule, byTool, byCategory],
  ])
    expect(nameFor(...controls)).toBe('by-both');
  expect(nameFor(byCategory, byTool, byRule)).toBe('by-rule');
  expect(nameFor(byRule, byTool)).toBe('by-rule');
  expect(nameFor(byCategory, byTool)).toBe('by-tool');
  expect(nameFor(byTool, byCategory)).toBe('by-tool');
});

test('of two equally specific controls the first by name has the finding, in whatever order they are written', () => {
  const controls = ['a', 'b', 'c'].map((name) => aControl({ name, signal: { rules: [`${name}*`, '*-key'] } }));

  for (const written of [controls, controls.toReversed()])
    expect(controlFor(aContract(...written), aScanHead(), 'aws-key')?.name).toBe('a');
});

test.each([
  ['category', { category: 'sast' }],
  ['tool', { tools: ['trufflehog'] }],
  ['rule', { rules: ['aws-*'] }],
] as const)('a control of another %s does not claim a finding', (_, signal) => {
  expect(controlFor(aContract(aControl({ signal })), aScanHead(), 'generic-api-key')).toBeUndefined();
});
