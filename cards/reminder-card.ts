import type { IAdaptiveCard } from 'adaptivecards';
import type { Call, Gate } from '../services/domain/gate.ts';
import { button, MOST_AT_ONCE } from './actions.ts';
import { type CardElement, card, line, row, timed, title, words } from './card.ts';
import { openRunButton, present, viewButton } from './gate-actions.ts';
import { changesSentence } from './gate-state.ts';
import { commandsOf } from './gate-summary.ts';
import { deploymentOf, nameOf } from './names.ts';
import { URGENT } from './nudge-words.ts';
import { progressWords } from './progress.ts';
import { inZone, localTime } from './show-time.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

const BESIDES_SHOWN = 10;

/** What a message beside a card says further. */
export interface Said {
  /** Others of the same run that the same people are asked about. */
  readonly besides?: readonly Gate[];
  /** Who had it sent; absent: time alone. */
  readonly from?: string;
  /** It could not wait until its reader is spoken to next. */
  readonly isUrgent?: boolean;
  /** IANA name of the reader's time zone. */
  readonly zone?: string;
}

/**
 * Beside the card, which stays the one to decide on: a reminder, a request of another approver, or that an approval is
 * void and why. For all of one run that the same people are asked about.
 */
export function reminderCard(
  gate: Gate,
  about: Call,
  { besides = [], from, isUrgent, zone }: Said = {},
): IAdaptiveCard {
  const head = headOf(gate, about, from);
  const without = gate.door.kind === 'check' ? 'the stage fails' : 'it is left to Azure DevOps';
  const closes = `It has ${progressOf(gate)}. Closes ${localTime(gate.closesAt)}; without a decision by then ${without}.`;
  const changed = about === 'asked-anew' ? changesSentence(gate) : undefined;
  const shown = card({
    body: [
      title(head),
      ...(changed === undefined ? [] : [timed(changed, { weight: 'bolder' })]),
      timed(closes, { id: 'state' }),
      ...(isUrgent === true ? [row(`! ${URGENT}`)] : []),
      ...besidesLines(besides),
      ...(about === 'reminder' ? [line(words('Type "approvals" for everything that waits for you.'))] : []),
    ],
    actions: present([showButton(gate, besides), openRunButton(gate)]),
    fallbackText: plain(`${head} ${commandsOf(gate)}`, 600),
    speak: head,
  });
  return inZone(shown, zone);
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
export function reminderSummary(gate: Gate, about: Call, from?: string): string {
  return plain(headOf(gate, about, from), SUMMARY_MAX);
}

function headOf(gate: Gate, about: Call, from: string | undefined): string {
  if (about === 'delegated') return `${nameOf(from)} asks you to decide: approve ${deploymentOf(gate)}?`;
  return about === 'reminder'
    ? `Reminder${from === undefined ? '' : ` by ${nameOf(from)}`}: the ${deploymentOf(gate)} still waits for approval`
    : `Asked again: the ${deploymentOf(gate)} has changed, earlier approvals are void`;
}

function progressOf({ ask, votes }: Gate): string {
  return ask === undefined ? 'no approval' : progressWords(ask, votes);
}
