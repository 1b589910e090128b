import { expect, test } from 'vitest';
import { calibrationsOf } from '../../services/domain/calibration.ts';
import { tallied } from '../../services/domain/calibration-facts.ts';
import { aLife, lives, ruleOf, someFacts, WINDOW } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, fingerprint } from './judge-input.ts';

// How much noise, and how many that come back, a control may have that is to block.

const MENDED = [40, 38];
const BACK = [30, 29, 28];

function adviceFor(facts: Parameters<typeof someFacts>[0]) {
  const contract = aContract(aControl({ decisions: [ruleOf('warn', { dueDays: 14 })] }));
  return calibrationsOf(contract, [tallied(contract, someFacts(facts), WINDOW)], WINDOW)[0]?.advice;
}

/** Twenty open findings, so many of them suppressed in the report. */
const openOf = (suppressed: number) =>
  [false, true].map((isSuppressed) => {
    const count = isSuppressed ? suppressed : 20 - suppressed;
    const fingerprints = Array.from({ length: count }, (_, n) => fingerprint(isSuppressed ? 500 + n : 1 + n));
    return aScanHead({ groups: [aGroup({ fingerprints, suppressed: isSuppressed })] });
  });

test.each([
  [1, 'ready-to-block'],
  [2, 'keep'],
])('of 20 open findings %i are noise: %s', (suppressed, advice) => {
  const events = lives(...Array.from({ length: 20 }, () => aLife(...MENDED)));

  expect(adviceFor({ heads: openOf(suppressed), events })).toBe(advice);
});

test.each([
  [2, 'ready-to-block'],
  [3, 'keep'],
])('of 20 that were gone %i came back: %s', (back, advice) => {
  const events = lives(...Array.from({ length: 20 }, (_, n) => aLife(...(n < back ? BACK : MENDED))));

  expect(adviceFor({ events })).toBe(advice);
});
