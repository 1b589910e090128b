import { refusedText } from '../../cards/cover-words.ts';
import { doneCard, remindedSentence } from '../../cards/delegate-card.ts';
import type { Meant } from '../../services/ports/meant.ts';
import type { Reminders } from '../../services/reminders.ts';
import type { Answer, TurnPerson } from '../answer.ts';

interface About {
  readonly requestId: string;
  readonly revision?: number;
  readonly op: string;
}

/** Has those reminded who have not answered, or the one who is named. */
export function createRemindApprovers(reminders: Reminders) {
  return async (by: TurnPerson, about: About, to: Meant | undefined): Promise<Answer> => {
    const reminded = await reminders.remind({ ...about, by, ...(to === undefined ? {} : { to }) });
    if (reminded.kind === 'refused') return { text: refusedText(reminded.refusal, { ...reminded, viewer: by }) };
    const text = remindedSentence(reminded.gate, reminded.people);
    return { text, card: doneCard(reminded.gate, text) };
  };
}
