import { exceptionStepAnswer } from '../../cards/exception-step-card.ts';
import type { ExceptionReviews } from '../../services/exception-reviews.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';

interface RevokeWish {
  readonly exceptionId: string;
  readonly revision?: number;
  /** Why; absent: it is asked for. */
  readonly comment?: string;
}

/** Ends an exception at once, once it is said why. */
export function createRevokeException(reviews: Pick<ExceptionReviews, 'revoke'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: RevokeWish, op: string): Promise<Answer> => {
    const { exceptionId: id, comment: why, ...word } = wish;
    if (why === undefined) {
      const exception = await views.view(by, id);
      if ('code' in exception) return answerWord(by, { kind: 'refused', why: exception });
      return exceptionStepAnswer(exception, 'revoke', by);
    }
    const answered = await reviews.revoke({ ...word, id, why, by: actorOf(by), op });
    const isToBeSaid = answered.kind === 'refused' && answered.why.code === 'why-required';
    if (isToBeSaid && answered.exception !== undefined)
      return exceptionStepAnswer(answered.exception, 'revoke', by, answered.why);
    return answerWord(by, answered);
  };
}
