import type { ActionData } from '../../cards/actions.ts';
import { groupAnswer } from '../../cards/group-card.ts';
import { groupNote } from '../../cards/group-notes.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Approvals } from '../../services/approvals.ts';
import type { Views } from '../../services/views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';

/** One confirmation for several gates: each is decided or refused on its own, and the answer says which. */
export function createDecideMany(approvals: Approvals, views: Views) {
  return async (by: TurnPerson, data: ActionData<'approval.decideMany'>, op: string): Promise<Answer> => {
    const { items, verdict, comment = '' } = data;
    const wishes = items.map((item) => ({ ...item, verdict, comment, by: actorOf(by), op: `${op} ${item.requestId}` }));
    const answers = await approvals.decideMany(wishes);
    const isAllDecided = answers.every(({ kind }) => kind === 'decided');
    // Who may read nothing gets the sentence alone.
    const stranger = isAllDecided ? undefined : await views.strangerBecause(by);
    if (stranger !== undefined) return { text: refusalSentence(stranger) };
    // What was decided is found as it is when the click comes again.
    if (answers.some((answer) => answer.kind === 'refused' && answer.refusal === 'sign-in-needed'))
      return { signIn: true, text: refusalSentence('sign-in-needed') };
    const notes = answers.flatMap((answer, index) => groupNote(items[index]?.requestId ?? '', answer, by));
    // Only whoever may decide gets this far; the same click then goes on with what is left.
    const needsSignIn = answers.some((answer) => answer.kind === 'refused' && answer.refusal === 'sign-in-needed');
    if (needsSignIn) return { signIn: true, text: notes.join('\n') };
    const gates = answers.flatMap((answer) => ('gate' in answer && answer.gate !== undefined ? [answer.gate] : []));
    return gates.length === 0 ? { text: notes.join('\n') } : groupAnswer(gates, by, notes);
  };
}
