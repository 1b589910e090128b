import { postureCard, postureText } from '../../cards/posture-card.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { ScopePostures } from '../../services/scope-postures.ts';
import type { Answer, TurnPerson } from '../answer.ts';

/** How the environments of one service stand, or one of them, and the platform before them. */
export function createShowPosture(postures: Pick<ScopePostures, 'show'>) {
  return async (
    by: TurnPerson,
    meant: { readonly service: string; readonly environment?: string },
  ): Promise<Answer> => {
    const posture = await postures.show(by, meant);
    if ('code' in posture) return { text: triageRefusalText(posture) };
    return { text: postureText(posture, by.zone), card: postureCard(posture, by.zone) };
  };
}
