import { exceptionAnswer } from '../cards/exception-card.ts';
import { exceptionRefusedAnswer } from '../cards/exception-refused-card.ts';
import { exceptionRefusalText } from '../cards/exception-words.ts';
import type { ExceptionViews } from '../services/exception-views.ts';
import type { ExceptionAnswered } from '../services/ports/exception-word.ts';
import type { Answer, TurnPerson } from './answer.ts';

/** The exception as it is after a word about it, with why nothing was done; who may read nothing gets the sentence alone. */
export function createAnswerWord(views: Pick<ExceptionViews, 'standing' | 'now'>) {
  return async (by: TurnPerson, answered: ExceptionAnswered): Promise<Answer> => {
    const why = answered.kind === 'refused' ? answered.why : undefined;
    const { exception } = answered;
    if (why !== undefined && (exception === undefined || why.code === 'stranger'))
      return exceptionRefusedAnswer(why, by);
    if (exception === undefined) throw new Error('a word that was carried out is about an exception');
    const standing = await views.standing(by, exception);
    return exceptionAnswer(exception, by, {
      now: views.now(),
      ...(why === undefined ? {} : { note: exceptionRefusalText(why, by) }),
      ...(standing === undefined ? {} : { standing }),
    });
  };
}
