import { describe, expect, test } from 'vitest';
import { type Advice, type Calibration, calibrationsOf } from '../../services/domain/calibration.ts';
import type { Change } from '../../services/domain/calibration-change.ts';
import { NOTHING, type Tally } from '../../services/domain/calibration-tally.ts';
import { MINUTES_A_DAY } from '../../services/domain/finding-history.ts';
import { WINDOW } from '../calibrations.ts';
import { lintedWith, SAMPLE } from '../linted-change.ts';

const READY: Tally = { ...NOTHING, open: 2, gone: 30, fixMinutes: Array(30).fill(2 * MINUTES_A_DAY), services: 3 };
const NOISY: Tally = { ...NOTHING, open: 20, noise: 9, blocking: 12, excepted: 8, services: 3 };

/** What is said of the controls of the sample, were all of them measured so. */
function changes(tally: Tally, advice: Advice): [string, Change | undefined][] {
  const byControl = new Map(SAMPLE.controls.map(({ name }) => [name, tally]));
  return calibrationsOf(SAMPLE, [{ byControl, unknown: 0 }], WINDOW)
    .filter((one) => one.advice === advice)
    .map(({ control, change }: Calibration) => [control, change]);
}

describe('pasted into the sample, the change loads and passes lint', () => {
  const ready = changes(READY, 'ready-to-block');
  const noisy = changes(NOISY, 'step-down');

  test('there is one to test for every control that warns in production, and for every one that blocks', () => {
    const { controls } = SAMPLE;
    const names = (then: 'warn' | 'block') =>
      controls.flatMap(({ name, decisions }) => (decisions.some((rule) => rule.then === then) ? [name] : []));
    const onlyElsewhere = ['provenance'];

    expect(ready.map(([name]) => name)).toEqual(
      names('warn')
        .filter((name) => !onlyElsewhere.includes(name))
        .sort(),
    );
    expect(noisy.map(([name]) => name)).toEqual(names('block').sort());
  });

  test.each(ready)('a block of %s, which has warned for long enough when it begins', async (control, change) => {
    const { exitCode, remarks, rules } = await lintedWith(control, change);

    expect({ exitCode, remarks }).toEqual({ exitCode: 0, remarks: [] });
    expect(rules).toEqual(expect.arrayContaining([...(change?.after ?? [])]));
    expect(change?.after[0]).toContain('then: block, from: 2026-12-07');
  });

  test.each(noisy)('a warning in the place of a block of %s', async (control, change) => {
    const { exitCode, remarks, rules } = await lintedWith(control, change);

    expect({ exitCode, remarks }).toEqual({ exitCode: 0, remarks: [] });
    expect(rules[change?.index ?? -1]).toBe(change?.after[0]);
    expect(change?.after[0]).toContain('decideBy: 2027-02-21');
  });
});
