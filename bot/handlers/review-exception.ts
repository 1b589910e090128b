import type { ExceptionReviews } from '../../services/exception-reviews.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';
import { type LessSaid, lessMeant } from '../exception-less.ts';

/** What is left of it counts for `shrink` alone. */
interface ReviewWish extends LessSaid {
  readonly exceptionId: string;
  readonly revision?: number;
  readonly answer: 'keep' | 'shrink' | 'close' | 'snooze';
  /** Why. */
  readonly comment?: string;
}

/** Its owner says whether it is still needed. */
export function createReviewException(reviews: Pick<ExceptionReviews, 'review'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: ReviewWish, op: string): Promise<Answer> => {
    const { exceptionId: id, comment: why = '', until: _, only: __, ...word } = wish;
    const less = word.answer === 'shrink' ? await lessMeant(views, by, wish) : {};
    if ('code' in less) return answerWord(by, await views.refused(by, id, less));
    return answerWord(by, await reviews.review({ ...word, id, why, ...less, by: actorOf(by), op }));
  };
}
