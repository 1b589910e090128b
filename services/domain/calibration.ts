import { type Change, demotion, promotable, promotion } from './calibration-change.ts';
import { type Figures, figuresOf } from './calibration-figures.ts';
import { NOTHING, sum, type Tallies, type Tally, type Window } from './calibration-tally.ts';
import type { Contract, Control } from './contract.ts';
import type { ExceptionHabits } from './exception-passes.ts';
import { neverGates } from './finding.ts';
import type { Principal } from './person.ts';

/** What a control is measured by (docs/contract.md, "When is a control ready to block"). */
export const THRESHOLDS = {
  /** Enough is known once a finding was gone so often, or … */
  gone: 20,
  /** … so often, if the first one was seen so long ago. */
  goneInTime: 5,
  seenDays: 30,
  /** At most these shares for a control that is to block. */
  noise: 0.05,
  recurrence: 0.1,
  /** More than this and a control that blocks should not. */
  noisy: 0.3,
  /** Shares of fewer findings take no block away. */
  leastOfShare: 10,
} as const;

export const ADVICE = ['ready-to-block', 'step-down', 'keep', 'too-little'] as const;
export type Advice = (typeof ADVICE)[number];

export const REASONS = [
  'gone',
  'seen-days',
  'noise',
  'recurrence',
  'median-fix',
  'no-due',
  'no-warn-rule',
  'overuse',
  'eroded',
  'noisy',
] as const;

/** One thing that was measured. Shares are 0 to 1, `median-fix` and `seen-days` are days, `eroded` periods. */
export interface Reason {
  readonly code: (typeof REASONS)[number];
  /** Absent: there is nothing to measure. */
  readonly value?: number;
  readonly limit?: number;
  readonly isMet: boolean;
}

export interface Calibration {
  readonly control: string;
  readonly owner: Principal;
  readonly figures: Figures;
  /** Absent where requests were not read. */
  readonly habits?: ExceptionHabits;
  readonly advice: Advice;
  /** What the advice rests on. */
  readonly reasons: readonly Reason[];
  /** Nothing that was done. */
  readonly change?: Change;
}

/** What was measured, and of what. */
export interface Measurement {
  readonly kind: 'measured';
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly days: number;
  readonly contractVersion: number;
  /** Production deployments that were let through, and those of them that passed only by an exception. */
  readonly deployments: { readonly all: number; readonly excepted: number };
  readonly calibrations: readonly Calibration[];
  /** Services that were read, and those that were not because they are too many. */
  readonly services: number;
  readonly leftOut: number;
  /** Times that a finding was gone of which no control is known; events that imports did not keep. */
  readonly unknown: number;
  readonly unkept: number;
}

/** Of every control that may gate, what is ready first, else by name. Total, independent of the order of the tallies. */
export function calibrationsOf(
  contract: Contract,
  tallies: readonly Tallies[],
  window: Window,
  habits: ReadonlyMap<string, ExceptionHabits> = new Map(),
): Calibration[] {
  return contract.controls
    .filter(mayGate)
    .map((control) => {
      const own = sum([NOTHING, ...tallies.flatMap(({ byControl }) => byControl.get(control.name) ?? [])]);
      return calibrationOf(contract, control, own, { window, habits: habits.get(control.name) });
    })
    .sort((a, b) => ADVICE.indexOf(a.advice) - ADVICE.indexOf(b.advice) || (a.control < b.control ? -1 : 1));
}

export function mayGate({ signal }: Control): boolean {
  return !neverGates(signal.category);
}

interface Basis {
  readonly window: Window;
  readonly habits: ExceptionHabits | undefined;
}

function calibrationOf(contract: Contract, control: Control, tally: Tally, { window, habits }: Basis): Calibration {
  const figures = figuresOf(control, tally, window.now);
  const warns = promotable(contract, control);
  const { advice, reasons } = adviceOf(contract, figures, { hasWarning: warns.length > 0, habits });
  const asked = { contract, control, figures, window };
  const change =
    advice === 'ready-to-block' ? promotion(warns, asked) : advice === 'step-down' ? demotion(asked) : undefined;
  return {
    control: control.name,
    owner: control.owner.fallback,
    figures,
    ...(habits === undefined ? {} : { habits }),
    advice,
    reasons,
    ...(change === undefined ? {} : { change }),
  };
}

function adviceOf(
  { limits }: Contract,
  figures: Figures,
  { hasWarning, habits }: { readonly hasWarning: boolean; readonly habits: ExceptionHabits | undefined },
): Pick<Calibration, 'advice' | 'reasons'> {
  const eroded: Reason[] =
    habits?.isEroded === true
      ? [{ code: 'eroded', value: habits.periods.length, limit: limits.overuseRate, isMet: true }]
      : [];
  const against = figures.blockRules === 0 ? [] : [...stepDown(figures, limits.overuseRate), ...eroded];
  if (against.length > 0) return { advice: 'step-down', reasons: against };
  const enough = evidenceOf(figures);
  if (!enough.some(({ isMet }) => isMet)) return { advice: 'too-little', reasons: enough };
  if (!hasWarning) return { advice: 'keep', reasons: [{ code: 'no-warn-rule', isMet: false }] };
  const measured = [...enough.filter(({ isMet }) => isMet), ...readiness(figures)];
  return { advice: measured.every(({ isMet }) => isMet) ? 'ready-to-block' : 'keep', reasons: measured };
}

function stepDown({ open, noiseShare = 0, blocking, excepted, exceptedShare = 0 }: Figures, rate: number): Reason[] {
  const { leastOfShare, noisy } = THRESHOLDS;
  const isOverused = blocking + excepted >= leastOfShare && exceptedShare > rate;
  const isNoisy = open >= leastOfShare && noiseShare > noisy;
  return [
    ...(isOverused ? [{ code: 'overuse', value: exceptedShare, limit: rate, isMet: true } as const] : []),
    ...(isNoisy ? [{ code: 'noisy', value: noiseShare, limit: noisy, isMet: true } as const] : []),
  ];
}

function evidenceOf({ gone, seenDays = 0 }: Figures): Reason[] {
  const { goneInTime, seenDays: longEnough } = THRESHOLDS;
  return [
    { code: 'gone', value: gone, limit: THRESHOLDS.gone, isMet: gone >= THRESHOLDS.gone },
    { code: 'seen-days', value: seenDays, limit: longEnough, isMet: seenDays >= longEnough && gone >= goneInTime },
  ];
}

/** What cannot be measured is not met, but for a control of which nothing is open: then nothing is noise. */
function readiness({ noiseShare = 0, recurrence, medianFixDays, dueDays }: Figures): Reason[] {
  const most = (code: Reason['code'], value: number | undefined, limit: number): Reason => {
    return { code, ...(value === undefined ? {} : { value }), limit, isMet: value !== undefined && value <= limit };
  };
  return [
    most('noise', noiseShare, THRESHOLDS.noise),
    most('recurrence', recurrence, THRESHOLDS.recurrence),
    dueDays === undefined ? { code: 'no-due', isMet: false } : most('median-fix', medianFixDays, dueDays),
  ];
}
