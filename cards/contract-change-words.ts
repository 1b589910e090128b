import type { RuleChange } from '../services/domain/contract-diff.ts';
import { ruleWords } from './rule-words.ts';

/** One sentence for one change: `sast: a rule was tightened: warn when … is now block when …`. */
export function changeWords(change: RuleChange): string {
  const where = change.service === undefined ? change.control : `${change.control}, override for ${change.service}`;
  switch (change.kind) {
    case 'added':
      return `${where}: a rule was added: ${ruleWords(change.after)}`;
    case 'removed':
      return `${where}: a rule was removed: ${ruleWords(change.before)}`;
    case 'tightened':
    case 'loosened':
      return `${where}: a rule was ${change.kind}: ${ruleWords(change.before)} is now ${ruleWords(change.after)}`;
    case 'reordered':
      return `${where}: rules that stay stand in another order, and the first match decides`;
  }
}

const KINDS = ['added', 'removed', 'tightened', 'loosened'] as const;

/** `1 added, 0 removed, 2 tightened, 0 loosened`. */
export function countWords(changes: readonly RuleChange[]): string {
  return KINDS.map((kind) => `${changes.filter((change) => change.kind === kind).length} ${kind}`).join(', ');
}
