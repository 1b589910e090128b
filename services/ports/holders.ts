import type { Person, Principal } from '../domain/person.ts';
import type { Directory } from './directory.ts';

/** Who of those that findings name is there. */
export interface Holders {
  /** Known to the directory, not disabled and no guest. */
  readonly isActive: (oid: string) => boolean;
  /** Whether at least one member is. */
  readonly hasMember: (principal: Principal) => boolean;
  /** As the directory has it; undefined for whoever has left it. */
  readonly nameOf: (oid: string) => string | undefined;
}

export function isActive({ guest, disabled }: Person): boolean {
  return !guest && !disabled;
}

/** People (object ids) as of now, groups at most 60 s old. Rejects with DirectoryUnavailableError. */
export async function holdersOf(
  directory: Directory,
  { oids, principals }: { readonly oids: Iterable<string>; readonly principals: Iterable<Principal> },
): Promise<Holders> {
  const [people, groups] = await Promise.all([
    Promise.all([...new Set(oids)].map(async (oid) => [oid, await directory.person(oid)] as const)),
    Promise.all([...new Set(principals)].map(async (one) => [one, await directory.membersOf(one)] as const)),
  ]);
  const known = new Map(people.flatMap(([oid, person]) => (person === undefined ? [] : [[oid, person] as const])));
  const members = new Map(groups);
  return {
    isActive: (oid) => {
      const person = known.get(oid);
      return person !== undefined && isActive(person);
    },
    hasMember: (principal) => members.get(principal)?.some(isActive) ?? false,
    nameOf: (oid) => known.get(oid)?.name,
  };
}
