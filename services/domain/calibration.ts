import { NOTHING, sum, type Tallies, type Tally, type Window } from './calibration-tally.ts';
import type { Condition, Contract, Control, Rule } from './contract.ts';
import type { Category } from './finding.ts';
import { MINUTES_A_DAY, minuteOf } from './finding-history.ts';
import type { Principal } from './person.ts';
import { ruleText } from './rule-text.ts';

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
  /** Days that a new block warns before it blocks. */
  soakDays: 14,
} as const;

/** Streams that are evidence and never a gate. */
const NEVER_GATES: readonly Category[] = ['activity'];

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
  'noisy',
] as const;

/** One thing that was measured. Shares are 0 to 1, `median-fix` and `seen-days` are days. */
export interface Reason {
  readonly code: (typeof REASONS)[number];
  /** Absent: there is nothing to measure. */
  readonly value?: number;
  readonly limit?: number;
  readonly isMet: boolean;
}

export interface Figures extends Omit<Tally, 'fixMinutes' | 'oldest' | 'since'> {
  /** Of those gone how many came back; absent where none was gone. So for each share of nothing. */
  readonly recurrence?: number;
  readonly noiseShare?: number;
  /** Of what blocks or would, what exceptions let pass. */
  readonly exceptedShare?: number;
  /** Days from the first sighting until it was gone, by nearest rank. */
  readonly medianFixDays?: number;
  readonly slowFixDays?: number;
  /** Age in days of the oldest that is open. */
  readonly oldestDays?: number;
  /** Days since the first finding was seen. */
  readonly seenDays?: number;
  readonly blockRules: number;
  readonly warnRules: number;
  /** Shortest `due` of its warn rules. */
  readonly dueDays?: number;
  /** Earliest `decideBy` of its warn rules (ISO date). Since when they warn is not known. */
  readonly decideBy?: string;
}

export interface Calibration {
  readonly control: string;
  readonly owner: Principal;
  readonly figures: Figures;
  readonly advice: Advice;
  /** What the advice rests on. */
  readonly reasons: readonly Reason[];
  /** One rule as it stands, and what could stand in its place: YAML, nothing that was done. */
  readonly change?: { readonly before: string; readonly after: readonly string[] };
}

/** What was measured, and of what. */
export interface Measurement {
  readonly kind: 'measured';
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly days: number;
  readonly contractVersion: number;
  readonly calibrations: readonly Calibration[];
  /** Services that were read, and those that were not because they are too many. */
  readonly services: number;
  readonly leftOut: number;
  /** Times that a finding was gone of which no control is known; events that imports did not keep. */
  readonly unknown: number;
  readonly unkept: number;
}

/** Of every control that may gate, what is ready first, else by name. Total, independent of the order of the tallies. */
export function calibrationsOf(contract: Contract, tallies: readonly Tallies[], window: Window): Calibration[] {
  return contract.controls
    .filter(mayGate)
    .map((control) => {
      const own = sum([NOTHING, ...tallies.flatMap(({ byControl }) => byControl.get(control.name) ?? [])]);
      return calibrationOf(contract, control, own, window);
    })
    .sort((a, b) => ADVICE.indexOf(a.advice) - ADVICE.indexOf(b.advice) || (a.control < b.control ? -1 : 1));
}

export function mayGate({ signal }: Control): boolean {
  return !NEVER_GATES.includes(signal.category);
}

function calibrationOf(contract: Contract, control: Control, tally: Tally, window: Window): Calibration {
  const figures = figuresOf(control, tally, window.now);
  const candidate = control.decisions.find((rule) => rule.then === 'warn' && isForProduction(rule.when, contract));
  const { advice, reasons } = adviceOf(contract, figures, candidate);
  const blocking = control.decisions.find(({ then }) => then === 'block');
  const change =
    advice === 'ready-to-block'
      ? promoted(candidate, contract, figures, window)
      : advice === 'step-down'
        ? demoted(blocking, figures, window)
        : undefined;
  return {
    control: control.name,
    owner: control.owner.fallback,
    figures,
    advice,
    reasons,
    ...(change === undefined ? {} : { change }),
  };
}

function figuresOf({ decisions }: Control, tally: Tally, now: string): Figures {
  const { fixMinutes, oldest, since, ...counts } = tally;
  const warns = decisions.filter(({ then }) => then === 'warn');
  const dues = warns.flatMap(({ dueDays }) => dueDays ?? []);
  const [decideBy] = warns.flatMap((rule) => rule.decideBy ?? []).sort();
  const ago = (minute: number | undefined) =>
    minute === undefined ? undefined : Math.max(0, (minuteOf(now) - minute) / MINUTES_A_DAY);
  return {
    ...counts,
    ...given('recurrence', shareOf(counts.cameBack, counts.gone)),
    ...given('noiseShare', shareOf(counts.noise, counts.open)),
    ...given('exceptedShare', shareOf(counts.excepted, counts.excepted + counts.blocking)),
    ...given('medianFixDays', rankOf(fixMinutes, 0.5)),
    ...given('slowFixDays', rankOf(fixMinutes, 0.9)),
    ...given('oldestDays', ago(oldest)),
    ...given('seenDays', ago(since)),
    blockRules: decisions.filter(({ then }) => then === 'block').length,
    warnRules: warns.length,
    ...given('dueDays', dues.length === 0 ? undefined : Math.min(...dues)),
    ...given('decideBy', decideBy),
  };
}

function given<K extends string, V>(name: K, value: V | undefined): { readonly [key in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in K]: V });
}

function shareOf(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Of rising minutes, in days. */
function rankOf(minutes: readonly number[], share: number): number | undefined {
  const minute = minutes[Math.max(0, Math.ceil(share * minutes.length) - 1)];
  return minute === undefined ? undefined : minute / MINUTES_A_DAY;
}

function isForProduction({ tier, environment }: Condition, { environments }: Contract): boolean {
  const isThere = (name: string) => environments.get(name)?.tier === 'production';
  return (
    (tier === undefined || tier.includes('production')) && (environment === undefined || environment.some(isThere))
  );
}

function isForProductionAlone({ tier, environment }: Condition, { environments }: Contract): boolean {
  const isThere = (name: string) => environments.get(name)?.tier === 'production';
  return tier === undefined ? (environment ?? ['']).every(isThere) : tier.every((one) => one === 'production');
}

function adviceOf(
  { limits }: Contract,
  figures: Figures,
  candidate: Rule | undefined,
): Pick<Calibration, 'advice' | 'reasons'> {
  const against = figures.blockRules === 0 ? [] : stepDown(figures, limits.overuseRate);
  if (against.length > 0) return { advice: 'step-down', reasons: against };
  const enough = evidenceOf(figures);
  if (!enough.some(({ isMet }) => isMet)) return { advice: 'too-little', reasons: enough };
  if (candidate === undefined) return { advice: 'keep', reasons: [{ code: 'no-warn-rule', isMet: false }] };
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
    return { code, ...given('value', value), limit, isMet: value !== undefined && value <= limit };
  };
  return [
    most('noise', noiseShare, THRESHOLDS.noise),
    most('recurrence', recurrence, THRESHOLDS.recurrence),
    dueDays === undefined ? { code: 'no-due', isMet: false } : most('median-fix', medianFixDays, dueDays),
  ];
}

/** A block in production, which still warns for a while; where the rule was about more, it stays behind it. */
function promoted(rule: Rule | undefined, contract: Contract, figures: Figures, window: Window): Calibration['change'] {
  if (rule === undefined) return undefined;
  const { because: _, decideBy: __, escalate, when, ...kept } = rule;
  const isNarrow = isForProductionAlone(when, contract);
  const block: Rule = {
    ...kept,
    when: isNarrow ? when : { ...when, tier: ['production'] },
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'block',
    from: dayAfter(window.now, THRESHOLDS.soakDays),
    justification: `Say why. ${summaryOf(figures, window)}`,
    escalate: escalate.filter(({ to }) => to !== 'block'),
  };
  return { before: ruleText(rule), after: [ruleText(block), ...(isNarrow ? [] : [ruleText(rule)])] };
}

const WARNS_FOR_DAYS = 90;
const DUE_DAYS = 14;
const LEAD_AFTER_DAYS = 30;

function demoted(rule: Rule | undefined, figures: Figures, window: Window): Calibration['change'] {
  if (rule === undefined) return undefined;
  const warn: Rule = {
    when: rule.when,
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'warn',
    because: `Say what must change. ${summaryOf(figures, window)}`,
    dueDays: rule.dueDays ?? DUE_DAYS,
    decideBy: dayAfter(window.now, WARNS_FOR_DAYS),
    escalate: [{ after: { ageDays: LEAD_AFTER_DAYS }, to: 'owner-lead' }],
  };
  return { before: ruleText(rule), after: [ruleText(warn)] };
}

function dayAfter(now: string, days: number): string {
  return new Date(Date.parse(now) + days * MINUTES_A_DAY * 60_000).toISOString().slice(0, 10);
}

/** The figures in one sentence, for the contract's own history. */
function summaryOf({ gone, medianFixDays, noiseShare, exceptedShare, recurrence }: Figures, { since, now }: Window) {
  const parts = [
    `${gone} gone in ${Math.round((minuteOf(now) - minuteOf(since)) / MINUTES_A_DAY)} days`,
    ...(medianFixDays === undefined ? [] : [`half of them within ${dayWords(medianFixDays)}`]),
    ...(recurrence === undefined ? [] : [`${percent(recurrence)} came back`]),
    ...(noiseShare === undefined ? [] : [`${percent(noiseShare)} noise`]),
    ...(exceptedShare === undefined ? [] : [`${percent(exceptedShare)} of what blocks excepted`]),
  ];
  return `Measured on ${now.slice(0, 10)}: ${parts.join(', ')}`;
}

/** One place after the point: what is above a limit must not read as the limit. */
export function percent(share: number): string {
  return `${decimal(share * 100)} %`;
}

export function dayWords(days: number): string {
  return days === 1 ? '1 day' : `${decimal(days)} days`;
}

function decimal(value: number): string {
  return String(Math.round(value * 10) / 10);
}
