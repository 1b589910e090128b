import { expect, test } from 'vitest';
import { figuresOf } from '../../services/domain/calibration-figures.ts';
import { NOTHING } from '../../services/domain/calibration-tally.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { ruleOf } from '../calibrations.ts';
import { aControl, aRule, NOW } from './judge-input.ts';

const DAY = 1_440;
const figures = (tally: Partial<typeof NOTHING>, decisions = [aRule()]) =>
  figuresOf(aControl({ decisions }), { ...NOTHING, ...tally }, NOW);

test('ages are days before now, and none where nothing was seen', () => {
  const ages = figures({ oldest: minuteOf(NOW) - 3 * DAY, since: minuteOf(NOW) - 12 * DAY });
  expect([ages.oldestDays, ages.seenDays]).toEqual([3, 12]);
  // A clock that was behind made it.
  expect(figures({ oldest: minuteOf(NOW) + DAY }).oldestDays).toBe(0);
  expect(figures({})).not.toHaveProperty('oldestDays');
});

test('times to fix are the one in the middle and the ninth of ten, in days', () => {
  const fixMinutes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((days) => days * DAY);
  expect(figures({ fixMinutes })).toMatchObject({ medianFixDays: 5, slowFixDays: 9 });
  expect(figures({ fixMinutes: [2 * DAY] })).toMatchObject({ medianFixDays: 2, slowFixDays: 2 });
  expect(figures({})).not.toHaveProperty('medianFixDays');
});

test('shares are of what there is, and absent of nothing', () => {
  expect(figures({ open: 8, noise: 2, gone: 4, cameBack: 1, blocking: 3, excepted: 1 })).toMatchObject({
    recurrence: 0.25,
    noiseShare: 0.25,
    exceptedShare: 0.25,
  });
  for (const share of ['recurrence', 'noiseShare', 'exceptedShare']) expect(figures({})).not.toHaveProperty(share);
});

test('of its warn rules the shortest time and the earliest day count', () => {
  const warns = [
    ruleOf('warn', { dueDays: 30, decideBy: '2027-03-01' }),
    ruleOf('warn', { dueDays: 14, decideBy: '2027-02-01' }),
    ruleOf('warn'),
  ];
  expect(figures({}, [aRule(), ...warns])).toMatchObject({
    ...{ blockRules: 1, warnRules: 3, dueDays: 14, decideBy: '2027-02-01' },
  });
  expect(figures({}, [aRule()])).not.toHaveProperty('dueDays');
});
