import type { Acceptance, Baseline, EntryKind, TakenAt } from './baseline.ts';
import { type Change, changeOf, type Drift } from './drift.ts';

/** How one service in one environment differs from what was approved, for whoever reads it. */
export interface DriftView {
  /** Organization URL, and its short id. */
  readonly organization: string;
  readonly org: string;
  readonly service: string;
  readonly environment: string;
  readonly drift: Drift;
  readonly taken: TakenAt;
  /** How much of each kind is in the baseline. */
  readonly contents: Readonly<Partial<Record<EntryKind, number>>>;
  /** Acceptances in force, the first to end first. */
  readonly accepted: readonly AcceptedChange[];
  /** How long an acceptance lasts, in days; absent: for good. */
  readonly acceptedDays?: number;
}

/** What was accepted, as it differs from the baseline. */
export interface AcceptedChange extends Pick<Acceptance, 'by' | 'until'> {
  readonly change: Change;
}

export function driftView(
  where: Pick<DriftView, 'organization' | 'org' | 'service' | 'environment' | 'acceptedDays'>,
  { taken, entries, accepted }: Baseline,
  drift: Drift,
  now: string,
): DriftView {
  const inForce = accepted.filter(({ until }) => until > now).sort((a, b) => (a.until < b.until ? -1 : 1));
  const approved = new Map(entries.map((entry) => [entry.key, entry]));
  const shown = inForce.flatMap(({ key, entry, by, until }): AcceptedChange[] => {
    const change = changeOf(key, approved.get(key), entry);
    return change === undefined ? [] : [{ change, by, until }];
  });
  const contents = Object.fromEntries(
    [...Map.groupBy(entries, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]),
  );
  return { ...where, drift, taken, contents, accepted: shown };
}
