import { gateCard, gateText } from '../../cards/gate-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Approvals } from '../../services/approvals.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** The gate as it is now: a card's refresh, and `why ID`. */
export function createViewGate(approvals: Approvals) {
  return async (by: TurnPerson, requestId: string): Promise<Answer> => {
    const gate = await approvals.find(requestId);
    if (gate === undefined) return { text: refusalSentence('unknown-request') };
    return { text: gateText(gate, by), card: gateCard(gate, by) };
  };
}
