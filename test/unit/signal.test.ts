import { describe, expect, test } from 'vitest';
import { checksumIn } from '../../services/domain/artifact.ts';
import type { Control } from '../../services/domain/contract.ts';
import { judge } from '../../services/domain/judge.ts';
import type { ControlSignal } from '../../services/domain/judgement.ts';
import { NO_COMMIT, type ScanHead } from '../../services/domain/scan-head.ts';
import { aScanHead } from '../scans.ts';
import {
  aContract,
  aControl,
  aGroup,
  aJudgedService,
  anEnvironment,
  anInput,
  NOW,
  OTHER_COMMIT,
} from './judge-input.ts';

const required = (evidence: Partial<Control['evidence']> = {}, signal: Partial<Control['signal']> = {}) =>
  aControl({ signal, evidence: { required: ['production'], ...evidence } });

function judgeWith(control: Control, heads: readonly Partial<ScanHead>[], tier = anEnvironment()) {
  const services = [aJudgedService({ heads: heads.map((head) => aScanHead(head)) })];
  return judge(anInput({ contract: aContract(control), environment: tier, services }));
}

function signalOf(control: Control, ...heads: readonly Partial<ScanHead>[]): ControlSignal | undefined {
  return judgeWith(control, heads).signals[0];
}

test('a complete scan of the shipped commit is evidence that the control ran', () => {
  expect(judgeWith(required(), [{}])).toMatchObject({
    verdict: 'pass',
    signals: [
      { service: 'payments-api', control: 'secret-scanning', category: 'secret', required: true, state: 'known' },
    ],
  });
  expect(signalOf(required(), {})).not.toHaveProperty('why');
});

const FLAWS: readonly [string, Control, Partial<ScanHead> | undefined, ControlSignal['why']][] = [
  ['absent', required(), undefined, 'absent'],
  ['of another category', required(), { category: 'sast' }, 'absent'],
  ['of a tool that is not accepted', required({ tools: ['trufflehog'] }), {}, 'absent'],
  ['of a tool that the control is not about', required({}, { tools: ['trufflehog'] }), {}, 'absent'],
  ['of another moment', required({}, { timing: ['pre-deploy'] }), {}, 'absent'],
  ['of another commit', required(), { commit: OTHER_COMMIT }, 'absent'],
  ['incomplete', required(), { complete: false }, 'incomplete'],
  ['too old', required({ maxAgeHours: 1 }), { scannedAt: '2026-11-23T08:29:59.999Z' }, 'too-old'],
  ['of an unknown age', required({ maxAgeHours: 1 }), { scannedAt: 'yesterday' }, 'too-old'],
  ['unverified', required({ verified: true }), { verified: false }, 'unverified'],
];

test.each(FLAWS)('evidence that is %s blocks where it is required', (_, control, head, why) => {
  const judgement = judgeWith(control, head === undefined ? [] : [head]);

  expect(judgement).toMatchObject({ verdict: 'block', signals: [{ state: 'unknown', why }] });
  expect(judgement.obstacles).toEqual([{ kind: 'missing-signal', detail: `secret-scanning (payments-api): ${why}` }]);
});

test.each(FLAWS)(
  'evidence that is %s blocks nothing where it is not required, yet is unknown',
  (_, control, head, why) => {
    const staging = anEnvironment({ name: 'staging', tier: 'non-production' });

    const judgement = judgeWith(control, head === undefined ? [] : [head], staging);

    expect(judgement).toMatchObject({ verdict: 'pass', signals: [{ required: false, state: 'unknown', why }] });
  },
);

test('evidence is good for exactly its age, measured when the check arrived', () => {
  const control = required({ maxAgeHours: 1 });
  const services = [aJudgedService({ heads: [aScanHead({ scannedAt: '2026-11-23T08:30:00.000Z' })] })];
  const input = anInput({ contract: aContract(control), services });

  expect(judge(input).verdict).toBe('pass');
  expect(judge({ ...input, now: '2026-11-24T09:00:00.000Z' }).verdict).toBe('pass');
  expect(judge({ ...input, arrivedAt: '2026-11-23T09:30:00.001Z' }).verdict).toBe('block');
});

test('evidence without an age limit is good for ever, of any age', () => {
  expect(signalOf(required(), { scannedAt: '2020-01-01T00:00:00.000Z' })?.state).toBe('known');
  expect(
    judge(anInput({ contract: aContract(required()), arrivedAt: NOW, services: [aJudgedService()] })).obstacles,
  ).toEqual([]);
});

test('evidence may be of another commit where the control does not ask for the same', () => {
  expect(signalOf(required({ sameCommit: false }), { commit: OTHER_COMMIT })?.state).toBe('known');
});

test('a control that names no moment takes evidence of any', () => {
  expect(signalOf(required({}, { timing: [] }), { timing: 'post-deploy' })?.state).toBe('known');
});

test('whether a scan is verified matters only where the control asks for it', () => {
  expect(signalOf(required({ verified: true }), { verified: true })?.state).toBe('known');
  expect(signalOf(required({ verified: false }), { verified: false })?.state).toBe('known');
});

test('one good scan is enough beside bad ones', () => {
  expect(signalOf(required(), { complete: false }, { commit: OTHER_COMMIT }, {})?.state).toBe('known');
});

test('of several flawed scans the nearest miss is named', () => {
  const control = required({ maxAgeHours: 1, verified: true });
  const incomplete = { complete: false };
  const old = { scannedAt: '2026-01-01T00:00:00.000Z' };
  const unverified = { verified: false };

  expect(signalOf(control, incomplete, old, unverified)?.why).toBe('unverified');
  expect(signalOf(control, incomplete, old)?.why).toBe('too-old');
  expect(signalOf(control, incomplete)?.why).toBe('incomplete');
});

test('a scan that is incomplete, old and unverified is called incomplete first', () => {
  const control = required({ maxAgeHours: 1, verified: true });

  expect(signalOf(control, { complete: false, verified: false, scannedAt: '2020-01-01T00:00:00.000Z' })?.why).toBe(
    'incomplete',
  );
  expect(signalOf(control, { verified: false, scannedAt: '2020-01-01T00:00:00.000Z' })?.why).toBe('too-old');
});

test('a signal names the tools that are accepted and who owns the control', () => {
  expect(signalOf(required({ tools: ['ghazdo'] }, { tools: ['gitleaks'] }))).toMatchObject({
    tools: ['ghazdo'],
    owner: 'group:security-leads',
  });
  expect(signalOf(required({}, { tools: ['gitleaks'] }))?.tools).toEqual(['gitleaks']);
  expect(signalOf(required())?.tools).toEqual([]);
});

test('each service must have its own evidence', () => {
  const clean = { heads: [aScanHead()] };
  const services = [aJudgedService(clean), aJudgedService({ name: 'orders-api', heads: [] })];

  const { signals, verdict } = judge(anInput({ contract: aContract(required()), services }));

  expect(verdict).toBe('block');
  expect(signals.map(({ service, state }) => [service, state])).toEqual([
    ['orders-api', 'unknown'],
    ['payments-api', 'known'],
  ]);
});

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha256:${'b'.repeat(64)}`;

function whyOf(artifact: string | undefined, ...heads: readonly Partial<ScanHead>[]) {
  const control = required({}, { category: 'provenance' });
  const services = [aJudgedService({ heads: heads.map((head) => aScanHead({ category: 'provenance', ...head })) })];
  return judge(anInput({ contract: aContract(control), artifact, services })).signals[0]?.why;
}

test('provenance is evidence for the artifact that the check names by its checksum, and for no other', () => {
  for (const artifact of [A, `registry.example/payments-api:1.4@${A}`, A.toUpperCase(), 'a'.repeat(64)]) {
    expect(whyOf(artifact, { artifacts: [B, A] })).toBeUndefined();
    expect(whyOf(artifact, { artifacts: [B] })).toBe('other-artifact');
    expect(whyOf(artifact, { artifacts: [B] }, { artifacts: [A] })).toBeUndefined();
    expect(whyOf(artifact, { artifacts: [] })).toBe('other-artifact');
    expect(whyOf(artifact, {})).toBe('other-artifact');
  }
  expect(whyOf(`payments-api@${A.slice(0, -1)}`, { artifacts: [A] })).toBe('other-artifact');
  for (const artifact of [undefined, 'payments-api:1.4']) expect(whyOf(artifact, { artifacts: [B] })).toBeUndefined();
});

test('of other controls no artifact is asked', () => {
  const services = [aJudgedService({ heads: [aScanHead()] })];
  expect(judge(anInput({ contract: aContract(required()), artifact: A, services })).signals[0]?.state).toBe('known');
});

test('what looks like a checksum and is none is never taken for a mere name', () => {
  expect([undefined, '', 'payments-api:1.4', 'v1'].map(checksumIn)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(checksumIn('x@sha256:12')).toBe('x@sha256:12');
  expect(checksumIn(`x@sha512:${'C'.repeat(128)}`)).toBe(`sha512:${'c'.repeat(128)}`);
  expect(checksumIn(`${A}-evil`)).toBe(`${A}-evil`);
});

describe('what is so in the environment, of no commit,', () => {
  const posture = { commit: NO_COMMIT, timing: 'post-deploy', scannedAt: '2026-11-23T09:20:00.000Z' } as const;

  test('never satisfies a control that wants the commit that is shipped', () => {
    expect(signalOf(required({ sameCommit: true }), posture)).toMatchObject({ state: 'unknown', why: 'absent' });
  });

  test('satisfies one that takes it, and says how old it is', () => {
    const control = required({ sameCommit: true, posture: true });

    expect(signalOf(control, posture)).toMatchObject({ state: 'known', asOf: '2026-11-23T09:20:00.000Z' });
    expect(signalOf(required({ sameCommit: false }), posture)).toMatchObject({ state: 'known' });
    expect(signalOf(control, posture, {})).not.toHaveProperty('asOf');
  });

  test('proves nothing while it was not looked at whole, or for too long', () => {
    const control = required({ posture: true, maxAgeHours: 1 });

    expect(signalOf(control, { ...posture, complete: false })).toMatchObject({ why: 'incomplete' });
    expect(signalOf(control, { ...posture, scannedAt: '2026-11-23T07:20:00.000Z' })).toMatchObject({ why: 'too-old' });
  });

  test('is too old after seven days where the control sets no limit, whatever the category', () => {
    const control = required({ posture: true });

    expect(signalOf(control, { ...posture, scannedAt: '2026-11-10T09:20:00.000Z' })).toMatchObject({ why: 'too-old' });
    expect(signalOf(control, { ...posture, scannedAt: '2026-11-20T09:20:00.000Z' })).toMatchObject({ state: 'known' });
  });

  test('is judged all the same, whatever the control wants as proof and where no control claims it', () => {
    const found = aScanHead({ ...posture, groups: [aGroup()] });
    const judged = (category: ScanHead['category']) =>
      judge(
        anInput({ contract: aContract(aControl()), services: [aJudgedService({ heads: [{ ...found, category }] })] }),
      );

    expect(judged('secret').counts.block).toBe(1);
    expect(judged('runtime').counts.warn).toBe(1);
  });
});
