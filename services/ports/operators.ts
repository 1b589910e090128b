import type { Contract } from '../domain/contract.ts';
import type { Directory } from './directory.ts';
import { groupOrLead } from './group-or-lead.ts';
import type { Conversation, Conversations } from './notifier.ts';

interface Needs {
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly conversations: Pick<Conversations, 'find'>;
}

/** Somebody who hears of trouble; without `to` nothing reaches them now. */
export interface Operator {
  readonly oid: string;
  readonly to: Conversation | undefined;
}

/**
 * The contract's operators; where none of them can be reached its owners besides. Rejects with DirectoryUnavailableError
 * or StoreUnavailableError.
 */
export async function operatorsOf(needs: Needs, { operators, owner }: Pick<Contract, 'operators' | 'owner'>) {
  const first = await found(needs, operators);
  if (first.some(({ to }) => to !== undefined)) return first;
  const owners = await found(needs, owner);
  return [...first, ...owners.filter(({ oid }) => !first.some((one) => one.oid === oid))];
}

async function found({ directory, conversations }: Needs, principal: Contract['owner']): Promise<Operator[]> {
  const people = await groupOrLead(directory, principal, undefined);
  return Promise.all(people.map(async ({ oid }) => ({ oid, to: await conversations.find({ kind: 'person', oid }) })));
}
