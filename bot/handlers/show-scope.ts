import { scopeCard, scopeText } from '../../cards/scope-card.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { ScopeMeant, ShowScope } from '../../services/scope-overviews.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** What there is of one service, or of one of its environments. */
export function createShowScopeCard(show: ShowScope) {
  return async (by: TurnPerson, meant: ScopeMeant): Promise<Answer> => {
    const overview = await show(by, meant);
    if ('code' in overview) return { text: triageRefusalText(overview) };
    return { text: scopeText(overview, by), card: scopeCard(overview, by) };
  };
}
