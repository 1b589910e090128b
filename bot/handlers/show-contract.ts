import { contractCard, contractText } from '../../cards/contract-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { ViewContract } from '../../services/contract-view.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createShowContract(view: ViewContract) {
  return async (by: TurnPerson): Promise<Answer> => {
    const seen = await view(by);
    if (typeof seen === 'string') return { text: refusalSentence(seen) };
    return { text: contractText(seen, by.zone), card: contractCard(seen, by.zone) };
  };
}
