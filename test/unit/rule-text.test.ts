import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plain } from '../../cards/text.ts';
import type { Rule } from '../../services/domain/contract.ts';
import { ruleText } from '../../services/domain/rule-text.ts';
import { ruleOf } from '../calibrations.ts';
import { CONTRACT, contractFrom } from './written-contract.ts';

/** The rule that somebody has who pastes this line in the place of the only one. */
function pasted(line: string): Rule | undefined {
  const [head = ''] = CONTRACT.split('      - when:');
  return contractFrom(`${head}      ${line}\n`).controls[0]?.decisions[0];
}

const FULL: Rule = ruleOf('warn', {
  when: {
    tier: ['production'],
    environment: ['prod'],
    rule: ['js/**', '**"quoted"**'],
    severity: ['critical', 'high'],
    fixAvailable: true,
    branchProtected: false,
    recurrence: 3,
    service: ['yes', '7', 'null'],
  },
  because: 'Needs: context # before it may block',
  dueDays: 14,
  decideBy: '2027-03-01',
  escalate: [
    { after: { seen: 3, withinDays: 14 }, to: { dueDays: 3 } },
    { after: { ageDays: 30, services: 2 }, to: 'owner-lead' },
    { after: { services: 3 }, to: 'block', in: 'production' },
  ],
});

test('a rule that is pasted as it is written here is the same rule', () => {
  for (const rule of [
    FULL,
    ruleOf('block', { group: 'secret-exposure', from: '2027-01-15', justification: 'known' }),
    ruleOf('monitor'),
  ])
    expect(pasted(ruleText(rule))).toEqual(rule);
});

test('a card shows it letter for letter, and it still means the same, whatever is in its texts', () => {
  const sign = fc.constantFrom(
    ...[
      'a',
      ' ',
      '  ',
      '"',
      '\\',
      '<',
      '>',
      '](',
      '{{',
      'DATE(',
      '\u202e',
      '\u200b',
      '\u{e0041}',
      'e\u0301\u0302\u0303',
      "'",
    ],
    ...['#', ': ', '@', '\u00a0', 'ü', '- ', '*', '\u115f', '%', '\u3000', '\u2028'],
  );
  const text = fc.array(sign, { minLength: 1, maxLength: 20 }).map((signs) => `x${signs.join('')}x`);
  fc.assert(
    fc.property(text, text, (because, glob) => {
      const rule = { ...FULL, because, when: { ...FULL.when, rule: [glob], path: [because] } };
      const line = ruleText(rule);
      expect(plain(line, 4_000)).toBe(line);
      expect(pasted(line)).toEqual(rule);
    }),
    { numRuns: 300 },
  );
});
