import type { Category } from '../services/domain/finding.ts';
import type { ControlSignal, JudgedSignals } from '../services/domain/judgement.ts';
import { ageWords } from './age-words.ts';
import type { Check } from './check-row.ts';
import { counted, grouped, listOf } from './names.ts';
import { plain } from './text.ts';
import { UNKNOWN_WORDS } from './words.ts';

const CONTROL_MAX = 60;

/** What the contract's controls of these categories say. */
export function controlCheck(judgement: JudgedSignals | undefined, categories: readonly Category[]): Check {
  if (judgement === undefined) return { state: 'unknown', detail: 'not judged yet' };
  if (judgement.contract === undefined) return { state: 'unknown', detail: 'no contract in force' };
  const signals = judgement.signals.filter(({ category }) => categories.includes(category));
  const blocking = sumOf(judgement.blocks, categories);
  const warning = sumOf(judgement.warns, categories);
  const known = signals.filter(({ state }) => state === 'known');
  if (blocking > 0) return { state: 'fail', detail: `${findings(blocking)} blocking`, ...oldest(known) };
  const unknown = signals.filter(({ state }) => state === 'unknown');
  const required = unknown.filter(({ required }) => required);
  if (required.length > 0) return { state: 'missing', detail: notScanned(required) };
  if (known.length > 0) {
    const detail = `${reported(known)}${asOldAs(known, judgement.at)}${warned(warning)}${besides(unknown)}`;
    return { state: 'pass', detail, ...oldest(known) };
  }
  if (unknown.length > 0) return { state: 'unknown', detail: notScanned(unknown) };
  if (warning > 0)
    return { state: 'unknown', detail: `${findings(warning)}, but no control of the contract is for it` };
  return { state: 'not connected', detail: 'no control for it' };
}

function sumOf(groups: JudgedSignals['blocks'], categories: readonly Category[]): number {
  return groups.filter(({ category }) => categories.includes(category)).reduce((sum, { count }) => sum + count, 0);
}

function notScanned(signals: readonly ControlSignal[]): string {
  const [first] = signals;
  const why = signals.length === 1 && first?.why !== undefined ? UNKNOWN_WORDS[first.why] : 'no usable report';
  return `${why} (${namesOf(signals)})`;
}

function namesOf(signals: readonly ControlSignal[]): string {
  return listOf([...new Set(signals.map(({ control }) => plain(control, CONTROL_MAX)))], 3);
}

/** What is not required here is said all the same: silence would pass for clean. */
function besides(unknown: readonly ControlSignal[]): string {
  return unknown.length === 0 ? '' : `; not scanned: ${namesOf(unknown)}`;
}

function findings(count: number): string {
  return counted(count, 'finding');
}

function reported(signals: readonly ControlSignal[]): string {
  return `${namesOf(signals)} reported`;
}

function oldest(signals: readonly ControlSignal[]): Pick<Check, 'asOf'> {
  const [asOf] = signals.flatMap((one) => one.asOf ?? []).sort();
  return asOf === undefined ? {} : { asOf };
}

/** Of the oldest, when it was judged: what is so whatever is deployed is looked at by the hour. */
function asOldAs(signals: readonly ControlSignal[], judgedAt: string): string {
  const { asOf } = oldest(signals);
  return asOf === undefined ? '' : ` ${ageWords(asOf, judgedAt)} earlier`;
}

function warned(count: number): string {
  return count === 0 ? '' : `, ${grouped(count)} to mend later`;
}
