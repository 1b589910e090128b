import * as z from 'zod';
import type { Person } from '../domain/person.ts';
import { type Loaded, loadFile, wrong } from './load-file.ts';
import { guid, oneOrMany, text } from './scalars.ts';
import { entriesOf, listOf, member } from './written.ts';
import type { Complaint, Source } from './yaml-text.ts';

/** Who is who, by object id in lower case. */
interface LocalDirectory {
  readonly people: ReadonlyMap<string, Person>;
  /** Group name → object ids of its members. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
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
});

/** Reads directory.yaml: every member and manager must be one of its people, and nobody stands in it twice. */
export function loadDirectory(source: Source): Loaded<LocalDirectory> {
  const loaded = loadFile(source, directorySchema, (data) => [...repeated(data), ...strangers(data)]);
  if (loaded.kind === 'broken') return loaded;
  const { people, groups } = loaded.value.value;
  return {
    kind: 'loaded',
    value: { people: new Map(people.map((one) => [one.oid, one])), groups: new Map(Object.entries(groups)) },
  };
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
    ...entriesOf(member(data, 'groups')).flatMap(([group, members]) =>
      listOf(members).map((oid, index) => ({ path: ['groups', group, index], oid: lowerCase(oid) })),
    ),
  ];
  return references.flatMap(({ path, oid }) =>
    oid === undefined || known.has(oid) ? [] : [{ path, message: wrong(oid, 'the oid of one of the people') }],
  );
}

function oidsOf(data: unknown): (string | undefined)[] {
  return listOf(member(data, 'people')).map((one) => lowerCase(member(one, 'oid')));
}

function lowerCase(value: unknown): string | undefined {
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}
