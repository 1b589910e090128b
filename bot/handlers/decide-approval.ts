import { gateCard, gateText } from '../../cards/gate-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Approvals, Wish } from '../../services/approvals.ts';
import type { Answer } from '../answer.ts';

/** Approve or reject, clicked or typed: the server reads and authorises everything again. */
export function createDecideApproval(approvals: Approvals) {
  return async (wish: Wish): Promise<Answer> => {
    const answered = await approvals.decide(wish);
    if (answered.gate === undefined) {
      return { text: refusalSentence(answered.kind === 'refused' ? answered.refusal : 'unknown-request') };
    }
    const note = answered.kind === 'refused' ? { refusal: answered.refusal } : undefined;
    return { text: gateText(answered.gate, wish.by, note), card: gateCard(answered.gate, wish.by, note) };
  };
}
