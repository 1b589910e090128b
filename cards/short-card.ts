import type { IAdaptiveCard } from 'adaptivecards';
import type { Gate } from '../services/domain/gate.ts';
import { card, line, title, words } from './card.ts';
import { openRunButton, present } from './gate-actions.ts';
import { gateFacts } from './gate-facts.ts';
import { plainBanner } from './gate-state.ts';
import { approvalTitle, blockedTitle, commandsOf, fallbackOf, spokenOf } from './gate-summary.ts';
import { inZone } from './show-time.ts';

/** A gate in a few lines, where its whole card is more than Teams takes: what it is, how it stands, where the rest is. */
export function shortCard(gate: Gate, zone?: string): IAdaptiveCard {
  const rest = `There is more than one card can show. ${commandsOf(gate)}`;
  const shown = card({
    body: [
      title(gate.state === 'asked' ? approvalTitle(gate) : blockedTitle(gate)),
      plainBanner(gate),
      gateFacts(gate),
      line(words(rest)),
    ],
    actions: present([openRunButton(gate)]),
    fallbackText: fallbackOf(gate),
    speak: spokenOf(gate),
  });
  return inZone(shown, zone);
}
