import { gateAnswer } from '../../cards/gate-card.ts';
import { offPathAnswer } from '../../cards/off-path-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Bypasses, BypassWord } from '../../services/bypasses.ts';
import type { Views } from '../../services/views.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';

/** Explains or confirms a bypass or an action off the release path, clicked or typed: the server reads and authorises everything again. */
export function createRecordBypass(bypasses: Bypasses, views: Views) {
  return async (word: Omit<BypassWord, 'by'> & { readonly by: TurnPerson }): Promise<Answer> => {
    const answered = await bypasses.record({ ...word, by: actorOf(word.by) });
    const note = answered.kind === 'refused' ? answered : undefined;
    // Who may read nothing gets the sentence alone, whatever the reason of the refusal is.
    const stranger = note === undefined ? undefined : await views.strangerBecause(word.by);
    if (stranger === undefined && answered.gate !== undefined) return gateAnswer(answered.gate, word.by, note);
    if (stranger === undefined && answered.offPath !== undefined)
      return offPathAnswer(answered.offPath, word.by, note?.refusal);
    return { text: refusalSentence(stranger ?? note?.refusal ?? 'unknown-request') };
  };
}
