import { cardText } from '../../cards/card-text.ts';
import { trendPromotionCard } from '../../cards/trend-promotion-card.ts';
import { trendRefusalSentence } from '../../cards/trend-words.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { TrendPromotions } from '../../services/trend-promotions.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { nearest } from '../nearest.ts';

/** Shows the change to make to the contract; for the people of the directory. */
export function createPromoteTrend(promote: TrendPromotions) {
  return async (by: TurnPerson, control: string, revision: number | undefined): Promise<Answer> => {
    const answer = await promote(by, control);
    if (typeof answer === 'string') return { text: refusalSentence(answer) };
    if (answer.kind !== 'change') return { text: trendRefusalSentence(answer, (known) => nearest(control, known)) };
    const card = trendPromotionCard(answer, revision);
    return { text: cardText(card), card };
  };
}
