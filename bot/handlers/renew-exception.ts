import type { TermsWish } from '../../services/domain/exception-terms.ts';
import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import type { Meant } from '../../services/ports/meant.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';
import { createAskException } from '../exception-ask.ts';

interface RenewWish {
  readonly exceptionId: string;
  readonly revision?: number;
  /** Absent: the form is shown. What is not said of them stays as it was, but for until when and why. */
  readonly terms?: TermsWish;
  /** Who is meant by `terms.owner` where it is a mention. */
  readonly owner?: Meant;
}

/** Asks for more time for the same: a new exception, granted anew by somebody else. */
export function createRenewException(requests: ExceptionRequests, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  const ask = createAskException(requests, views);
  return async (by: TurnPerson, { exceptionId, revision, terms, owner }: RenewWish, op: string): Promise<Answer> => {
    const old = await views.view(by, exceptionId);
    if ('code' in old) return answerWord(by, { kind: 'refused', why: old });
    const meant = owner === undefined ? {} : { owner };
    const asked = { ...old.target, renews: old.id, terms: terms ?? {}, ...meant };
    const isStale = terms !== undefined && revision !== undefined && revision !== old.revision;
    const stale = isStale ? { problem: { code: 'stale-revision' as const } } : {};
    return ask(by, { asked, isSent: terms !== undefined && !isStale, old, ...stale }, op);
  };
}
