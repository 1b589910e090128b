import * as z from 'zod';
import { aliasesOf, type Person } from '../domain/person.ts';
import { type Loaded, loadFile, wrong } from './load-file.ts';
import { guid, oneOrMany, text } from './scalars.ts';
import { entriesOf, listOf, member } from './written.ts';
import type { Complaint, Source } from './yaml-text.ts';

/** Who is who, by object id in lower case. */
interface LocalDirectory {
  readonly people: ReadonlyMap<string, Person>;
  /** Group name → object ids of its members. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Group name → object ids of those who could activate a membership and have not. */
  readonly eligible: ReadonlyMap<string, readonly string[]>;
}

const alias = text(300).transform((written) => written.toLowerCase());

const person = z.strictObject({
  oid: guid,
  name: text(200),
  upn: alias,
  manager: guid.exactOptional(),
  guest: z.boolean().default(false),
  disabled: z.boolean().default(false),
  sameAs: oneOrMany(alias, 0).default([]),
});

const directorySchema = z.strictObject({
  kind: z.literal('Directory'),
  people: z.array(person),
  groups: z.record(text(200), z.array(guid)).default({}),
  eligible: z.record(text(200), z.array(guid)).default({}),
});

/**
 * Reads directory.yaml: every member and manager must be one of its people, and nobody stands in it twice; whoever is
 * eligible for a group is eligible for one of its groups and no member of it.
 */
export function loadDirectory(source: Source): Loaded<LocalDirectory> {
  const loaded = loadFile(source, directorySchema, (data) => [
    ...repeated(data),
    ...strangers(data),
    ...inactive(data),
  ]);
  if (loaded.kind === 'broken') return loaded;
  const { people, groups, eligible } = loaded.value.value;
  return {
    kind: 'loaded',
    value: {
      people: new Map(withAllAliases(people).map((one) => [one.oid, one])),
      groups: new Map(Object.entries(groups)),
      eligible: new Map(Object.entries(eligible)),
    },
  };
}

/** Of two accounts one may name the other: what either says of the same human holds for both. */
function withAllAliases(people: readonly Person[]): Person[] {
  const named = people.flatMap((person) => aliasesOf(person).map((alias) => ({ alias, person })));
  const byAlias = Map.groupBy(named, ({ alias }) => alias);
  return people.map((person) => {
    const aliases = new Set(aliasesOf(person));
    // What is added on the way is looked up too.
    for (const alias of aliases)
      for (const account of byAlias.get(alias) ?? []) for (const other of aliasesOf(account.person)) aliases.add(other);
    return { ...person, sameAs: [...aliases].filter((alias) => alias !== person.oid && alias !== person.upn) };
  });
}

function repeated(data: unknown): Complaint[] {
  const oids = oidsOf(data);
  return oids.flatMap((oid, index) => {
    const first = oids.indexOf(oid);
    if (oid === undefined || first === index) return [];
    const message = `is the oid of people[${first}] too; allowed: each object id once`;
    return [{ path: ['people', index, 'oid'], message }];
  });
}

function strangers(data: unknown): Complaint[] {
  const known = new Set(oidsOf(data));
  const references = [
    ...listOf(member(data, 'people')).map((one, index) => ({
      path: ['people', index, 'manager'],
      oid: lowerCase(member(one, 'manager')),
    })),
    ...namedIn(data, 'groups'),
    ...namedIn(data, 'eligible'),
  ];
  return references.flatMap(({ path, oid }) =>
    oid === undefined || known.has(oid) ? [] : [{ path, message: wrong(oid, 'the oid of one of the people') }],
  );
}

function inactive(data: unknown): Complaint[] {
  const groups = entriesOf(member(data, 'groups')).map(([group]) => group);
  const members = new Set(namedIn(data, 'groups').map(({ path: [, group], oid }) => `${group} ${oid}`));
  return [
    ...entriesOf(member(data, 'eligible'))
      .filter(([group]) => !groups.includes(group))
      .map(([group]) => ({ path: ['eligible', group], message: wrong(group, 'the name of one of the groups') })),
    ...namedIn(data, 'eligible')
      .filter(({ path: [, group], oid }) => members.has(`${group} ${oid}`))
      .map(({ path }) => ({ path, message: 'is a member of the group already; allowed: who is none' })),
  ];
}

/** Each object id below a key that lists them by group, and where it stands. */
function namedIn(data: unknown, key: 'groups' | 'eligible') {
  return entriesOf(member(data, key)).flatMap(([group, oids]) =>
    listOf(oids).map((oid, index) => ({ path: [key, group, index], oid: lowerCase(oid) })),
  );
}

function oidsOf(data: unknown): (string | undefined)[] {
  return listOf(member(data, 'people')).map((one) => lowerCase(member(one, 'oid')));
}

function lowerCase(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}
