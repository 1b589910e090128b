import type { ExceptionDecisions } from '../../services/exception-decisions.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';
import { type LessSaid, lessMeant } from '../exception-less.ts';

interface DecideWish extends LessSaid {
  readonly exceptionId: string;
  readonly revision?: number;
  readonly verdict: 'approve' | 'reject';
  readonly comment?: string;
}

/** Grants an exception, as it was asked for, for a shorter time or for fewer findings, or refuses it. */
export function createDecideException(decisions: Pick<ExceptionDecisions, 'decide'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: DecideWish, op: string): Promise<Answer> => {
    const { exceptionId: id, comment = '', until: _, only: __, ...word } = wish;
    const less = word.verdict === 'approve' ? await lessMeant(views, by, wish) : {};
    if ('code' in less) return answerWord(by, await views.refused(by, id, less));
    return answerWord(by, await decisions.decide({ ...word, id, comment, ...less, by: actorOf(by), op }));
  };
}
