import { humansOf } from './exclusion.ts';
import { isSameHuman, type OutsideIdentity, type Person } from './person.ts';
import type { RunSources } from './run.ts';

/**
 * Whether somebody is another human than those who did something: `other` or `same`; or why that is not known. `unread`: who they all are
 * could not be read; `unmatched`: one of them is nobody whom the directory knows; `nobody`: no human is named.
 */
export const DISTINCTIONS = ['other', 'same', 'unread', 'unmatched', 'nobody'] as const;
export type Distinction = (typeof DISTINCTIONS)[number];

/** How an approver stood to the deployment when they approved it. */
export interface Separation {
  readonly requester: Distinction;
  /** Of any commit that it shipped. */
  readonly author: Distinction;
}

/** `unmatched`: labels of the authors whom the directory does not know. */
export function separationOf(person: Person, sources: RunSources, unmatched: readonly string[]): Separation {
  const aliases = (sources.requesterAliases ?? []).map((id) => ({ id }));
  const isRead = (sources.unreadablePeople ?? []).length === 0;
  return {
    requester: distinction(person, [...sources.requesters, ...aliases], { isRead, isMatched: true }),
    author: distinction(person, sources.authors, { isRead, isMatched: unmatched.length === 0 }),
  };
}

function distinction(
  person: Person,
  identities: readonly OutsideIdentity[],
  { isRead, isMatched }: { readonly isRead: boolean; readonly isMatched: boolean },
): Distinction {
  if (identities.some((identity) => isSameHuman(person, identity))) return 'same';
  if (!isRead) return 'unread';
  if (humansOf(identities).length === 0) return 'nobody';
  return isMatched ? 'other' : 'unmatched';
}
