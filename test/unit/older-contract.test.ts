import { expect, test } from 'vitest';
import type { EnvironmentPolicy } from '../../services/domain/contract.ts';
import { strictestEnvironment, strictestJudgement } from '../../services/domain/older-contract.ts';
import { aJudgement } from '../builders.ts';

const PROD: EnvironmentPolicy = { name: 'prod', tier: 'production', approval: 'none', blockWaitMinutes: 60 };
const until = (observeUntil: string) => ({ ...PROD, observeUntil });

test.each<[string, EnvironmentPolicy, EnvironmentPolicy | undefined, EnvironmentPolicy]>([
  ['without an older one', until('2027-01-01'), undefined, until('2027-01-01')],
  ['where the older one asks people', PROD, { ...PROD, approval: 'required' }, { ...PROD, approval: 'required' }],
  ['where the older one asks nobody', { ...PROD, approval: 'required' }, PROD, { ...PROD, approval: 'required' }],
  ['where the older one enforces', until('2027-01-01'), PROD, PROD],
  ['where the newer one enforces', PROD, until('2027-01-01'), PROD],
  ['where both observe', until('2027-01-01'), until('2026-12-01'), until('2026-12-01')],
])('an environment is as strict as both say, %s', (_, current, older, expected) => {
  expect(strictestEnvironment(current, older)).toEqual(expected);
});

const judged = (version: number, verdict: 'block' | 'pass') =>
  aJudgement({ verdict, contract: { version, checksum: String(version).repeat(64) } });

test.each([
  ['pass', 'pass', 2, []],
  ['block', 'pass', 2, []],
  ['block', 'block', 2, []],
  ['pass', 'block', 1, ['older-contract']],
] as const)('the one in force says %s and the older one %s: version %i decides', (current, older, version, kinds) => {
  const stands = strictestJudgement(judged(2, current), judged(1, older));
  expect(stands.contract?.version).toBe(version);
  expect(stands.verdict).toBe(current === 'block' || older === 'block' ? 'block' : 'pass');
  expect(stands.obstacles.slice(-1).map(({ kind }) => kind)).toEqual(kinds);
});
