import { expect, test } from 'vitest';
import { decisionsIn, decisionsOf } from '../../services/domain/judge.ts';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { aScanHead } from '../scans.ts';
import { aGroup, aJudgedService, anInput } from './judge-input.ts';

/** How many of its groups are looked at in each step. */
function judgedInSteps(count: number) {
  let looked = 0;
  const groups = Array.from({ length: count }, (_, n): FindingGroup => {
    const group = aGroup({ rule: `rule-${n}` });
    return Object.defineProperty({ ...group }, 'suppressed', {
      enumerable: true,
      get: () => {
        looked += 1;
        return false;
      },
    });
  });
  const input = anInput({ services: [aJudgedService({ heads: [aScanHead({ groups })] })] });
  const steps: number[] = [];
  const judging = decisionsIn(input);
  for (let step = judging.next(); step.done !== true; step = judging.next()) {
    steps.push(looked);
    looked = 0;
  }
  return { steps, input };
}

test('no step of a judgement looks at more than some groups, however many there are', () => {
  const { steps } = judgedInSteps(1_000);

  const [most] = steps.toSorted((a, b) => b - a);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(400);
});

test('in steps the same is decided as at once', () => {
  const { input } = judgedInSteps(120);

  expect(decisionsOf(input)).toHaveLength(120);
});
