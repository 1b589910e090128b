import type { ExceptionDecisions } from '../../services/exception-decisions.ts';
import type { ExceptionViews } from '../../services/exception-views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';
import { createAnswerWord } from '../exception-answer.ts';

interface WithdrawWish {
  readonly exceptionId: string;
  readonly revision?: number;
  readonly comment?: string;
}

/** Takes a request for an exception back, as long as nobody has decided. */
export function createWithdrawException(decisions: Pick<ExceptionDecisions, 'withdraw'>, views: ExceptionViews) {
  const answerWord = createAnswerWord(views);
  return async (by: TurnPerson, wish: WithdrawWish, op: string): Promise<Answer> => {
    const { exceptionId: id, comment: why = '', ...word } = wish;
    return answerWord(by, await decisions.withdraw({ ...word, id, why, by: actorOf(by), op }));
  };
}
