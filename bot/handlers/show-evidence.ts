import { evidenceCard, evidenceText } from '../../cards/evidence-card.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { ViewEvidence } from '../../services/evidence-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** `evidence ID`: what was recorded, whether or not anything was decided by it. */
export function createShowEvidence(view: ViewEvidence) {
  return async (by: TurnPerson, id: string): Promise<Answer> => {
    const seen = await view(by, id);
    if (typeof seen === 'string') return { text: refusalSentence(seen) };
    return { text: evidenceText(seen, by.zone), card: evidenceCard(seen, by.zone) };
  };
}
