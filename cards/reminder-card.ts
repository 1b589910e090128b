import type { IAdaptiveCard } from 'adaptivecards';
import type { Call, Gate } from '../services/domain/gate.ts';
import { card, line, title, words } from './card.ts';
import { openRunButton, present, viewButton } from './gate-actions.ts';
import { changesSentence } from './gate-state.ts';
import { commandsOf } from './gate-summary.ts';
import { deploymentOf } from './names.ts';
import { progressWords } from './progress.ts';
import { showTime } from './show-time.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

/** Beside the card, which stays the one to decide on: a reminder, or that an approval is void and why. */
export function reminderCard(gate: Gate, about: Call): IAdaptiveCard {
  const head = headOf(gate, about);
  const without = gate.door.kind === 'check' ? 'the stage fails' : 'it is left to Azure DevOps';
  const closes = `It has ${progressOf(gate)}. Closes ${showTime(gate.closesAt)}; without a decision by then ${without}.`;
  const changed = about === 'asked-anew' ? changesSentence(gate) : undefined;
  return card({
    body: [
      title(head),
      ...(changed === undefined ? [] : [line(words(changed, { weight: 'bolder' }))]),
      { ...line(words(closes)), id: 'state' },
    ],
    actions: present([viewButton(gate, 'show', 'Show the card'), openRunButton(gate)]),
    fallbackText: plain(`${head} ${commandsOf(gate)}`, 600),
    speak: head,
  });
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
