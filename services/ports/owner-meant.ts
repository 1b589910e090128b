import type { ExceptionTerms } from '../domain/exception.ts';
import type { ExceptionRefusal } from '../domain/exception-refusal.ts';
import { principalOf } from '../domain/exception-terms.ts';
import { nameIn, type Principal } from '../domain/person.ts';
import type { Directory } from './directory.ts';
import { type Meant, personMeant } from './meant.ts';
import type { Conversations } from './notifier.ts';

interface Needs {
  readonly directory: Directory;
  readonly conversations: Pick<Conversations, 'userIdOf'>;
}

export type OwnerMeant = Pick<ExceptionTerms, 'owner' | 'ownerName'>;

/**
 * Who is to be accountable, as of now: one active person of the directory, or a group with at least one. Guests and
 * disabled accounts own nothing. Rejects with DirectoryUnavailableError or StoreUnavailableError.
 */
export async function ownerMeant(needs: Needs, text: string, meant?: Meant): Promise<OwnerMeant | ExceptionRefusal> {
  const owner = text.trim();
  const principal = meant === undefined ? principalOf(owner) : undefined;
  if (principal?.startsWith('group:') === true) return groupOwner(needs.directory, principal);
  const wanted: Meant =
    principal === undefined ? (meant ?? { kind: 'typed', text: owner }) : { kind: 'person', oid: nameIn(principal) };
  const person = await personMeant(needs, wanted);
  if (person === 'several-meant') return { code: 'several-meant' };
  if (person === 'nobody-meant') return { code: 'owner-unknown', owner };
  if (person.disabled) return { code: 'owner-disabled', owner: person.name };
  return person.guest
    ? { code: 'owner-guest', owner: person.name }
    : { owner: `user:${person.oid}`, ownerName: person.name };
}

async function groupOwner(directory: Directory, group: Principal): Promise<OwnerMeant | ExceptionRefusal> {
  const members = await directory.membersOf(group);
  return members.some(({ guest, disabled }) => !guest && !disabled)
    ? { owner: group }
    : { code: 'owner-empty', owner: group };
}
