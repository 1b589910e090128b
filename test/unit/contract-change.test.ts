import { expect, test } from 'vitest';
import type { Control, Rule } from '../../services/domain/contract.ts';
import { differenceOf, directionOf, hasRisen } from '../../services/domain/contract-change.ts';
import { aContract, aControl, aRule } from './judge-input.ts';

const block = (when: Rule['when'] = {}) => aRule({ when });
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warn = (when: Rule['when'] = {}, over: Partial<Rule> = {}) => aRule({ then: 'warn', when, ...over });
const HIGH = { severity: ['high'] } as const;

const sast = (over: Partial<Control> = {}) => aControl({ name: 'sast', decisions: [warn()], ...over });
const directions = (before: Control, after: Control) =>
  differenceOf(aContract(before), aContract(after)).rules.map(directionOf);
const parts = (before: Control, after: Control) => differenceOf(aContract(before), aContract(after)).parts;

test.each<[string, Control, Control, readonly string[]]>([
  ['a block that became a warning', sast({ decisions: [block()] }), sast(), ['looser']],
  ['a warning that became a block', sast(), sast({ decisions: [block()] }), ['stricter']],
  ['a block that came', sast(), sast({ decisions: [block(HIGH), warn()] }), ['stricter']],
  ['a block that went', sast({ decisions: [block(HIGH), warn()] }), sast(), ['looser']],
  ['a warning that came', sast(), sast({ decisions: [warn(HIGH), warn()] }), ['either']],
  ['an override that came', sast(), sast({ overrides: new Map([['api', [warn(HIGH)]]]) }), ['stricter']],
  ['an override that went', sast({ overrides: new Map([['api', [warn(HIGH)]]]) }), sast(), ['looser']],
])('%s is told as that', (_, before, after, expected) => {
  expect(directions(before, after)).toEqual(expected);
});

test('parts that are no rules are named, and the order of names is no change', () => {
  const before = aContract(sast());
  const [prod, ...others] = [...before.environments];
  if (prod === undefined) throw new Error('no environment');
  const after = {
    ...before,
    owner: 'group:others' as const,
    environments: new Map([
      ...others.reverse(),
      [prod[0], { ...prod[1], approval: 'none' as const, blockWaitMinutes: 1 }],
    ]),
  };
  expect(differenceOf(before, after)).toEqual({ rules: [], parts: ['owner', `environment ${prod[0]}`] });
  expect(differenceOf(before, { ...before, environments: new Map([...before.environments].reverse()) }).parts).toEqual(
    [],
  );
});

test('a control of which only expiry, words or steps are others says which', () => {
  const { expiry } = sast();
  expect(parts(sast(), sast({ expiry: { ...expiry, maxDays: expiry.maxDays + 1 }, acceptSuppressions: true }))).toEqual(
    ['control sast: expiry', ...(sast().acceptSuppressions ? [] : ['control sast: acceptSuppressions'])],
  );
  expect(parts(sast(), sast({ decisions: [warn({}, { dueDays: 90 })] }))).toEqual([
    'control sast: words, dates or steps of its rules',
  ]);
  expect(parts(sast(), sast({ decisions: [block()] }))).toEqual([]);
});

test.each([
  [1, 2, true],
  [2, 2, false],
  [3, 2, false],
])('of version %i to %i it is said whether the number rose', (before, after, expected) => {
  const version = (number: number) => ({ version: number, checksum: 'c' });
  expect(hasRisen({ at: '', before: version(before), after: version(after) })).toBe(expected);
});
