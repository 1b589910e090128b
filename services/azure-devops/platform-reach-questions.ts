import { z } from 'zod';
import type { PlatformIdentity } from '../domain/platform.ts';
import { type Directory, DirectoryUnavailableError } from '../ports/directory.ts';
import { isGuid } from './paths.ts';
import { translated } from './platform-faults.ts';
import {
  identitiesPath,
  isDescriptor,
  isIdentityDescriptor,
  membersPath,
  subjectLookupPath,
} from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import { isOpened, type ReachKnowledge, reached } from './platform-reach-members.ts';
import type { PlatformRead } from './platform-read.ts';
import { identityOf, isEntraGroup, isOwnGroup, memberships, subjectLookup } from './platform-subjects.ts';

export type Knowing = ReachKnowledge;

/** What is asked next, and what is known then. */
export type Question = (
  read: PlatformRead,
  directory: Pick<Directory, 'membersOf'> | undefined,
) => Promise<Partial<ReachKnowledge>>;

const IDS_AT_ONCE = 50;
const NAMES_AT_ONCE = 15;
const SUBJECTS_AT_ONCE = 100;
/** People of one group that are looked at; of a larger one the rest is counted. */
const MOST_OF_A_GROUP = 100;

const identities = z.object({
  value: z.array(
    z
      .object({ id: z.string().nullish(), descriptor: z.string().nullish(), subjectDescriptor: z.string().nullish() })
      .nullable(),
  ),
});

/** One question of which the answer is not known yet; undefined: everybody is. */
export function questionOf(known: ReachKnowledge): Question | undefined {
  return idsOf(known) ?? namesOf(known) ?? subjectsOf(known) ?? membersOf(known) ?? entraOf(known);
}

function unknownKeys({ roots, identities: known }: ReachKnowledge, is: (key: string) => boolean): string[] {
  const keys = roots.flatMap(({ holders }) => holders.map(({ key }) => key));
  return [...new Set(keys)].filter((key) => known[key] === undefined && is(key));
}

function idsOf(known: ReachKnowledge): Question | undefined {
  const ids = unknownKeys(known, isGuid).slice(0, IDS_AT_ONCE);
  if (ids.length === 0) return undefined;
  return (read) => resolved(read, known, ids, identitiesPath({ ids }), ({ id }) => id?.toLowerCase());
}

function namesOf(known: ReachKnowledge): Question | undefined {
  const descriptors = unknownKeys(known, isIdentityDescriptor).slice(0, NAMES_AT_ONCE);
  if (descriptors.length === 0) return undefined;
  return (read) => resolved(read, known, descriptors, identitiesPath({ descriptors }), ({ descriptor }) => descriptor);
}

type Identity = NonNullable<z.output<typeof identities>['value'][number]>;

async function resolved(
  read: PlatformRead,
  known: ReachKnowledge,
  keys: readonly string[],
  path: string,
  keyOf: (one: Identity) => string | null | undefined,
): Promise<Pick<ReachKnowledge, 'identities'>> {
  const { value } = await translated(PERMISSIONS.identity, () => read.at('vssps')(path, identities));
  const found = new Map(
    value.value.flatMap((one) => {
      const descriptor = one?.subjectDescriptor ?? '';
      return one === null || !isDescriptor(descriptor) ? [] : [[keyOf(one), descriptor] as const];
    }),
  );
  return { identities: { ...known.identities, ...Object.fromEntries(keys.map((key) => [key, found.get(key) ?? ''])) } };
}

function subjectsOf(known: ReachKnowledge): Question | undefined {
  const asked = reached(known)
    .filter((one) => known.subjects[one] === undefined)
    .slice(0, SUBJECTS_AT_ONCE);
  if (asked.length === 0) return undefined;
  return async (read) => {
    const body = { lookupKeys: asked.map((descriptor) => ({ descriptor })) };
    const { value } = await translated(PERMISSIONS.graph, () =>
      read.post(subjectLookupPath(), body, subjectLookup, 'vssps'),
    );
    const found = asked.map((one) => [one, subjectIn(value.value, one)]);
    return { subjects: { ...known.subjects, ...Object.fromEntries(found) } };
  };
}

function subjectIn(found: z.output<typeof subjectLookup>['value'], descriptor: string): PlatformIdentity | null {
  const subject = found[descriptor];
  return subject ? identityOf(subject) : null;
}

function membersOf(known: ReachKnowledge): Question | undefined {
  const group = reached(known).find(
    (one) => isOwnGroup(one) && known.members[one] === undefined && isOpened(known, one),
  );
  if (group === undefined) return undefined;
  return async (read) => {
    const { value } = await translated(PERMISSIONS.graph, () => read.at('vssps')(membersPath(group), memberships));
    const all = [...new Set(value.value.map(({ memberDescriptor }) => memberDescriptor))].sort();
    const [groups, people] = [all.filter(isGroup), all.filter((one) => !isGroup(one))];
    const listed = [...groups, ...people.slice(0, MOST_OF_A_GROUP)];
    return { members: { ...known.members, [group]: { listed, more: all.length - listed.length } } };
  };
}

function isGroup(descriptor: string): boolean {
  return isOwnGroup(descriptor) || isEntraGroup(descriptor);
}

function entraOf(known: ReachKnowledge): Question | undefined {
  const group = reached(known).find(
    (one) => isEntraGroup(one) && known.entra[one] === undefined && isOpened(known, one),
  );
  if (group === undefined) return undefined;
  const oid = known.subjects[group]?.oid;
  return async (_, directory) => {
    const people = oid === undefined ? null : await peopleIn(directory, oid);
    return { entra: { ...known.entra, [group]: people } };
  };
}

/** A group without anybody looks the same as one that the directory does not know: of neither is said that nobody is in it. */
async function peopleIn(directory: Pick<Directory, 'membersOf'> | undefined, oid: string) {
  try {
    const people = (await directory?.membersOf(`group:${oid}`)) ?? [];
    const found = people.map(
      (one): PlatformIdentity => ({ id: one.oid, name: one.name, kind: 'person', oid: one.oid }),
    );
    return found.length === 0 ? null : found;
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return null;
    throw error;
  }
}
