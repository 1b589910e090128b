import type { Calibration } from './calibration.ts';
import type { Control } from './contract.ts';
import { MINUTES_A_DAY } from './finding-history.ts';
import { plusMinutes } from './instant.ts';
import type { Judgement } from './judgement.ts';

/** That exceptions let pass too much of what a control blocks, as it was last measured. */
export interface Erosion {
  readonly control: string;
  /** ISO-8601 UTC; the first measurement that found it, without one since that did not. */
  readonly since: string;
  /** ISO-8601 UTC; the last one. */
  readonly at: string;
  /** 0 to 1: exceptions let pass at least so much of it in each of these periods. */
  readonly share: number;
  /** How many of `PERIOD_DAYS`, up to `at`. */
  readonly periods: number;
}

/** `before`: what the measurement before this one found. */
export function erosionsOf(
  calibrations: readonly Calibration[],
  before: readonly Erosion[],
  at: string,
): readonly Erosion[] {
  return calibrations.flatMap(({ control, habits }) => {
    if (habits?.isEroded !== true) return [];
    const since = before.find((one) => one.control === control)?.since ?? at;
    const share = Math.min(...habits.periods.map((share) => share ?? 0));
    return [{ control, since, at, share, periods: habits.periods.length }];
  });
}

/** What was measured longer ago is not said any more: nobody has measured since. */
const KNOWN_FOR_DAYS = 3;

/** Says of each control that blocks something here whether exceptions have eroded it; decides nothing. */
export function withErosions(
  judgement: Judgement,
  erosions: readonly Erosion[],
  controls: readonly Control[],
): Judgement {
  const blocking = new Set(judgement.blocks.map(({ control }) => control));
  const isKnown = ({ at }: Erosion) => plusMinutes(at, KNOWN_FOR_DAYS * MINUTES_A_DAY) > judgement.at;
  const eroded = controls.flatMap(({ name: control, owner }) => {
    const erosion = erosions.find((one) => one.control === control && blocking.has(control) && isKnown(one));
    if (erosion === undefined) return [];
    const { share, periods } = erosion;
    return [{ control, owner: owner.fallback, share, periods }];
  });
  return eroded.length === 0 ? judgement : { ...judgement, eroded };
}
