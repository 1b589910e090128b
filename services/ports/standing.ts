import type { Covered, Standing } from '../domain/approval.ts';
import type { Cover } from '../domain/cover.ts';
import { type Exclusive, exclusionOf } from '../domain/exclusion.ts';
import type { AskLevel, Candidate } from '../domain/gate.ts';
import type { Person } from '../domain/person.ts';
import { principalsOf } from '../domain/quorum.ts';
import type { Covers } from './covers.ts';
import type { Directory } from './directory.ts';

interface Needs {
  readonly directory: Directory;
  readonly covers: Covers;
}

/**
 * In which of these levels somebody may decide as of now, by themselves or in the place of somebody who is away. Rejects
 * with DirectoryUnavailableError or StoreUnavailableError: then nobody may be taken to be eligible.
 */
export async function standingOf(
  { directory, covers }: Needs,
  oid: string,
  levels: readonly AskLevel[],
  now: string,
): Promise<Standing> {
  const [person, own, inForce] = await Promise.all([
    directory.person(oid),
    memberships(directory, oid, levels),
    covers.inForce(now),
  ]);
  const covered: Covered[] = [];
  // One after the other: nobody knows for how many somebody may stand in.
  for (const cover of inForce.filter(({ by }) => by === oid)) {
    covered.push(...(await coveredBy(directory, cover, levels)));
  }
  return { person, levels: own, covered };
}

/** Nobody when one of the two is not in the directory any more. */
async function coveredBy(
  directory: Directory,
  { absent: oid, setBy: by }: Cover,
  levels: readonly AskLevel[],
): Promise<Covered[]> {
  const theirs = await memberships(directory, oid, levels);
  if (theirs.length === 0) return [];
  const [absent, setBy] = await Promise.all([directory.person(oid), directory.person(by)]);
  return absent === undefined || setBy === undefined ? [] : [{ absent, setBy, levels: theirs }];
}

/** Levels that ask the same people are one question. */
async function memberships(directory: Directory, oid: string, levels: readonly AskLevel[]): Promise<number[]> {
  const asked = new Map<string, Promise<boolean>>();
  const answers = levels.map((level) => {
    const principals = principalsOf(level);
    const key = principals.join(' ');
    const answer = asked.get(key) ?? directory.isMember(oid, principals);
    asked.set(key, answer);
    return answer;
  });
  return (await Promise.all(answers)).flatMap((isMember, index) => (isMember ? [index] : []));
}

/** Those who decide in the place of members that are away, if neither of the two is excluded nor who arranged it. */
export async function standInsOf(
  directory: Directory,
  members: readonly Person[],
  covers: readonly Cover[],
  sources: Exclusive,
  never: readonly string[],
): Promise<Candidate[]> {
  const isFree = (person: Person) => exclusionOf(person, sources, never) === undefined;
  const found = await Promise.all(
    members.filter(isFree).map(async (absent): Promise<Candidate[]> => {
      const cover = covers.find((one) => one.absent === absent.oid);
      if (cover === undefined) return [];
      const [person, setBy] = await Promise.all([directory.person(cover.by), directory.person(cover.setBy)]);
      if (person === undefined || setBy === undefined || !isFree(person) || !isFree(setBy)) return [];
      return [{ oid: person.oid, name: person.name, covers: { oid: absent.oid, name: absent.name } }];
    }),
  );
  return found.flat();
}
