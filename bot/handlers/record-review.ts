import { cardText } from '../../cards/card-text.ts';
import { reviewCard } from '../../cards/review-card.ts';
import { trendRefusalSentence } from '../../cards/trend-words.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Reviewing, ReviewWord } from '../../services/reviews.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';

/** Of the reviewer whom the contract names, or its owner. */
export function createRecordReview({ record }: Pick<Reviewing, 'record'>) {
  return async (word: Omit<ReviewWord, 'by'> & { readonly by: TurnPerson }): Promise<Answer> => {
    const { by } = word;
    const answer = await record({ ...word, by: actorOf(by) });
    if (typeof answer === 'string') return { text: refusalSentence(answer) };
    if (!('review' in answer)) return { text: trendRefusalSentence(answer) };
    const viewer = { oid: by.oid, ...(by.zone === undefined ? {} : { zone: by.zone }) };
    const card = reviewCard(answer.review, 'recorded', viewer);
    return { text: cardText(card), card };
  };
}
