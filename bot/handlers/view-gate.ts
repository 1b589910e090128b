import { gateAnswer } from '../../cards/gate-card.ts';
import { offPathAnswer } from '../../cards/off-path-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { OffPaths } from '../../services/off-paths.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** The gate, or the action off the release path, as it is now: a card's refresh, and `why ID`. */
export function createViewGate(views: Views, viewOffPath: OffPaths['view']) {
  return async (by: TurnPerson, requestId: string): Promise<Answer> => {
    const gate = await views.gate(by, requestId);
    const action = gate === 'unknown-request' ? await viewOffPath(by, requestId) : gate;
    if (typeof action === 'object' && 'kind' in action) return offPathAnswer(action, by);
    if (typeof gate === 'string') return { text: refusalSentence(gate) };
    const inForce = gate.state === 'failed' ? await views.contractVersion() : undefined;
    return gateAnswer(gate, by, inForce === undefined ? undefined : { inForce });
  };
}
