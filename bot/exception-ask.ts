import { exceptionFormAnswer } from '../cards/exception-form.ts';
import { exceptionRefusedAnswer } from '../cards/exception-refused-card.ts';
import type { Exception } from '../services/domain/exception.ts';
import type { ExceptionRefusal } from '../services/domain/exception-refusal.ts';
import type { ExceptionOffer } from '../services/domain/exception-request.ts';
import type { ExceptionRequested, ExceptionRequests } from '../services/exception-requests.ts';
import type { ExceptionViews } from '../services/exception-views.ts';
import type { ExceptionWish } from '../services/ports/exception-basis.ts';
import type { Answer, TurnPerson } from './answer.ts';
import { createAnswerWord } from './exception-answer.ts';
import { type AskedException, wishOf } from './exception-wish.ts';

interface Ask {
  readonly asked: AskedException;
  /** False: the form is only to be shown. */
  readonly isSent: boolean;
  /** The exception that `asked.renews` names. */
  readonly old?: Exception;
  /** Why it is only shown. */
  readonly problem?: ExceptionRefusal;
}

/** Asks for an exception or shows its form; what is missing or refused is said on the form, with all that was filled in. */
export function createAskException(requests: ExceptionRequests, views: Pick<ExceptionViews, 'standing' | 'now'>) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, ask: Ask, op: string): Promise<Answer> => {
    const wish = wishOf(by, ask.asked, op);
    const answer = ask.isSent ? await requests.request(wish) : await offered(requests, wish);
    if ('exception' in answer) return answerWord(by, { kind: 'done', exception: answer.exception });
    if (answer.offer !== undefined)
      return exceptionFormAnswer(formOf(ask, by, answer.offer, answer.why ?? ask.problem));
    if (answer.why === undefined) throw new Error('neither an offer nor a refusal');
    if (ask.old === undefined) return exceptionRefusedAnswer(answer.why, by, ask.asked);
    return answerWord(by, { kind: 'refused', why: answer.why, exception: ask.old });
  };
}

function formOf({ asked, old }: Ask, viewer: TurnPerson, offer: ExceptionOffer, problem?: ExceptionRefusal) {
  const renews = old === undefined ? {} : { renews: old };
  return { offer, data: asked, filled: asked.terms, viewer, ...renews, ...(problem === undefined ? {} : { problem }) };
}

type Offered = ExceptionRequested | { readonly kind: 'offered'; readonly offer: ExceptionOffer; readonly why?: never };

/** Whoever wants more than the control grants is refused before they fill in anything, and its owner hears of it. */
async function offered(requests: ExceptionRequests, wish: ExceptionWish): Promise<Offered> {
  const offer = await requests.offer(wish);
  if ('code' in offer) return { kind: 'refused', why: offer };
  const { renewal, pending } = offer;
  return renewal.number > renewal.of && pending === undefined ? requests.request(wish) : { kind: 'offered', offer };
}
