import { findingCard, findingText } from '../../cards/finding-card.ts';
import { findingListCard, findingListText } from '../../cards/finding-list-card.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { FindingFilter } from '../../services/domain/finding-list.ts';
import type { FindingLists } from '../../services/finding-lists.ts';
import type { ViewFinding } from '../../services/finding-view.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import type { FindingMeant } from '../finding-commands.ts';

/** What is open, grouped. */
export function createListFindings(lists: Pick<FindingLists, 'list'>) {
  return async (by: TurnPerson, filter: FindingFilter): Promise<Answer> => {
    const list = await lists.list(by, filter);
    if ('code' in list) return { text: triageRefusalText(list) };
    return { text: findingListText(list, by), card: findingListCard(list, by) };
  };
}

/** All that is known of one. */
export function createShowFinding(view: ViewFinding) {
  return async (by: TurnPerson, meant: FindingMeant): Promise<Answer> => {
    const found = await view({ by, ...meant });
    if ('code' in found) return { text: triageRefusalText(found) };
    return { text: findingText(found, by), card: findingCard(found, by) };
  };
}
