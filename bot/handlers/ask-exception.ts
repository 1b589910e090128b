import { exceptionFormAnswer } from '../../cards/exception-form.ts';
import { severalPlacesText, WHAT_FOR } from '../../cards/exception-place-words.ts';
import { exceptionRefusedAnswer } from '../../cards/exception-refused-card.ts';
import type { ExceptionPlaces } from '../../services/exception-places.ts';
import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { askedAt, type ExceptionNamed, type ExceptionSaid } from '../exception-sentence.ts';
import { wishOf } from '../exception-wish.ts';

interface Needs {
  readonly exceptionPlaces: ExceptionPlaces;
  readonly exceptionRequests: Pick<ExceptionRequests, 'offer'>;
  readonly exceptionViews: Pick<ExceptionViews, 'day'>;
}

/** Shows the form for what a sentence says, filled in as far as it goes. */
export function createAskException({ exceptionPlaces, exceptionRequests, exceptionViews }: Needs) {
  return async (by: TurnPerson, asked: ExceptionNamed & ExceptionSaid, op: string): Promise<Answer> => {
    const { fingerprint = '', until } = asked;
    if (asked.place === undefined && fingerprint === '') return { text: WHAT_FOR };
    const found = asked.place === undefined ? await exceptionPlaces.placesOf(actorOf(by), fingerprint) : [asked.place];
    if ('code' in found) return exceptionRefusedAnswer(found, by);
    const [place, another] = found;
    if (place === undefined || another !== undefined) return { text: severalPlacesText(fingerprint, found) };
    const day = until === undefined ? undefined : await exceptionViews.day(until, by.zone);
    const wanted = askedAt(place, asked, typeof day === 'string' ? day : undefined);
    const offer = await exceptionRequests.offer(wishOf(by, wanted, op));
    if ('code' in offer) return exceptionRefusedAnswer(offer, by, wanted);
    const problem = typeof day === 'object' ? { problem: day } : {};
    return exceptionFormAnswer({ offer, data: wanted, filled: wanted.terms, viewer: by, ...problem });
  };
}
