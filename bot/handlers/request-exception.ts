import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { createAskException } from '../exception-ask.ts';
import type { AskedException } from '../exception-wish.ts';

/** Shows the form, with what is known already filled in, or says why no exception is possible. */
export function createRequestException(requests: ExceptionRequests, views: Pick<ExceptionViews, 'standing' | 'now'>) {
  const ask = createAskException(requests, views);
  return (by: TurnPerson, asked: AskedException, op: string): Promise<Answer> => ask(by, { asked, isSent: false }, op);
}
