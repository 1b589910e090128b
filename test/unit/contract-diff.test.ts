import { expect, test } from 'vitest';
import { changeWords, countWords } from '../../cards/contract-change-words.ts';
import type { Rule } from '../../services/domain/contract.ts';
import { countRules, diffContracts } from '../../services/domain/contract-diff.ts';
import { aContract, aControl, aRule } from './judge-input.ts';

const block = (when: Rule['when'] = {}, overrides: Partial<Rule> = {}) => aRule({ when, ...overrides });
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warn = (when: Rule['when'] = {}, overrides: Partial<Rule> = {}) => aRule({ then: 'warn', when, ...overrides });
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const monitor = (when: Rule['when'] = {}) => aRule({ then: 'monitor', when });

const withRules = (...decisions: readonly Rule[]) => aContract(aControl({ name: 'sast', decisions }));
const withOwn = (...own: readonly Rule[]) =>
  aContract(
    aControl({
      name: 'sast',
      decisions: [monitor()],
      overrides: new Map(own.length === 0 ? [] : [['payments-api', own]]),
    }),
  );

function changed(before: readonly Rule[], after: readonly Rule[]): string[] {
  return diffContracts(withRules(...before), withRules(...after)).map(changeWords);
}

const HIGH = { severity: ['high'] } as const;
const SEVERE = { severity: ['critical', 'high'] } as const;
const LOW = { severity: ['low'] } as const;

test.each<[string, readonly Rule[], readonly Rule[], readonly string[]]>([
  ['nothing', [block(HIGH), monitor()], [block(HIGH), monitor()], []],
  ['words', [warn(HIGH)], [warn(HIGH, { because: 'Other words', decideBy: '2027-04-01' })], []],
  ['a new rule', [monitor()], [block(HIGH), monitor()], ['sast: a rule was added: block when severity high']],
  ['a rule less', [warn(HIGH), monitor()], [monitor()], ['sast: a rule was removed: warn when severity high']],
  [
    'a stricter class',
    [warn(HIGH)],
    [block(HIGH, { from: '2027-01-15' })],
    ['sast: a rule was tightened: warn when severity high is now block when severity high, from Fri 15 Jan 2027'],
  ],
  ['a milder class', [block()], [warn()], ['sast: a rule was loosened: block everything is now warn everything']],
  [
    'a later day',
    [block(HIGH, { from: '2027-01-15' })],
    [block(HIGH, { from: '2027-02-15' })],
    [
      'sast: a rule was loosened: block when severity high, from Fri 15 Jan 2027 is now block when severity high, from Mon 15 Feb 2027',
    ],
  ],
  [
    'no day any more',
    [block(HIGH, { from: '2027-01-15' })],
    [block(HIGH)],
    ['sast: a rule was tightened: block when severity high, from Fri 15 Jan 2027 is now block when severity high'],
  ],
  [
    'a wider block',
    [block(HIGH)],
    [block(SEVERE)],
    ['sast: a rule was tightened: block when severity high is now block when severity critical or high'],
  ],
  [
    'a narrower block',
    [block(SEVERE)],
    [block(HIGH)],
    ['sast: a rule was loosened: block when severity critical or high is now block when severity high'],
  ],
  [
    'more that is monitored',
    [monitor(LOW), warn()],
    [monitor({ severity: ['low', 'info'] }), warn()],
    ['sast: a rule was loosened: monitor when severity low is now monitor when severity low or info'],
  ],
  [
    'a wider condition of a milder class',
    [block(HIGH)],
    [warn(SEVERE)],
    [
      'sast: a rule was added: warn when severity critical or high',
      'sast: a rule was removed: block when severity high',
    ],
  ],
  [
    'another order',
    [block(HIGH), monitor({ tool: ['semgrep'] })],
    [monitor({ tool: ['semgrep'] }), block(HIGH)],
    ['sast: rules that stay stand in another order, and the first match decides'],
  ],
])('%s is told as it is', (_, before, after, expected) => {
  expect(changed(before, after)).toEqual(expected);
});

test('overrides are told by their service', () => {
  const [added] = diffContracts(withOwn(), withOwn(block(HIGH)));
  const [loosened] = diffContracts(withOwn(block(HIGH)), withOwn(warn(HIGH)));

  expect([added, loosened].flatMap((change) => (change === undefined ? [] : changeWords(change)))).toEqual([
    'sast, override for payments-api: a rule was added: block when severity high',
    'sast, override for payments-api: a rule was loosened: block when severity high is now warn when severity high',
  ]);
});

test('a control that came or went is told rule by rule', () => {
  const sast = aControl({ name: 'sast', decisions: [block(HIGH), monitor()] });
  const iac = aControl({ name: 'iac', decisions: [warn()] });

  expect(diffContracts(aContract(sast), aContract(iac)).map(changeWords)).toEqual([
    'iac: a rule was added: warn everything',
    'sast: a rule was removed: block when severity high',
    'sast: a rule was removed: monitor everything',
  ]);
});

test('changes and rules are counted, overrides among them', () => {
  const changes = diffContracts(withRules(block(HIGH), warn()), withRules(block(SEVERE), monitor(LOW), warn()));

  expect(countWords(changes)).toBe('1 added, 0 removed, 1 tightened, 0 loosened');
  expect(countRules(withOwn(block(), warn()))).toEqual({ block: 1, warn: 1, monitor: 1 });
});
