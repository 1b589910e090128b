import { refusedText } from '../../cards/cover-words.ts';
import { delegateCard, delegatedSentence, doneCard } from '../../cards/delegate-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Delegations } from '../../services/delegations.ts';
import type { Meant } from '../../services/ports/meant.ts';
import type { Views } from '../../services/views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

interface About {
  readonly requestId: string;
  readonly revision?: number;
  readonly op: string;
}

/** Asks another approver to decide; without one, shows whom one may ask. */
export function createDelegateApproval(delegations: Delegations, views: Views) {
  return async (by: TurnPerson, about: About, to: Meant | undefined): Promise<Answer> => {
    const gate = await views.gate(by, about.requestId);
    if (typeof gate === 'string') return { text: refusalSentence(gate) };
    if (to === undefined) {
      const card = delegateCard(gate, by);
      if (card === undefined) return { text: refusalSentence('nobody-silent', { gate, viewer: by }) };
      return { text: `Type "delegate ${gate.id} to" and a name.`, card };
    }
    const delegated = await delegations.delegate({ ...about, by, to });
    if (delegated.kind === 'refused') return { text: refusedText(delegated.refusal, { ...delegated, viewer: by }) };
    const text = delegatedSentence(delegated.gate, delegated.name, delegated.reached);
    return { text, card: doneCard(delegated.gate, text) };
  };
}
