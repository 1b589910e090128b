import type { ExceptionViews } from '../../services/exception-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import type { ExceptionHandlers } from '../exception-handlers.ts';
import type { ExceptionSaid } from '../exception-sentence.ts';

interface RenewWords {
  readonly exceptionId: string;
  readonly terms?: ExceptionSaid;
}

/** Asks for more time as a sentence says; its day as the date that the form can show, where it is one. */
export function createRenewInWords(renew: ExceptionHandlers['renew'], views: Pick<ExceptionViews, 'day'>) {
  return async (by: TurnPerson, { exceptionId, terms }: RenewWords, op: string): Promise<Answer> => {
    if (terms?.until === undefined) return renew(by, { exceptionId, ...(terms === undefined ? {} : { terms }) }, op);
    const day = await views.day(terms.until, by.zone);
    return renew(by, { exceptionId, terms: { ...terms, ...(typeof day === 'string' ? { until: day } : {}) } }, op);
  };
}
