import { gateAnswer } from '../../cards/gate-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** The gate as it is now: a card's refresh, and `why ID`. */
export function createViewGate(views: Views) {
  return async (by: TurnPerson, requestId: string): Promise<Answer> => {
    const gate = await views.gate(by, requestId);
    if (typeof gate === 'string') return { text: refusalSentence(gate) };
    const inForce = gate.state === 'failed' ? await views.contractVersion() : undefined;
    return gateAnswer(gate, by, inForce === undefined ? undefined : { inForce });
  };
}
