import { driftRefusalText } from '../../cards/drift-words.ts';
import type { DriftChosen, DriftViews } from '../../services/drift-views.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import type { AskedException } from '../exception-wish.ts';

type Request = (by: TurnPerson, asked: AskedException, op: string) => Promise<Answer>;

/** Shows the form for an exception, filled in for the drift that was chosen. */
export function createExceptDrift({ chosen }: Pick<DriftViews, 'chosen'>, request: Request) {
  return async (by: TurnPerson, word: DriftChosen, op: string): Promise<Answer> => {
    const found = await chosen(by, word);
    if ('code' in found) return { text: driftRefusalText(found) };
    const { service, environment } = word;
    return request(by, { service, environment, terms: {}, fingerprints: [found.fingerprint] }, op);
  };
}
