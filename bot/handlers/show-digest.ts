import { digestCard, digestText } from '../../cards/digest-card.ts';
import { notSeenSentence } from '../../cards/warning-rows.ts';
import type { DigestViews } from '../../services/digest-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

export function createShowDigest(views: Pick<DigestViews, 'today'>) {
  return async (by: TurnPerson): Promise<Answer> => {
    const seen = await views.today(by);
    if (seen.kind !== 'digest') return { text: notSeenSentence(seen) };
    return { text: digestText(seen.digest, by.zone), card: digestCard(seen.digest, by.zone) };
  };
}
