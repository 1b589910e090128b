import { cardText } from '../../cards/card-text.ts';
import { trendRefusalSentence } from '../../cards/trend-words.ts';
import { trendsCard } from '../../cards/trends-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { TrendReader } from '../../services/trends.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { nearest } from '../nearest.ts';

/** For the people of the directory. */
export function createShowTrends({ trendsFor }: Pick<TrendReader, 'trendsFor'>) {
  return async (by: TurnPerson, scope: string | undefined): Promise<Answer> => {
    const answer = await trendsFor(by, scope);
    if (typeof answer === 'string') return { text: refusalSentence(answer) };
    if (answer.kind !== 'measured')
      return { text: trendRefusalSentence(answer, (known) => nearest(scope ?? '', known)) };
    const card = trendsCard(answer.trends, by.zone === undefined ? {} : { zone: by.zone });
    return { text: cardText(card), card };
  };
}
