import type { Person, Principal } from '../domain/person.ts';
import type { Directory } from './directory.ts';

/** A larger group is told through its lead. */
const GROUP_LIMIT = 5;

/**
 * Who is told in the place of an owner: a group of at most five itself, a larger one through its lead (contract.md,
 * Blocked). Empty: nobody is left. Rejects with DirectoryUnavailableError.
 */
export async function groupOrLead(
  directory: Pick<Directory, 'membersOf'>,
  owner: Principal,
  lead: Principal | undefined,
): Promise<readonly Person[]> {
  const members = readersAmong(await directory.membersOf(owner));
  if (members.length <= GROUP_LIMIT) return members;
  const leads = lead === undefined ? [] : readersAmong(await directory.membersOf(lead));
  return (leads.length > 0 ? leads : members).slice(0, GROUP_LIMIT);
}

/** Nobody is sent what they could not read if they asked for it (views.ts). */
export function readersAmong(people: readonly Person[]): Person[] {
  return people.filter(({ guest, disabled }) => !guest && !disabled);
}
