import { ENTRY_KINDS, type EntryKind } from '../services/domain/baseline.ts';
import type { DriftRefusal, DriftRefusalCode } from '../services/domain/drift-refusal.ts';
import type { DriftView } from '../services/domain/drift-view.ts';
import { counted, listOf, nameOf } from './names.ts';
import { refusalSentence } from './words.ts';

const KNOWN_SHOWN = 8;

/** What did not happen, and the way out. Plain text, safe to show as it is. */
export function driftRefusalText(why: DriftRefusal): string {
  if (why.code === 'stranger') return refusalSentence(why.refusal);
  return `Nothing was recorded: ${sayWhy(why)}`;
}

function sayWhy(why: Exclude<DriftRefusal, { code: 'stranger' }>): string {
  switch (why.code) {
    case 'unknown-service':
      return `the catalog has no such service. It has ${namesOf(why.known)}.`;
    case 'unknown-environment':
      return `the catalog has no such environment of it. It has ${namesOf(why.known)}.`;
    case 'not-an-approver':
      return why.approvers.length === 0
        ? 'only an approver of this service and environment accepts drift, and nobody could be one now. "who approves" says why.'
        : `only an approver of this service and environment accepts drift: ${namesOf(why.approvers)}. Ask one of them, or have it taken back.`;
    default:
      return SENTENCES[why.code];
  }
}

type Plain = Exclude<DriftRefusalCode, 'stranger' | 'unknown-service' | 'unknown-environment' | 'not-an-approver'>;

const SENTENCES: Readonly<Record<Plain, string>> = {
  'no-contract': 'no valid contract is in force. Mend the policy files; "contract" lists their problems.',
  'no-baseline':
    'there is no baseline to compare with. It is taken at the next approved deployment to production, once the platform was read.',
  'no-drift': 'all of it is as approved again.',
  'stale-revision': 'it has changed since it was shown. Read it as it is now, then decide again.',
  'nothing-chosen': 'there is more than one change. Choose which you mean.',
  'one-at-a-time': 'exceptions are asked for one by one. Choose one change.',
  'not-comparable':
    'this cannot be looked at now, and nobody knows what would be accepted. Try again once it can be read.',
  'not-recorded': 'others changed it at the same moment. Try again.',
};

function namesOf(names: readonly string[]): string {
  return listOf(names.map(nameOf), KNOWN_SHOWN);
}

/** How much of what is in a baseline. */
export function contentsWords(contents: DriftView['contents']): string {
  const kinds = ENTRY_KINDS.flatMap((kind): string[] => {
    const count = contents[kind] ?? 0;
    const [one, many] = CONTENT_WORDS[kind];
    return count === 0 ? [] : [counted(count, one, many)];
  });
  return kinds.length === 0 ? 'nothing' : listOf(kinds, kinds.length);
}

const CONTENT_WORDS: Readonly<Record<EntryKind, readonly [one: string, many: string]>> = {
  environment: ['environment', 'environments'],
  check: ['check', 'checks'],
  'branch-policy': ['branch policy', 'branch policies'],
  reach: ['list of who administers, approves or deploys', 'lists of who administers, approves or deploys'],
  connection: ['service connection', 'service connections'],
  role: ['role of an identity in Azure', 'roles of identities in Azure'],
  resource: ['resource in Azure', 'resources in Azure'],
};
