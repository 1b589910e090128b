import type { Baseline, TakenAt } from './baseline.ts';
import type { Drift } from './drift.ts';

/** How one service in one environment differs from what was approved, for whoever reads it. */
export interface DriftView {
  /** Organization URL, and its short id. */
  readonly organization: string;
  readonly org: string;
  readonly service: string;
  readonly environment: string;
  readonly drift: Drift;
  readonly taken: TakenAt;
  /** How much is in the baseline. */
  readonly entries: number;
  /** Acceptances in force, the first to end first. */
  readonly accepted: Baseline['accepted'];
  /** How long an acceptance lasts, in days; absent: for good. */
  readonly acceptedDays?: number;
}

export function driftView(
  where: Pick<DriftView, 'organization' | 'org' | 'service' | 'environment' | 'acceptedDays'>,
  { taken, entries, accepted }: Baseline,
  drift: Drift,
  now: string,
): DriftView {
  const inForce = accepted.filter(({ until }) => until > now).sort((a, b) => (a.until < b.until ? -1 : 1));
  return { ...where, drift, taken, entries: entries.length, accepted: inForce };
}
