import { driftCard, driftText } from '../../cards/drift-card.ts';
import { driftRefusalText } from '../../cards/drift-words.ts';
import type { AcceptWord, Baselines } from '../../services/baselines.ts';
import { type Answer, actorOf, type TurnPerson } from '../answer.ts';

/** Takes what somebody chose into the baseline: the server reads and authorises everything again. */
export function createAcceptDrift({ accept }: Pick<Baselines, 'accept'>) {
  return async (by: TurnPerson, word: Omit<AcceptWord, 'by'>): Promise<Answer> => {
    const answered = await accept({ ...word, by: actorOf(by) });
    if (answered.kind === 'refused') {
      const { why, view } = answered;
      if (view === undefined) return { text: driftRefusalText(why) };
      return { text: driftRefusalText(why), card: driftCard(view, by, { refused: why }) };
    }
    const { view, count, until } = answered;
    const note = { accepted: { count, ...(until === undefined ? {} : { until }) } };
    return { text: driftText(view, by, note), card: driftCard(view, by, note) };
  };
}
