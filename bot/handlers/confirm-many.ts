import { confirmAnswer, tooManySentence } from '../../cards/confirm-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** Lists what several typed ids stand for; nothing is decided before its button is clicked. */
export function createConfirmMany(views: Views) {
  return async (
    by: TurnPerson,
    ids: readonly string[],
    verdict: 'approve' | 'reject',
    comment: string,
  ): Promise<Answer> => {
    const tooMany = tooManySentence(ids);
    if (tooMany !== undefined) return { text: tooMany };
    const gates = await views.gates(by, ids);
    if (typeof gates === 'string') return { text: refusalSentence(gates) };
    const known = new Set(gates.map(({ id }) => id));
    const unknown = [...new Set(ids)].filter((id) => !known.has(id));
    // Also in a channel the one who asked for it has the button: whoever clicks it decides as themselves.
    const { isPublic: _, ...own } = by;
    return confirmAnswer({ gates, unknown, verdict, comment }, own);
  };
}
