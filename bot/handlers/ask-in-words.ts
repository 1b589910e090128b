import { whichPlaceText } from '../../cards/exception-place-words.ts';
import { exceptionRefusedAnswer } from '../../cards/exception-refused-card.ts';
import type { ExceptionPlaces } from '../../services/exception-places.ts';
import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAskException } from '../exception-ask.ts';
import { askedAt, type ExceptionNamed, type ExceptionSaid } from '../exception-sentence.ts';

interface Needs {
  readonly exceptionPlaces: ExceptionPlaces;
  readonly exceptionRequests: ExceptionRequests;
  readonly exceptionViews: ExceptionViews;
}

/** Shows the form for what a sentence says, filled in as far as it goes. */
export function createAskInWords(needs: Needs) {
  const { exceptionPlaces, exceptionRequests, exceptionViews } = needs;
  const ask = createAskException(exceptionRequests, exceptionViews);
  return async (by: TurnPerson, said: ExceptionNamed & ExceptionSaid, op: string): Promise<Answer> => {
    const found = await exceptionPlaces.placesOf(actorOf(by), said);
    if ('code' in found) return exceptionRefusedAnswer(found, by);
    const [place, another] = found.places;
    if (place === undefined || another !== undefined) return { text: whichPlaceText(said.fingerprint, found.places) };
    const { until } = said;
    const day = until === undefined ? undefined : await exceptionViews.day(until, by.zone);
    const asked = askedAt(place, said, typeof day === 'string' ? day : until);
    return ask(by, { asked, isSent: false, ...(typeof day === 'object' ? { problem: day } : {}) }, op);
  };
}
