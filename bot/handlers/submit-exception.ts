import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { createAskException } from '../exception-ask.ts';
import type { AskedException } from '../exception-wish.ts';

/** Asks for an exception; what is missing is asked for in the form. */
export function createSubmitException(requests: ExceptionRequests, views: Pick<ExceptionViews, 'standing' | 'now'>) {
  const ask = createAskException(requests, views);
  return (by: TurnPerson, asked: AskedException, op: string): Promise<Answer> => ask(by, { asked, isSent: true }, op);
}
