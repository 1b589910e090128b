import { statusCard, statusText } from '../../cards/status-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Status } from '../../services/status.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** For the people of the directory; while it does not answer for whoever asks, since that is what they look into. */
export function createShowStatus(status: Pick<Status, 'deliveryHealth'>, views: Pick<Views, 'strangerBecause'>) {
  return async (by: TurnPerson): Promise<Answer> => {
    const stranger = await views.strangerBecause(by);
    if (stranger !== undefined && stranger !== 'cannot-verify-now') return { text: refusalSentence(stranger) };
    const health = await status.deliveryHealth();
    return { text: statusText(health, by.zone), card: statusCard(health, by.zone) };
  };
}
