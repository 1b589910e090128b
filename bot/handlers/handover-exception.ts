import { exceptionStepAnswer } from '../../cards/exception-step-card.ts';
import type { ExceptionReviews } from '../../services/exception-reviews.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import type { Meant } from '../../services/ports/meant.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';

interface HandOverWish {
  readonly exceptionId: string;
  readonly revision?: number;
  /** As written: a person or a group; absent: it is asked for. */
  readonly to?: string;
  /** Who is meant where it is a mention. */
  readonly meant?: Meant;
}

/** Makes somebody else accountable for an exception. */
export function createHandOverException(reviews: Pick<ExceptionReviews, 'handOver'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: HandOverWish, op: string): Promise<Answer> => {
    const { exceptionId: id, to, ...word } = wish;
    if (to === undefined) {
      const exception = await views.view(by, id);
      if ('code' in exception) return answerWord(by, { kind: 'refused', why: exception });
      return exceptionStepAnswer(exception, 'handover', by);
    }
    const answered = await reviews.handOver({ ...word, id, to, by: actorOf(by), op });
    if (answered.kind === 'done' || answered.exception === undefined || !isAboutOwner(answered.why.code))
      return answerWord(by, answered);
    return exceptionStepAnswer(answered.exception, 'handover', by, answered.why);
  };
}

function isAboutOwner(code: string): boolean {
  return code.startsWith('owner-') || code === 'nobody-meant' || code === 'several-meant';
}
