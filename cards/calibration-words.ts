import { type Advice, type Reason, THRESHOLDS } from '../services/domain/calibration.ts';
import { dayWords, percent } from '../services/domain/calibration-figures.ts';
import { PERIOD_DAYS } from '../services/domain/exception-passes.ts';
import type { Tone } from './card.ts';
import { plain } from './text.ts';
import { unknownNameSentence } from './who-approves-card.ts';
import { OBSTACLE_WORDS } from './words.ts';

const NAME_MAX = 64;

export const ADVICE_WORDS: Readonly<
  Record<Advice, { readonly symbol: string; readonly word: string; readonly tone: Tone | 'emphasis' }>
> = {
  'ready-to-block': { symbol: '✓', word: 'Ready to block', tone: 'good' },
  'step-down': { symbol: '✗', word: 'Should step down', tone: 'warning' },
  keep: { symbol: '–', word: 'Keep', tone: 'emphasis' },
  'too-little': { symbol: '○', word: 'Too little to say', tone: 'emphasis' },
};

/** What was measured beside what it is measured by: our own words and numbers. */
export function reasonWords(reason: Reason, advice: Advice): string {
  const mark = reason.isMet && advice !== 'step-down' ? '✓' : '✗';
  return `${mark} ${WORDS[reason.code](reason)}`;
}

const share = (value: number | undefined) => (value === undefined ? 'not known' : percent(value));

const WORDS: Readonly<Record<Reason['code'], (reason: Reason) => string>> = {
  gone: ({ value = 0, limit = 0 }) => `${value} are gone (${limit} are enough)`,
  'seen-days': ({ value = 0, limit = 0 }) =>
    `the first was seen ${dayWords(value)} ago (${dayWords(limit)} are enough once ${THRESHOLDS.goneInTime} are gone)`,
  noise: ({ value, limit }) => `noise: ${share(value)} (at most ${share(limit)})`,
  recurrence: ({ value, limit }) => `came back: ${share(value)} (at most ${share(limit)})`,
  'median-fix': ({ value, limit = 0 }) =>
    `half was gone within ${value === undefined ? 'a time that is not known' : dayWords(value)} (at most ${dayWords(limit)}, what the owner has)`,
  'no-due': () => 'no rule that warns sets a date (due) to measure by',
  'no-warn-rule': () => 'no rule warns in production, so there is none to make stricter',
  overuse: ({ value, limit }) =>
    `review this control: exceptions let pass ${share(value)} of what blocks (at most ${share(limit)})`,
  eroded: ({ value = 0, limit }) =>
    `eroded: in each of the last ${value} periods of ${PERIOD_DAYS} days exceptions let pass more than ${share(limit)} of what blocks`,
  noisy: ({ value, limit }) => `noise: ${share(value)} (at most ${share(limit)} of what blocks)`,
};

type Unmeasured =
  | { readonly kind: 'no-contract' }
  | { readonly kind: 'never-gates'; readonly control: string }
  | { readonly kind: 'unknown-control'; readonly known: readonly string[] };

/** Why nothing was measured; `nearest` finds what was meant perhaps. */
export function unmeasuredSentence(why: Unmeasured, nearest: (known: readonly string[]) => string | undefined): string {
  switch (why.kind) {
    case 'never-gates':
      return `${plain(why.control, NAME_MAX)} is about signals that are evidence and never stop a deployment: there is nothing to calibrate.`;
    case 'unknown-control':
      return unknownNameSentence('control', why.known, nearest(why.known));
    case 'no-contract':
      return `${OBSTACLE_WORDS['no-contract'].what} ${OBSTACLE_WORDS['no-contract'].now}`;
  }
}
