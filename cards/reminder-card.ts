import type { IAdaptiveCard } from 'adaptivecards';
import type { Call, Gate } from '../services/domain/gate.ts';
import { button, MOST_AT_ONCE } from './actions.ts';
import { type CardElement, card, line, row, title, words } from './card.ts';
import { openRunButton, present, viewButton } from './gate-actions.ts';
import { changesSentence } from './gate-state.ts';
import { commandsOf } from './gate-summary.ts';
import { deploymentOf } from './names.ts';
import { progressWords } from './progress.ts';
import { showTime } from './show-time.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

const BESIDES_SHOWN = 10;

/**
 * Beside the card, which stays the one to decide on: a reminder, or that an approval is void and why. For all of one run
 * that the same people are asked about.
 */
export function reminderCard(gate: Gate, about: Call, besides: readonly Gate[] = []): IAdaptiveCard {
  const head = headOf(gate, about);
  const closes = `It has ${progressOf(gate)}. Closes ${showTime(gate.closesAt)}; without a decision by then the stage fails.`;
  const changed = about === 'asked-anew' ? changesSentence(gate) : undefined;
  return card({
    body: [
      title(head),
      ...(changed === undefined ? [] : [line(words(changed, { weight: 'bolder' }))]),
      { ...line(words(closes)), id: 'state' },
      ...besidesLines(besides),
      ...(about === 'reminder' ? [line(words('Type "approvals" for everything that waits for you.'))] : []),
    ],
    actions: present([showButton(gate, besides), openRunButton(gate)]),
    fallbackText: plain(`${head} ${commandsOf(gate)}`, 600),
    speak: head,
  });
}

function besidesLines(besides: readonly Gate[]): CardElement[] {
  if (besides.length === 0) return [];
  const more = besides.length - BESIDES_SHOWN;
  return [
    line(words('The same card asks about:')),
    ...besides.slice(0, BESIDES_SHOWN).map((gate) => row(`${deploymentOf(gate)} · ${progressOf(gate)}`)),
    ...(more > 0 ? [line(words(`and ${more} more`))] : []),
  ];
}

function showButton(gate: Gate, besides: readonly Gate[]) {
  const requestIds = [gate, ...besides].slice(0, MOST_AT_ONCE).map(({ id }) => id);
  const data = { verb: 'approval.viewMany', requestIds } as const;
  if (besides.length === 0) return viewButton(gate, 'show', 'Show the card');
  return button({ id: 'show', title: 'Show the card', data, inputs: 'none' });
}

/** One line for notifications. Plain text. */
export function reminderSummary(gate: Gate, about: Call): string {
  return plain(headOf(gate, about), SUMMARY_MAX);
}

function headOf(gate: Gate, about: Call): string {
  return about === 'reminder'
    ? `Reminder: the ${deploymentOf(gate)} still waits for approval`
    : `Asked again: the ${deploymentOf(gate)} has changed, earlier approvals are void`;
}

function progressOf({ ask, votes }: Gate): string {
  return ask === undefined ? 'no approval' : progressWords(ask, votes);
}
