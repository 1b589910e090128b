import type { ExceptionReviews } from '../../services/exception-reviews.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';

interface ReviewWish {
  readonly exceptionId: string;
  readonly revision?: number;
  readonly answer: 'keep' | 'shrink' | 'close' | 'snooze';
  /** Why. */
  readonly comment?: string;
  /** For `shrink`: its new last day, as people write it. */
  readonly until?: string;
}

/** Its owner says whether it is still needed. */
export function createReviewException(reviews: Pick<ExceptionReviews, 'review'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: ReviewWish, op: string): Promise<Answer> => {
    const { exceptionId: id, comment: why = '', until: day = '', ...word } = wish;
    const isShrunk = word.answer === 'shrink' && day.trim() !== '';
    const until = isShrunk ? await views.day(day, by.zone) : undefined;
    if (typeof until === 'object') return answerWord(by, await views.refused(by, id, until));
    const narrowing = until === undefined ? {} : { narrowing: { until } };
    return answerWord(by, await reviews.review({ ...word, id, why, ...narrowing, by: actorOf(by), op }));
  };
}
