import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isSameHuman, nameIn, type Person, type Principal } from '../domain/person.ts';
import { type Activation, type Directory, DirectoryUnavailableError } from '../ports/directory.ts';

/** Who is who, as a directory file says it. */
interface Content {
  /** By object id in lower case. */
  readonly people: ReadonlyMap<string, Person>;
  /** Group name → object ids of its members. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Group name → object ids of those who could activate a membership. */
  readonly eligible: ReadonlyMap<string, readonly string[]>;
}

/** The strict reader of `kind: Directory`; wired by the composition root, as adapters do not import one another. */
type Load = (source: {
  readonly file: string;
  readonly text: string;
}) =>
  | { readonly kind: 'loaded'; readonly value: Content }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/**
 * The local directory (`DIRECTORY_FILE`). The file is read at every question, so a removed approver is out at once; a
 * file that cannot be read or is wrong anywhere answers nothing. Groups hold people, not groups.
 */
export function createFileDirectory({ file, load }: { readonly file: string; readonly load: Load }): Directory {
  let last: { readonly text: string; readonly content: Content } | undefined;

  async function content(): Promise<Content> {
    const text = await readFile(file, 'utf8').catch((cause: unknown) => {
      throw new DirectoryUnavailableError(`the directory file ${file} cannot be read (DIRECTORY_FILE)`, { cause });
    });
    if (last?.text === text) return last.content;
    const loaded = load({ file: basename(file), text });
    if (loaded.kind === 'broken') {
      throw new DirectoryUnavailableError(`the directory file is wrong:\n${loaded.problems.join('\n')}`);
    }
    last = { text, content: loaded.value };
    return loaded.value;
  }

  async function activation(principal: Principal): Promise<Activation> {
    const { people, eligible } = await content();
    const group = nameIn(principal);
    const oids = principal.startsWith('group:') ? (eligible.get(group) ?? []) : [];
    return { group, people: [...new Set(oids)].flatMap((oid) => people.get(oid) ?? []) };
  }

  return {
    async person(oid) {
      return (await content()).people.get(oid.toLowerCase());
    },
    async managerOf(oid) {
      return (await content()).people.get(oid.toLowerCase())?.manager;
    },
    async named(name) {
      return [...(await content()).people.values()].filter((person) => person.name === name);
    },
    async membersOf(principal) {
      const { people, groups } = await content();
      return membersOf(groups, principal).flatMap((oid) => people.get(oid) ?? []);
    },
    async isMember(oid, principals) {
      const { people, groups } = await content();
      const id = oid.toLowerCase();
      return people.has(id) && principals.some((principal) => membersOf(groups, principal).includes(id));
    },
    async matching(identity) {
      return [...(await content()).people.values()].filter((person) => isSameHuman(person, identity));
    },
    eligibleButInactive: (principal) => activation(principal).catch(() => undefined),
  };
}

function membersOf(groups: Content['groups'], principal: Principal): readonly string[] {
  if (principal.startsWith('user:')) return [nameIn(principal).toLowerCase()];
  return [...new Set(groups.get(nameIn(principal)) ?? [])];
}
