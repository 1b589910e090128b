import type { OutsideIdentity, Person, Principal } from '../domain/person.ts';

/** The directory could not answer: nobody may be taken to be eligible. */
export class DirectoryUnavailableError extends Error {
  override name = 'DirectoryUnavailableError' as const;
}

/** Who is who. Rejects with DirectoryUnavailableError rather than guess. */
export interface Directory {
  person(oid: string): Promise<Person | undefined>;
  /** Transitive members of a group, or the one person; an unknown group is empty. At most 60 s old. */
  membersOf(principal: Principal): Promise<readonly Person[]>;
  /** As of now, never from a cache: what a click is decided by. */
  isMember(oid: string, principals: readonly Principal[]): Promise<boolean>;
  /** The people an outside identity could be; empty when it matches nobody. */
  matching(identity: OutsideIdentity): Promise<readonly Person[]>;
}
