import type { ExceptionRequestData } from '../../cards/actions.ts';
import { exceptionAnswerCard, exceptionAnswerText } from '../../cards/exception-answer.ts';
import type { Approvals } from '../../services/approvals.ts';
import type { Answer } from '../answer.ts';

/** Says who may grant this exception and what it takes. */
export function createExplainException(approvals: Approvals) {
  return async (data: ExceptionRequestData): Promise<Answer> => {
    const gate = data.requestId === undefined ? undefined : await approvals.find(data.requestId);
    return { text: exceptionAnswerText(data, gate), card: exceptionAnswerCard(data, gate) };
  };
}
