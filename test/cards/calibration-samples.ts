import { calibrationCard, calibrationNewsCard, controlCalibrationCard } from '../../cards/calibration-card.ts';
import { type Calibration, calibrationsOf, type Measurement } from '../../services/domain/calibration.ts';
import { tallied } from '../../services/domain/calibration-facts.ts';
import type { Control } from '../../services/domain/contract.ts';
import { aLife, lives, pastOf, ruleOf, someFacts, WINDOW } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, fingerprint, NOW } from '../unit/judge-input.ts';
import { TWO_ENVIRONMENTS } from '../unit/lint-cases.ts';
import type { CardSample } from './samples.ts';

const WARN = ruleOf('warn', {
  when: { severity: ['critical', 'high'] },
  because: 'Needs calibration',
  dueDays: 14,
  decideBy: '2027-03-01',
  escalate: [{ after: { ageDays: 30 }, to: 'owner-lead' }],
});

/** Secrets: 24 that were mended within two days, of which one came back, and three that are open. */
export const READY = aControl({ decisions: [WARN] });
export const STEPPING = aControl({ name: 'iac', signal: { category: 'iac' }, decisions: [ruleOf('block')] });
const UNSEEN = aControl({ name: 'provenance', signal: { category: 'provenance' }, decisions: [WARN] });

export function aMeasurement(
  controls: readonly Control[] = [READY, STEPPING, UNSEEN],
  over: Partial<Measurement> = {},
): Measurement {
  const contract = { ...aContract(...controls), environments: TWO_ENVIRONMENTS };
  const prints = (from: number, count: number) => Array.from({ length: count }, (_, n) => fingerprint(from + n));
  const heads = [
    aScanHead({ groups: [aGroup({ fingerprints: prints(1, 3) })] }),
    aScanHead({
      category: 'iac',
      tool: 'checkov',
      groups: [aGroup({ fingerprints: prints(10, 8), suppressed: true })],
    }),
    aScanHead({ category: 'iac', tool: 'checkov', groups: [aGroup({ rule: 'CKV_2', fingerprints: prints(20, 4) })] }),
  ];
  const mended = Array.from({ length: 23 }, (_, n) => aLife(40 - n, 38 - n));
  const pasts = new Map(prints(1, 3).map((one, n) => [one, pastOf(20 + 50 * n)]));
  const facts = someFacts({ heads, pasts, events: lives(...mended, aLife(30, 29, 20)) });
  return {
    kind: 'measured',
    at: NOW,
    days: 90,
    contractVersion: 7,
    deployments: { all: 40, excepted: 5 },
    calibrations: calibrationsOf(contract, [tallied(contract, facts, WINDOW)], WINDOW),
    services: 1,
    leftOut: 0,
    unknown: 0,
    unkept: 0,
    ...over,
  };
}

export function calibrationOf(measured: Measurement, control: string): Calibration {
  const found = measured.calibrations.find((one) => one.control === control);
  if (found === undefined) throw new Error(`nothing is said of ${control}`);
  return found;
}

/** The cards of `calibration`. */
export function calibrationSamples(): CardSample[] {
  const measured = aMeasurement(undefined, { leftOut: 12, unknown: 3, unkept: 150 });
  const one = (control: string) => controlCalibrationCard(measured, calibrationOf(measured, control));
  return [
    { name: 'calibration', card: calibrationCard(measured) },
    { name: 'calibration-none', card: calibrationCard(aMeasurement([])) },
    { name: 'calibration-ready', card: one('secret-scanning') },
    { name: 'calibration-step-down', card: one('iac') },
    {
      name: 'calibration-news',
      card: calibrationNewsCard({ measured, calibration: calibrationOf(measured, 'iac') }),
    },
    { name: 'calibration-too-little', card: one('provenance') },
  ];
}
