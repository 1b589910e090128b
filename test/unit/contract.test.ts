import { expect, test } from 'vitest';
import { isObserved, pathGlobsOf } from '../../services/domain/contract.ts';
import { aContract, aControl, anEnvironment, aRule } from './judge-input.ts';

test.each([
  ['2027-01-31T23:59:59.999Z', true],
  ['2027-02-01T00:00:00.000Z', false],
])('an environment observed until 2027-02-01 is observed at %s: %s', (now, expected) => {
  expect(isObserved(anEnvironment({ observeUntil: '2027-02-01' }), now)).toBe(expected);
});

test('an environment that says nothing about observing enforces', () => {
  expect(isObserved(anEnvironment(), '2020-01-01T00:00:00.000Z')).toBe(false);
});

test('the path globs of a contract are those of all its rules, each once, sorted', () => {
  const contract = aContract(
    aControl({ decisions: [aRule({ when: { path: ['src/**', 'infra/**'] } }), aRule()] }),
    aControl({ decisions: [aRule({ when: { path: ['infra/**', 'a'] } })] }),
    aControl({ overrides: new Map([['payments-api', [aRule({ when: { path: ['own/**'] } })]]]) }),
  );

  expect(pathGlobsOf(contract)).toEqual(['a', 'infra/**', 'own/**', 'src/**']);
});
