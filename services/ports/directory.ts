import type { OutsideIdentity, Person, Principal } from '../domain/person.ts';

/** The directory could not answer: nobody may be taken to be eligible. */
export class DirectoryUnavailableError extends Error {
  override name = 'DirectoryUnavailableError' as const;
  /** Of HTTP, where that refused. */
  readonly status: number | undefined;
  /** Asked again a little later it may be answered. */
  readonly isTransient: boolean;
  /** Seconds to wait, where it was said. */
  readonly retryAfter: number | undefined;
  constructor(
    message: string,
    options: { cause?: unknown; status?: number; isTransient?: true; retryAfter?: number } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.status = options.status;
    this.isTransient = options.isTransient === true;
    this.retryAfter = options.retryAfter;
  }
}

/** Those who are no members now and could become so by themselves (Privileged Identity Management). */
export interface Activation {
  /** Name of the group whose membership they activate, as people know it. */
  readonly group: string;
  readonly people: readonly Person[];
}

/** Who is who. Rejects with DirectoryUnavailableError rather than guess. */
export interface Directory {
  /** As of now, never from a cache; undefined: the directory has no such person. */
  person(oid: string): Promise<Person | undefined>;
  /** Object id of this person's manager, as of now; undefined: none is known. */
  managerOf(oid: string): Promise<string | undefined>;
  /** Everybody of exactly this name, letter for letter; a name never proves who somebody is. */
  named(name: string): Promise<readonly Person[]>;
  /** Transitive members of a group, or the one person; an unknown group is empty. At most 60 s old. */
  membersOf(principal: Principal): Promise<readonly Person[]>;
  /** As of now, never from a cache: what a click is decided by. Transitive; nobody is a member of an unknown group. */
  isMember(oid: string, principals: readonly Principal[]): Promise<boolean>;
  /**
   * The people an outside identity could be, each of them isSameHuman with it; empty when it matches nobody. At most
   * 60 s old.
   */
  matching(identity: OutsideIdentity): Promise<readonly Person[]>;
  /**
   * Who is eligible for a group without being a member, at most 60 s old. Permits nothing, only explains; therefore it
   * never rejects: undefined when that is not known.
   */
  eligibleButInactive(principal: Principal): Promise<Activation | undefined>;
}
