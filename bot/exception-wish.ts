import type { ActionData } from '../cards/actions.ts';
import type { TermsWish } from '../services/domain/exception-terms.ts';
import type { ExceptionWish } from '../services/ports/exception-basis.ts';
import { actorOf, type TurnPerson } from './answer.ts';

/** What somebody wants an exception for, on which terms, as their card or their sentence says. */
export type AskedException = Omit<ExceptionWish, 'by' | 'op' | 'timezone'>;

/** With who asks, and by which days they mean. */
export function wishOf(by: TurnPerson, asked: AskedException, op: string): ExceptionWish {
  return { ...asked, by: actorOf(by), op, ...(by.zone === undefined ? {} : { timezone: by.zone }) };
}

/** What the form, or the button that shows it, gives back. */
export function askedBy(data: ActionData<'exception.request'> | ActionData<'exception.submit'>): AskedException {
  const { verb: _, requestId, fingerprint, service, environment, control, baseline, imported, ...rest } = data;
  const { shown, ...terms } = { shown: undefined, ...rest };
  return {
    service,
    environment,
    terms,
    ...(control === undefined ? {} : { control }),
    ...(imported === undefined ? {} : { imported }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(fingerprint === undefined ? {} : { fingerprints: [fingerprint] }),
    ...(shown === undefined ? {} : { shown }),
    ...(baseline === undefined ? {} : { isBaseline: true }),
  };
}

/** What of the form somebody filled in; undefined: nothing of it, they want to see it. */
export function termsIn({ verb: _, exceptionId: __, revision: ___, ...terms }: ActionData<'exception.renew'>) {
  return Object.keys(terms).length === 0 ? undefined : (terms satisfies TermsWish);
}
