import type { ExceptionViews } from '../../services/exception-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';

/** The exception as it is now, with what this person can do about it. */
export function createViewException(views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, exceptionId: string): Promise<Answer> => {
    const exception = await views.view(by, exceptionId);
    return answerWord(by, 'code' in exception ? { kind: 'refused', why: exception } : { kind: 'done', exception });
  };
}
