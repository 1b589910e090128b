import { expect, test } from 'vitest';
import { ruleText } from '../../services/domain/rule-text.ts';
import { ownedWarning } from '../../services/domain/trend-change.ts';
import { ruleOf } from '../calibrations.ts';
import { lintedWith, SAMPLE } from '../linted-change.ts';
import { aContract, aControl, NOW } from './judge-input.ts';

const changes = SAMPLE.controls.flatMap((control) => {
  const change = ownedWarning(SAMPLE, control, NOW);
  return change === undefined ? [] : [[control.name, change] as const];
});

test('of the sample, what has findings below medium that are only counted can warn; what merely informs cannot', () => {
  expect(changes.map(([name]) => name)).toEqual([
    'dependency-scanning',
    'sast',
    'iac',
    'container',
    'defender-runtime',
  ]);
});

test.each(changes)(
  'pasted into the sample, the warning of %s loads, passes lint and is reached',
  async (control, change) => {
    const { exitCode, remarks, rules } = await lintedWith(control, change);

    expect({ exitCode, remarks }).toEqual({ exitCode: 0, remarks: [] });
    expect(rules).toEqual(expect.arrayContaining([...change.after]));
    expect(change.after[0]).toContain(
      '{ when: { severity: [low] }, then: warn, because: "Say what its owner is to do.',
    );
    expect(change.after[0]).toContain(
      'due: 30d, decideBy: 2027-02-21, escalate: [{ after: { age: 60d }, to: owner-lead }]',
    );
    expect(change.after[1]).toBe(change.before);
  },
);

test('a rule that counts exactly what will warn is replaced, and of several how many could be meant is said', () => {
  const low = ruleOf('monitor', { when: { severity: ['low'] } });
  const rest = ruleOf('monitor', { when: { severity: ['high', 'info'] } });
  const control = aControl({ decisions: [low, rest] });
  const change = ownedWarning(aContract(control), control, NOW);

  expect(change?.after).toHaveLength(1);
  expect([change?.index, change?.choices, change?.before]).toEqual([0, 2, ruleText(low)]);
});

test('nothing is proposed where activity is reported, where nothing is only counted, or only information is', () => {
  const none = (...parts: Parameters<typeof aControl>) => {
    const control = aControl(...parts);
    return ownedWarning(aContract(control), control, NOW);
  };

  expect(none({ signal: { category: 'activity' }, decisions: [ruleOf('monitor')] })).toBeUndefined();
  expect(none({ decisions: [ruleOf('block')] })).toBeUndefined();
  expect(none({ decisions: [ruleOf('monitor', { when: { severity: ['info'] } })] })).toBeUndefined();
  expect(none({ decisions: [ruleOf('warn'), ruleOf('monitor')] })).toBeUndefined();
});
