import { subscribedSentence } from '../../cards/subscription-words.ts';
import type { Subscribing } from '../../services/subscribing.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { nearest } from '../nearest.ts';

export function createSubscribe(subscribing: Subscribing) {
  return async (by: TurnPerson, scope: string, wish: 'subscribe' | 'unsubscribe'): Promise<Answer> => {
    const answer = await subscribing[wish](by, scope);
    return { text: subscribedSentence(answer, (known) => nearest(scope, known)) };
  };
}
