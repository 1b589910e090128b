import type { ExceptionRequestData } from '../../cards/actions.ts';
import { exceptionAnswerCard, exceptionAnswerText } from '../../cards/exception-answer.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** Says who may grant this exception and what it takes. */
export function createExplainException(views: Views) {
  return async (by: TurnPerson, data: ExceptionRequestData): Promise<Answer> => {
    const gate = data.requestId === undefined ? undefined : await views.gate(by, data.requestId);
    if (typeof gate === 'string') return { text: refusalSentence(gate) };
    return { text: exceptionAnswerText(data, gate), card: exceptionAnswerCard(data, gate) };
  };
}
