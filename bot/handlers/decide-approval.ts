import { gateAnswer } from '../../cards/gate-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Approvals, Wish } from '../../services/approvals.ts';
import type { Views } from '../../services/views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';

/** Approve, reject or withdraw, clicked or typed: the server reads and authorises everything again. */
export function createDecideApproval(approvals: Approvals, views: Views) {
  return async (wish: Omit<Wish, 'by'> & { readonly by: TurnPerson }): Promise<Answer> => {
    const answered = await approvals.decide({ ...wish, ...placeOf(wish.by), by: actorOf(wish.by) });
    const note = answered.kind === 'refused' ? answered : undefined;
    // Who may read nothing gets the sentence alone, whatever the reason of the refusal is.
    const stranger = note === undefined ? undefined : await views.strangerBecause(wish.by);
    if (answered.gate === undefined || stranger !== undefined) {
      return { text: refusalSentence(stranger ?? note?.refusal ?? 'unknown-request') };
    }
    // Only whoever may decide gets this far.
    if (note?.refusal === 'sign-in-needed') return { signIn: true, text: refusalSentence(note.refusal) };
    return gateAnswer(answered.gate, wish.by, note);
  };
}

function placeOf({ clickedIn }: TurnPerson): Pick<Wish, 'clickedIn'> {
  return clickedIn === undefined ? {} : { clickedIn };
}
