import { driftCard, driftText } from '../../cards/drift-card.ts';
import { driftRefusalText } from '../../cards/drift-words.ts';
import type { DriftMeant, DriftViews } from '../../services/drift-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** How a service in production differs from what was approved. */
export function createShowDrift(views: Pick<DriftViews, 'show'>) {
  return async (by: TurnPerson, meant: DriftMeant): Promise<Answer> => {
    const shown = await views.show(by, meant);
    if ('code' in shown) return { text: driftRefusalText(shown) };
    const { view, others } = shown;
    return { text: driftText(view, by, { others }), card: driftCard(view, by, { others }) };
  };
}
