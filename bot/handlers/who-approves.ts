import { cardText } from '../../cards/card-text.ts';
import { unknownNameSentence, whoApprovesCard } from '../../cards/who-approves-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { ExplainApprovers } from '../../services/approvers.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { nearest } from '../nearest.ts';

export function createWhoApproves(approvers: Pick<ExplainApprovers, 'explainTo'>) {
  return async (by: TurnPerson, service: string, environment: string): Promise<Answer> => {
    const explained = await approvers.explainTo(by, { service, environment, reach: true });
    if (typeof explained === 'string') return { text: refusalSentence(explained) };
    if (explained.kind === 'explained') {
      const card = whoApprovesCard(explained.answer);
      return { text: cardText(card), card };
    }
    const { what, known } = explained;
    return { text: unknownNameSentence(what, known, nearest({ service, environment }[what], known)) };
  };
}
