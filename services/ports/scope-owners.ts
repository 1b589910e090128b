import type { Person, Principal } from '../domain/person.ts';
import type { Directory } from './directory.ts';
import type { Conversation, Conversations, Recipient } from './notifier.ts';
import type { PolicySnapshot } from './policy.ts';

interface Needs {
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly conversations: Pick<Conversations, 'find'>;
}

/** Somebody who is told of a scope, and where they are. */
export interface ScopeOwner {
  readonly audience: Recipient;
  readonly to: Conversation;
}

/** A group of at most so many is told itself, a larger one by as many of it. */
const MOST_TOLD = 5;

/**
 * Whoever of a service's owner can be reached; where nobody active is left, of its lead, then of the contract's owner. Rejects when directory
 * or store do not answer.
 */
export async function reachableOwners(needs: Needs, service: string, policy: PolicySnapshot): Promise<ScopeOwner[]> {
  const entry = policy.catalog.services.get(service);
  for (const principal of [entry?.owner, entry?.lead, policy.contract?.owner]) {
    const people = principal === undefined ? [] : await activeOf(needs, principal);
    if (people.length > 0) return reachableAmong(needs, people.slice(0, MOST_TOLD));
  }
  return [];
}

async function activeOf({ directory }: Needs, principal: Principal): Promise<Person[]> {
  const members = await directory.membersOf(principal);
  return members.filter((member) => !member.guest && !member.disabled);
}

async function reachableAmong({ conversations }: Needs, people: readonly Person[]): Promise<ScopeOwner[]> {
  const all = people.map(({ oid }) => ({ kind: 'person', oid }) as const);
  const found = await Promise.all(all.map((audience) => conversations.find(audience)));
  return all.flatMap((audience, n) => {
    const to = found[n];
    return to === undefined ? [] : [{ audience, to }];
  });
}
