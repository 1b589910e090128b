import { expect, test } from 'vitest';
import { changesBetween } from '../../services/domain/changes.ts';
import type { Category } from '../../services/domain/finding.ts';
import { aJudgement, aSignal } from '../builders.ts';

function changesWhenKnown(category: Category, required: boolean) {
  const basis = (state: 'known' | 'unknown') => ({
    judgement: aJudgement({ signals: [aSignal({ control: 'a-control', category, required, state })] }),
  });
  return changesBetween(basis('unknown'), basis('known'), true);
}

test('that a control is known to have run is told, but for a stream that stops nobody', () => {
  const told = [{ kind: 'signal', service: 'payments-api', control: 'a-control', state: 'known' }];

  expect(changesWhenKnown('secret', false)).toEqual(told);
  expect(changesWhenKnown('activity', true)).toEqual(told);
  expect(changesWhenKnown('activity', false)).toEqual([]);
});
