import { listCard, listText } from '../../cards/list-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Filter, Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createListApprovals(views: Views) {
  return async (by: TurnPerson, filter: Filter): Promise<Answer> => {
    const gates = await views.open(by, filter);
    if (typeof gates === 'string') return { text: refusalSentence(gates) };
    const shown = filter.scope ?? (filter.mine ? 'mine' : 'all');
    return { text: listText(gates, shown, by), card: listCard(gates, shown, by) };
  };
}
