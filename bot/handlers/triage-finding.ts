import { assignCard, snoozeCard, triageDoneCard, triageDoneText } from '../../cards/triage-card.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { TriageAnswered, Triaging } from '../../services/triage.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import type { FindingHandlers, FindingMeant } from '../finding-commands.ts';

type Words = Pick<FindingHandlers, 'claim' | 'unclaim' | 'snooze' | 'assign'>;

/** What somebody says about a finding; without a day or a person, they are asked for it. */
export function createTriageFinding(triaging: Triaging): Words {
  return {
    // The card on which it was clicked, with everything else on it, stays.
    claim: async (by, meant, op) => ({ text: answerTo(await triaging.claim({ ...meant, op, by }), by).text }),
    unclaim: async (by, meant, op) => answerTo(await triaging.release({ ...meant, op, by }), by),
    snooze: async (by, meant, op, until) => {
      if (until === undefined) return askFor(triaging, by, meant, snoozeCard);
      return answerTo(await triaging.snooze({ ...meant, until, timezone: by.zone, op, by }), by);
    },
    assign: async (by, meant, op, to) => {
      if (to === undefined) return askFor(triaging, by, meant, assignCard);
      return answerTo(await triaging.assign({ ...meant, to, op, by }), by);
    },
  };
}

function answerTo(answered: TriageAnswered, by: TurnPerson): Answer {
  if (answered.kind === 'refused') return { text: triageRefusalText(answered.why) };
  return { text: triageDoneText(answered, by), card: triageDoneCard(answered, by) };
}

type Form = typeof snoozeCard;

async function askFor(triaging: Triaging, by: TurnPerson, meant: FindingMeant, form: Form): Promise<Answer> {
  const offer = await triaging.offer({ by, ...meant });
  if ('code' in offer) return { text: triageRefusalText(offer) };
  const card = form(offer, meant.environment ?? offer.finding.places[0]?.environment ?? '');
  return { text: String(card['fallbackText']), card };
}
