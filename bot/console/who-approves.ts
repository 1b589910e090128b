import { cardText } from '../../cards/card-text.ts';
import { unknownNameSentence, whoApprovesCard } from '../../cards/who-approves-card.ts';
import type { ExplainApprovers, Question } from '../../services/approvers.ts';
import { canBeApproved } from '../../services/domain/who-approves.ts';
import { nearest } from '../nearest.ts';
import type { Outcome } from './outcome.ts';

/** `who-approves --service --environment [--policy DIR]`: no when nobody could approve it, or there is no such name. */
export async function whoApproves(approvers: Pick<ExplainApprovers, 'explain'>, question: Question): Promise<Outcome> {
  const explained = await approvers.explain(question);
  if (explained.kind === 'explained') {
    const { answer } = explained;
    return { exitCode: canBeApproved(answer) ? 0 : 1, lines: cardText(whoApprovesCard(answer)).split('\n') };
  }
  const { what, known } = explained;
  return { exitCode: 1, lines: [], remarks: [unknownNameSentence(what, known, nearest(question[what], known))] };
}
