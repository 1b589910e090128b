import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Calibration } from '../../services/domain/calibration.ts';
import { type Erosion, erosionsOf, withErosions } from '../../services/domain/erosion.ts';
import { judge } from '../../services/domain/judge.ts';
import { subjectChecksumOf } from '../../services/domain/subject.ts';
import { aGate, aJudgedGroup, aJudgement, aRunSources } from '../builders.ts';
import { aMeasurement, calibrationOf } from '../cards/calibration-samples.ts';
import { anyInput } from './any-judge-input.ts';
import { aControl, NOW } from './judge-input.ts';

const HABITS = { inForce: 0, renewals: 0, deployments: 0, exceptedDeployments: 0, periods: [0.5, 0.3], isEroded: true };
const DAY_BEFORE = '2026-11-22T09:31:00.000Z';

function calibrated(over: Partial<Calibration> = {}): Calibration {
  return { ...calibrationOf(aMeasurement(), 'iac'), habits: HABITS, ...over };
}

const eroded = (over: Partial<Erosion> = {}): Erosion => ({
  control: 'secret-scanning',
  since: DAY_BEFORE,
  at: NOW,
  share: 0.3,
  periods: 2,
  ...over,
});

test('an eroded control is noted with the least that exceptions let pass in any of its periods', () => {
  expect(erosionsOf([calibrated()], [], NOW)).toEqual([
    { control: 'iac', since: NOW, at: NOW, share: 0.3, periods: 2 },
  ]);
  expect(erosionsOf([calibrated({ habits: { ...HABITS, isEroded: false } })], [], NOW)).toEqual([]);
  const { habits: _, ...unread } = calibrated();
  expect(erosionsOf([unread], [], NOW)).toEqual([]);
});

test('it is eroded since the first measurement that found it, until one does not', () => {
  const before = [eroded({ control: 'iac', since: DAY_BEFORE, at: DAY_BEFORE }), eroded()];
  expect(erosionsOf([calibrated()], before, NOW)).toMatchObject([{ since: DAY_BEFORE, at: NOW }]);
  expect(erosionsOf([calibrated()], [eroded()], NOW)).toMatchObject([{ since: NOW }]);
});

test('said of what blocks alone, with who owns the control, not the service', () => {
  const controls = [aControl(), aControl({ name: 'iac' })];
  const blocked = aJudgement({ blocks: [aJudgedGroup()] });
  const all = [eroded(), eroded({ control: 'iac' }), eroded({ control: 'gone' })];

  expect(withErosions(blocked, all, controls).eroded).toEqual([
    { control: 'secret-scanning', owner: aControl().owner.fallback, share: 0.3, periods: 2 },
  ]);
  expect(withErosions(blocked, [], controls)).not.toHaveProperty('eroded');
  expect(withErosions(aJudgement({ warns: [aJudgedGroup()] }), all, controls)).not.toHaveProperty('eroded');
});

test('what nobody has measured for three days is not said any more', () => {
  const at = aJudgement().at;
  const daysBefore = (days: number) => new Date(Date.parse(at) - days * 86_400_000).toISOString();
  const said = (days: number) =>
    withErosions(aJudgement({ blocks: [aJudgedGroup()] }), [eroded({ at: daysBefore(days) })], [aControl()]).eroded;

  expect(said(2.9)).toHaveLength(1);
  expect(said(3)).toBeUndefined();
});

test('whatever is eroded, a judgement decides the same and binds an approval to the same', () => {
  fc.assert(
    fc.property(anyInput, fc.double({ min: 0, max: 1, noNaN: true }), (input, share) => {
      const { controls } = input.contract;
      const judgement = judge(input);
      const all = controls.map(({ name }) => eroded({ control: name, at: input.now, share }));
      const { eroded: marks = [], ...decided } = withErosions(judgement, all, controls);

      expect(decided).toEqual(judgement);
      expect(new Set(marks.map(({ control }) => control))).toEqual(
        new Set(judgement.blocks.flatMap(({ control }) => control ?? [])),
      );
      const bound = (one: typeof judgement) => subjectChecksumOf(aGate(), aRunSources(), one);
      expect(bound(withErosions(judgement, all, controls))).toBe(bound(judgement));
    }),
    { numRuns: 300 },
  );
});
