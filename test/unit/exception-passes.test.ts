import { expect, test } from 'vitest';
import { calibrationsOf } from '../../services/domain/calibration.ts';
import {
  deploymentsIn,
  type ExceptionHabits,
  habitsOf,
  habitsSince,
  type Pass,
  passOf,
} from '../../services/domain/exception-passes.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { aGate, aJudgedGroup, aJudgement, aWarning } from '../builders.ts';
import { daysAgo, ruleOf, WINDOW } from '../calibrations.ts';
import { aRecord } from '../exceptions.ts';
import { aContract, aControl, anEnvironment, fingerprint, NOW } from './judge-input.ts';

const CONTRACT = {
  ...aContract(),
  environments: new Map([
    ['prod', anEnvironment()],
    ['staging', anEnvironment({ name: 'staging', tier: 'non-production' })],
  ]),
};
const prints = (count: number, from = 1) => Array.from({ length: count }, (_, n) => fingerprint(from + n));
const blocked = (...fingerprints: string[]) => aJudgedGroup({ fingerprints });
const excepted = (...fingerprints: string[]) => aJudgedGroup({ fingerprints, decision: 'warn', exceptionId: 'EX-12' });
const VERDICT = { result: 'succeeded', reason: 'approved', lines: [], sealedAt: NOW, subjectChecksum: '' } as const;

const released = (over: Partial<Gate> = {}) =>
  aGate({
    state: 'approved',
    verdict: VERDICT,
    receivedAt: daysAgo(3),
    judgement: aJudgement({ warns: [excepted(fingerprint(1)), aWarning()] }),
    ...over,
  });

function passes(...gates: readonly Gate[]): Pass[] {
  return gates.map((gate) => passOf(CONTRACT, gate)).filter((pass) => pass !== undefined);
}

function habits(all: readonly Pass[], exceptions = [aRecord()], contract = CONTRACT): ExceptionHabits {
  const found = habitsOf(contract, { passes: all, exceptions }, WINDOW).get('secret-scanning');
  if (found === undefined) throw new Error('nothing is known of it');
  return found;
}

test('a production deployment passed only by an exception when what it let pass would have blocked it', () => {
  const clean = released({ judgement: aJudgement({ warns: [aWarning()] }) });
  const all = passes(released(), clean);

  expect(habits(all)).toMatchObject({ deployments: 2, exceptedDeployments: 1 });
  expect(deploymentsIn(all, WINDOW)).toEqual({ all: 2, excepted: 1 });
});

test.each<[string, Partial<Gate>]>([
  ['that was not let through', { state: 'failed', verdict: { ...VERDICT, result: 'failed', reason: 'blocked' } }],
  ['that went past the gate', { state: 'bypassed' }],
  ['that was not enforced', { observed: true }],
  ['of another tier', { environment: 'staging' }],
  ['before the window', { receivedAt: daysAgo(91) }],
])('a deployment %s is none that an exception let pass to production', (_, over) => {
  expect(habits(passes(released(over)))).toMatchObject({ deployments: 0, exceptedDeployments: 0 });
});

test('what was never judged tells nothing', () => {
  const { judgement: _, ...gate } = released();
  expect(passOf(CONTRACT, gate)).toBeUndefined();
});

test('how many exceptions are in force, renewed, and for how long', () => {
  const granted = (days: number, over = {}) => aRecord({ grantedAt: daysAgo(days), ...over });
  const renewed = granted(4, { renewal: { number: 1, of: 2 } });
  const over = [aRecord({ state: 'suspended' }), aRecord({ terms: { until: '2026-11-22' } })];
  const other = aRecord({ target: { control: 'sast' } });

  expect(habits([], [granted(10), renewed, granted(40), ...over, other])).toMatchObject({
    inForce: 3,
    renewals: 1,
    medianAgeDays: 10,
    oldestAgeDays: 40,
  });
  expect(habits([], [])).not.toHaveProperty('oldestAgeDays');
});

/** In a period that many days ago, ten findings of which so many were let pass. */
const period = (days: number, let_pass: number) =>
  released({
    receivedAt: daysAgo(days),
    judgement: aJudgement({
      blocks: [blocked(...prints(10 - let_pass, 1 + let_pass))],
      warns: [excepted(...prints(let_pass))],
    }),
  });

test('the share of each period is of what blocked or would have; a finding counts once, as excepted if it ever was', () => {
  expect(habits(passes(period(5, 3), period(35, 2))).periods).toEqual([0.3, 0.2]);
  expect(habits(passes(period(5, 3), period(6, 4))).periods).toEqual([0.4, undefined]);
});

test('of fewer than ten findings there is no share', () => {
  expect(habits(passes(released())).periods).toEqual([undefined, undefined]);
});

test('a control is eroded once it was over the rate in every one of the periods, never at the rate', () => {
  expect(habits(passes(period(5, 3), period(35, 3))).isEroded).toBe(true);
  expect(habits(passes(period(5, 3), period(35, 2))).isEroded).toBe(false);
  expect(habits(passes(period(5, 3))).isEroded).toBe(false);
  expect(habits(passes(period(30.01, 3), period(59, 3))).isEroded).toBe(false);
});

test('how many periods it takes is the contract that says it, however short the window is', () => {
  const limits = { ...CONTRACT.limits, erodedAfterPeriods: 4 };
  const all = passes(period(5, 3), period(35, 3), period(65, 3));
  expect(habits(all, [], { ...CONTRACT, limits }).isEroded).toBe(false);
  expect(habits([...all, ...passes(period(95, 3))], [], { ...CONTRACT, limits }).isEroded).toBe(true);
  expect(habitsSince({ limits }, WINDOW)).toBe(daysAgo(120));
  expect(habitsSince(CONTRACT, WINDOW)).toBe(daysAgo(90));
});

test('an eroded control that blocks should step down, whatever is open now', () => {
  const control = aControl({ decisions: [ruleOf('block')] });
  const known = new Map([['secret-scanning', habits(passes(period(5, 3), period(35, 3)))]]);
  const [calibration] = calibrationsOf(aContract(control), [], WINDOW, known);

  expect(calibration).toMatchObject({
    advice: 'step-down',
    reasons: [{ code: 'eroded', value: 2, limit: 0.2, isMet: true }],
    habits: { isEroded: true },
  });
});
