import type { Principal } from '../services/domain/person.ts';
import { listOf, principalName } from './names.ts';
import { plain } from './text.ts';
import { unknownNameSentence } from './who-approves-card.ts';
import { OBSTACLE_WORDS } from './words.ts';

const NAME_MAX = 64;
const NAMES_SHOWN = 10;

type TrendRefusal =
  | { readonly kind: 'no-contract' }
  | { readonly kind: 'unknown-scope' | 'unknown-control'; readonly known: readonly string[] }
  | { readonly kind: 'nothing-to-promote'; readonly control: string }
  | { readonly kind: 'unknown-review' | 'stale' | 'not-recorded' }
  | { readonly kind: 'not-the-reviewer'; readonly reviewer: Principal };

/** Why there is nothing to show or nothing was recorded, and what to do. `nearest` finds what was meant perhaps. */
export function trendRefusalSentence(
  why: TrendRefusal,
  nearest: (known: readonly string[]) => string | undefined = () => undefined,
): string {
  switch (why.kind) {
    case 'no-contract':
      return `${OBSTACLE_WORDS['no-contract'].what} ${OBSTACLE_WORDS['no-contract'].now}`;
    case 'unknown-scope':
      return unknownScopeSentence(why.known, nearest(why.known));
    case 'unknown-control':
      return unknownNameSentence('control', why.known, nearest(why.known));
    case 'nothing-to-promote':
      return `Nothing of ${plain(why.control, NAME_MAX)} is only counted that could warn as a whole: what merely informs warns by rules that are named in when.rule.`;
    case 'unknown-review':
      return 'Nothing was recorded: there is no such review any more. Write "trends" or "audit" for the figures as they are now.';
    case 'stale':
      return 'Nothing was recorded: the figures were sent once more since. Look at the newer card and record that.';
    case 'not-recorded':
      return 'Nothing was recorded: somebody else was at it at the same moment. Click once more.';
    case 'not-the-reviewer':
      return `Nothing was recorded: ${principalName(why.reviewer)} reviews this, or the contract's owner does.`;
  }
}

function unknownScopeSentence(known: readonly string[], nearest: string | undefined): string {
  const meant = nearest === undefined ? '' : ` Did you mean "${plain(nearest, NAME_MAX)}"?`;
  const names = known.map((name) => plain(name, NAME_MAX));
  return `There is no service or environment of this name.${meant} There are ${listOf(names, NAMES_SHOWN)}.`;
}
