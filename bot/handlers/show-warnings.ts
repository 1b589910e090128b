import type { ActionData } from '../../cards/actions.ts';
import { notSeenSentence } from '../../cards/warning-rows.ts';
import { warningCard, warningListCard, warningListText, warningText } from '../../cards/warnings-card.ts';
import type { DigestViews } from '../../services/digest-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** The rest of one section of a digest. */
export function createShowMoreWarnings(views: Pick<DigestViews, 'more'>) {
  return async (by: TurnPerson, { service, section }: ActionData<'digest.more'>): Promise<Answer> => {
    const seen = await views.more(by, { service, section });
    if (seen.kind !== 'more') return { text: notSeenSentence(seen) };
    return { text: warningListText(seen, by.zone), card: warningListCard(seen, by.zone) };
  };
}

/** Why one finding is a warning. */
export function createExplainWarning(views: Pick<DigestViews, 'why'>) {
  return async (by: TurnPerson, { service, fingerprint }: ActionData<'finding.why'>): Promise<Answer> => {
    const seen = await views.why(by, { service, fingerprint });
    if (seen.kind !== 'warning') return { text: notSeenSentence(seen) };
    return { text: warningText(seen, by.zone), card: warningCard(seen, by.zone) };
  };
}
