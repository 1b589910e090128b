import type { IAdaptiveCard } from 'adaptivecards';
import type { Call, Gate } from '../services/domain/gate.ts';
import { card, timed, title } from './card.ts';
import { openRunButton, present, viewButton } from './gate-actions.ts';
import { changesSentence } from './gate-state.ts';
import { commandsOf } from './gate-summary.ts';
import { deploymentOf, nameOf } from './names.ts';
import { progressWords } from './progress.ts';
import { inZone, localTime } from './show-time.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

/** Beside the card, which stays the one to decide on: a reminder, a request of another approver, or that an approval is void and why. */
export function reminderCard(gate: Gate, about: Call, from?: string, zone?: string): IAdaptiveCard {
  const head = headOf(gate, about, from);
  const closes = `It has ${progressOf(gate)}. Closes ${localTime(gate.closesAt)}; without a decision by then the stage fails.`;
  const changed = about === 'asked-anew' ? changesSentence(gate) : undefined;
  const shown = card({
    body: [
      title(head),
      ...(changed === undefined ? [] : [timed(changed, { weight: 'bolder' })]),
      timed(closes, { id: 'state' }),
    ],
    actions: present([viewButton(gate, 'show', 'Show the card'), openRunButton(gate)]),
    fallbackText: plain(`${head} ${commandsOf(gate)}`, 600),
    speak: head,
  });
  return inZone(shown, zone);
}

/** One line for notifications. Plain text. */
export function reminderSummary(gate: Gate, about: Call, from?: string): string {
  return plain(headOf(gate, about, from), SUMMARY_MAX);
}

function headOf(gate: Gate, about: Call, from: string | undefined): string {
  if (about === 'handed-over') return `${nameOf(from)} asks you to decide: approve ${deploymentOf(gate)}?`;
  return about === 'reminder'
    ? `Reminder${from === undefined ? '' : ` by ${nameOf(from)}`}: the ${deploymentOf(gate)} still waits for approval`
    : `Asked again: the ${deploymentOf(gate)} has changed, earlier approvals are void`;
}

function progressOf({ ask, votes }: Gate): string {
  return ask === undefined ? 'no approval' : progressWords(ask, votes);
}
