import type { IAdaptiveCard } from 'adaptivecards';
import type { Unreachable } from '../services/domain/unreachable.ts';
import { banner, type CardElement, row } from './card.ts';
import { unreachableWords } from './unreachable-words.ts';
import { moreRow } from './who-approves-people.ts';

const SHOWN = 3;

/** The same card, which says first whom it was meant for and why they did not get it. */
export function withInstead(
  shown: IAdaptiveCard,
  instead: readonly Unreachable[] = [],
  what = 'You get this in their place; they get it too',
): IAdaptiveCard {
  if (instead.length === 0) return shown;
  const [first, ...rest] = shown.body ?? [];
  const note: CardElement = banner('instead', 'emphasis', [
    ...instead.slice(0, SHOWN).map((one) => row(`! ${unreachableWords(one)}.`)),
    ...moreRow(instead.length - SHOWN, 'more cannot be reached'),
    row(`${what} as soon as they can be reached.`),
  ]);
  const body = [...(first === undefined ? [] : [first]), note as never, ...rest];
  return { ...shown, body };
}

/** For the notification. Plain text. */
export function insteadSummary(summary: string, instead: readonly Unreachable[] = []): string {
  return instead.length === 0 ? summary : `In the place of somebody who cannot be reached: ${summary}`;
}
