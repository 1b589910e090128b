import type { ExceptionDecisions } from '../../services/exception-decisions.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';

interface DecideWish {
  readonly exceptionId: string;
  readonly revision?: number;
  readonly verdict: 'approve' | 'reject';
  readonly comment?: string;
  /** An earlier last day than was asked for, as people write it; blank: as asked. */
  readonly until?: string;
}

/** Grants an exception, as it was asked for or for a shorter time, or refuses it. */
export function createDecideException(decisions: Pick<ExceptionDecisions, 'decide'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: DecideWish, op: string): Promise<Answer> => {
    const { exceptionId: id, comment = '', until: day = '', ...word } = wish;
    const isNarrowed = word.verdict === 'approve' && day.trim() !== '';
    const until = isNarrowed ? await views.day(day, by.zone) : undefined;
    if (typeof until === 'object') return answerWord(by, await views.refused(by, id, until));
    const narrowing = until === undefined ? {} : { narrowing: { until } };
    return answerWord(by, await decisions.decide({ ...word, id, comment, ...narrowing, by: actorOf(by), op }));
  };
}
