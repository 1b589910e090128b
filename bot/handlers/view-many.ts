import type { ActionData } from '../../cards/actions.ts';
import { groupAnswer } from '../../cards/group-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** Several gates as they are now: the refresh of their common card. */
export function createViewMany(views: Views) {
  return async (by: TurnPerson, { requestIds }: ActionData<'approval.viewMany'>): Promise<Answer> => {
    const gates = await views.gates(by, requestIds);
    if (typeof gates === 'string') return { text: refusalSentence(gates) };
    return gates.length === 0 ? { text: refusalSentence('unknown-request') } : groupAnswer(gates, by);
  };
}
