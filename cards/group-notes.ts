import type { Gate } from '../services/domain/gate.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import { placeName } from './group-rows.ts';
import type { Viewer } from './names.ts';
import { refusalSentence } from './words.ts';

/** What became of one decision among several. */
type Outcome =
  | { readonly kind: 'decided' }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly gate?: Gate; readonly group?: string }
  /** Whether it was recorded is not known. */
  | { readonly kind: 'unanswered' };

/** Why this one was not decided, with its place; none when it was. */
export function groupNote(requestId: string, outcome: Outcome, viewer: Viewer): string[] {
  if (outcome.kind === 'decided') return [];
  if (outcome.kind === 'unanswered')
    return [`${requestId}: the store did not answer, so it is not known whether this was recorded. Try again.`];
  const { gate, refusal } = outcome;
  const where = gate === undefined ? requestId : placeName(gate, true);
  return [`${where}: ${refusalSentence(refusal, { ...outcome, viewer })}`];
}
