import type { IAdaptiveCard } from 'adaptivecards';
import { isBypass } from '../services/domain/completed-elsewhere.ts';
import type { Gate } from '../services/domain/gate.ts';
import { approvalCard } from './approval-card.ts';
import { blockedCard } from './blocked-card.ts';
import { bypassCard } from './bypass-card.ts';
import { cardText } from './card-text.ts';
import { fittingCard } from './fitting-card.ts';
import type { Note } from './gate-state.ts';
import { commandsOf } from './gate-summary.ts';
import type { Viewer } from './names.ts';
import { inZone } from './show-time.ts';
import { terseGate } from './terse-gate.ts';

/** Bytes in UTF-16: of what Teams takes the part that leaves room for a summary. */
const ALONE_MAX = 56 * 1024;

/** The card of a gate, whatever its state; what everybody calls. */
export function gateCard(gate: Gate, viewer?: Viewer, note?: Note): IAdaptiveCard {
  const zone = viewer?.zone;
  if (gate.judgement?.platform === undefined) return inZone(cardOf(gate, viewer, note), zone);
  const extents = [gate, terseGate(gate)] as const;
  return fittingCard<Gate>(extents, (shown) => cardOf(shown, viewer, note), { zone, max: ALONE_MAX });
}

function cardOf(gate: Gate, viewer: Viewer | undefined, note: Note | undefined): IAdaptiveCard {
  if (isBypass(gate)) return bypassCard(gate, viewer, note);
  return isAboutBlocking(gate) ? blockedCard(gate, viewer, note) : approvalCard(gate, viewer, note);
}

/** The card, and the same in plain text with what can be typed instead of clicked. */
export function gateAnswer(gate: Gate, viewer?: Viewer, note?: Note): { text: string; card: IAdaptiveCard } {
  const card = gateCard(gate, viewer, note);
  return { text: cardText(card, [commandsOf(gate)], viewer?.zone), card };
}

/** What people need to see is what blocks, also after the wait for it has ended. */
function isAboutBlocking(gate: Gate): boolean {
  if (gate.state === 'blocked' || gate.state === 'failed') return true;
  const ended = gate.state === 'expired' || gate.state === 'abandoned' || (gate.state === 'passed' && gate.observed);
  return ended && gate.judgement?.verdict === 'block';
}
