import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractNewsCard, contractNewsSummary } from '../../cards/contract-news-card.ts';
import type { Contract, Rule } from '../../services/domain/contract.ts';
import { type ContractNews, differenceOf } from '../../services/domain/contract-change.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, factValue, textById } from '../cards/read.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';
import { aContract, aControl, aRule, NOW } from './judge-input.ts';

const version = (number: number, letter: string) => ({ version: number, checksum: letter.repeat(64) });
const news = (before: Contract, after: Contract, numbers: readonly [number, number] = [1, 2]): ContractNews => ({
  contractChange: {
    at: NOW,
    before: version(numbers[0], 'a'),
    after: { ...version(numbers[1], 'b'), commit: 'c'.repeat(40) },
  },
  difference: differenceOf(before, after),
  to: 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e',
});

const block = (over: Partial<Rule> = {}) => aRule(over);
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warn = (over: Partial<Rule> = {}) => aRule({ then: 'warn', ...over });
const sast = (...decisions: readonly Rule[]) => aContract(aControl({ name: 'sast', decisions }));
const WEAKER = news(sast(block()), sast(warn()));

test('an owner reads what became looser, which versions these are, and what to do', () => {
  const card = contractNewsCard(WEAKER);
  expect(textById(card, 'state')).toContain('✗ Rules: looser in 1');
  expect(textById(card, 'state')).not.toContain('did not rise');
  expect(textById(card, 'looser')).toContain('sast: a rule was loosened: block everything is now warn everything');
  expect(factValue(card, 'facts', 'In force')).toContain('version 2 (bbbbbbbb)');
  expect(factValue(card, 'facts', 'Before')).toContain('version 1 (aaaaaaaa)');
  expect(contractNewsSummary(WEAKER)).toBe('The gating contract changed, version 1 to 2: ✗ Rules: looser in 1');
  expect(parseProblems(card)).toEqual([]);
});

test('a number that did not rise is said', () => {
  const card = contractNewsCard(news(sast(warn()), sast(block()), [2, 2]));
  expect(textById(card, 'state')).toContain('Its version did not rise: 2 before, 2 now');
  expect(textById(card, 'stricter')).toContain('sast: a rule was tightened');
});

test('what is neither looser nor stricter by itself, and what is no rule, have places of their own', () => {
  const before = sast(warn());
  const card = contractNewsCard(
    news(before, { ...sast(warn({ when: { severity: ['high'] } }), warn()), owner: 'user:x' }),
  );
  expect(textById(card, 'either')).toContain('sast: a rule was added');
  expect(textById(card, 'parts')).toContain('owner');
});

test('a version that was not kept is told without its difference', () => {
  const { difference: _, ...rest } = WEAKER;
  expect(textById(contractNewsCard(rest), 'state')).toContain('What changed cannot be told');
});

const told = (said: ContractNews) => ({ card: contractNewsCard(said), summary: contractNewsSummary(said) });
const saying = (text: string, count: number) => {
  const contract = (rule: Rule) =>
    aContract(
      ...Array.from({ length: count }, (_, n) =>
        aControl({ name: `${n}${text}`, decisions: [rule], overrides: new Map([[text, [rule]]]) }),
      ),
    );
  const environments = new Map([
    [text, { name: text, tier: 'production', approval: 'none', blockWaitMinutes: 1 }],
  ] as const);
  return told(
    news(contract(block({ when: { path: [text] } })), { ...contract(warn({ when: { path: [text] } })), environments }),
  );
};

test('no hostile text becomes a link, a mention, Markdown or an invisible sign on the card', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harm = harmIn(saying(text, 2).card);
      if (harm.length > 0) expect(harm).toEqual([]);
    }),
    { seed: SEED, numRuns: 300 },
  );
}, 60_000);

test.each(UNITS)('the card does not grow over 60 KB with 10,000 %s in every field', (_, unit) => {
  const { card, summary } = saying(unit.repeat(10_000 / unit.length), 12);
  expect(activityBytes(card, summary)).toBeLessThanOrEqual(60 * 1024);
  expect(parseProblems(card)).toEqual([]);
});
