import type { Subscribed } from '../services/domain/subscription.ts';
import { listOf, nameOf } from './names.ts';
import { plain } from './text.ts';
import { refusalSentence } from './words.ts';

const SCOPE_MAX = 64;
const NAMES_SHOWN = 10;

/** What became of the wish, and what the digest has now. Plain text. */
export function subscribedSentence(answer: Subscribed, nearestOf: (known: readonly string[]) => string | undefined) {
  switch (answer.kind) {
    case 'refused':
      return refusalSentence(answer.why);
    case 'subscribed':
      return `Your daily digest has everything of ${nameOf(answer.scope)} from now on. ${allWords(answer.all)}`;
    case 'unsubscribed':
      return `Your daily digest has only what you own of ${nameOf(answer.scope)} from now on. ${allWords(answer.all)}`;
    case 'already':
      return `Nothing was done: you are subscribed to ${nameOf(answer.scope)}. ${allWords(answer.all)}`;
    case 'not-subscribed':
      return `Nothing was done: you are not subscribed to ${plain(answer.scope, SCOPE_MAX)}. ${allWords(answer.all)}`;
    case 'too-many':
      return `Nothing was done: you are subscribed to ${answer.all.length} already, which is the most. "unsubscribe SCOPE" ends one: ${listOf(answer.all.map(nameOf), NAMES_SHOWN)}.`;
    case 'unknown-scope':
      return unknownSentence(answer, nearestOf(answer.known));
  }
}

function unknownSentence({ scope, known }: Extract<Subscribed, { kind: 'unknown-scope' }>, close: string | undefined) {
  const hint =
    close === undefined ? `Known are ${listOf(known.map(nameOf), NAMES_SHOWN)}.` : `Did you mean "${nameOf(close)}"?`;
  return `Nothing was done: ${plain(scope, SCOPE_MAX)} is neither a service nor an environment. ${hint}`;
}

function allWords(all: readonly string[]): string {
  return all.length === 0
    ? 'You are subscribed to nothing else.'
    : `You are subscribed to ${listOf(all.map(nameOf), NAMES_SHOWN)}.`;
}
