import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileDirectory } from '../../services/directory/file-directory.ts';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';

const ALEX = '6a090ea8-2d23-42f0-ae08-8772ed927db2';
const ADELE = 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e';
const CONTENT = `kind: Directory
people:
  - { oid: ${ALEX.toUpperCase()}, name: Alex, upn: Alex@Contoso.example, manager: ${ADELE} }
  - { oid: ${ADELE}, name: Adele, upn: adele@contoso.example, sameAs: [Adele@Vance.example], guest: true }
groups:
  leads: [${ALEX}]
  empty: []
eligible:
  leads: [${ADELE}]
`;

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'directory-'));
  file = join(folder, 'directory.yaml');
  await writeFile(file, CONTENT);
});

afterEach(() => rm(folder, { recursive: true }));

const directory = () => createFileDirectory({ file, load: loadDirectory });

test('a person is found by object id in any case', async () => {
  expect(await directory().person(ALEX.toUpperCase())).toStrictEqual({
    oid: ALEX,
    name: 'Alex',
    upn: 'alex@contoso.example',
    manager: ADELE,
    guest: false,
    disabled: false,
    sameAs: [],
  });
  expect(await directory().person('nobody')).toBeUndefined();
});

test('what one account says of another holds for both, and for a third that one of them names', async () => {
  const [second, third] = ['1f21ced3-ef3b-424b-b7aa-6985319a5af6', '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb'];
  const accounts = `  - { oid: ${second}, name: Adele admin, upn: adm-adele@contoso.example, sameAs: [${ADELE}, ${third}] }
  - { oid: ${third}, name: Adele test, upn: test-adele@contoso.example }
`;
  await writeFile(file, CONTENT.replace('groups:\n', `${accounts}groups:\n`));

  const found = await directory().matching({ uniqueName: 'adele@contoso.example' });
  expect(found.map(({ oid }) => oid)).toEqual([ADELE, second, third]);
  for (const { oid } of found) expect((await directory().matching({ id: oid })).map((one) => one.oid)).toContain(third);
  expect((await directory().person(ALEX))?.sameAs).toEqual([]);
});

test('a group gives its members, a user itself, an unknown group nobody', async () => {
  const names = async (principal: `group:${string}` | `user:${string}`) =>
    (await directory().membersOf(principal)).map(({ name }) => name);

  expect(await names('group:leads')).toEqual(['Alex']);
  expect(await names(`user:${ADELE.toUpperCase()}`)).toEqual(['Adele']);
  expect(await names('group:unknown')).toEqual([]);
  expect(await names('group:empty')).toEqual([]);
});

test('membership is by object id alone', async () => {
  const asked = directory();

  expect(await asked.isMember(ALEX.toUpperCase(), ['group:empty', 'group:leads'])).toBe(true);
  expect(await asked.isMember(ADELE, ['group:leads'])).toBe(false);
  expect(await asked.isMember(ADELE, [`user:${ADELE}`])).toBe(true);
  expect(await asked.isMember('alex@contoso.example', ['group:leads'])).toBe(false);
});

test('a user who is not in the file is a member of nothing', async () => {
  const stranger = '1f21ced3-ef3b-424b-b7aa-6985319a5af6';

  expect(await directory().isMember(stranger, [`user:${stranger}`])).toBe(false);
});

test('an outside identity matches by any of its ids and addresses', async () => {
  const asked = directory();

  expect((await asked.matching({ uniqueName: 'ADELE@vance.example' })).map(({ name }) => name)).toEqual(['Adele']);
  expect((await asked.matching({ id: ALEX })).map(({ name }) => name)).toEqual(['Alex']);
  expect(await asked.matching({ name: 'Alex' })).toEqual([]);
});

test('one further address may stand without a list', async () => {
  await writeFile(file, CONTENT.replace('[Adele@Vance.example]', 'Adele@Vance.example'));

  expect((await directory().person(ADELE))?.sameAs).toEqual(['adele@vance.example']);
});

test('whoever is taken out of a group is out at the next question', async () => {
  const asked = directory();
  expect(await asked.isMember(ALEX, ['group:leads'])).toBe(true);

  await writeFile(file, CONTENT.replace(`leads: [${ALEX}]`, 'leads: []'));

  expect(await asked.isMember(ALEX, ['group:leads'])).toBe(false);
});

test('a file that turns wrong answers nothing, not what it said before', async () => {
  const asked = directory();
  await asked.person(ALEX);

  await writeFile(file, `${CONTENT}people: []\n`);

  await expect(asked.isMember(ALEX, ['group:leads'])).rejects.toThrow(DirectoryUnavailableError);
  await expect(asked.isMember(ALEX, ['group:leads'])).rejects.toThrow(/directory\.yaml:10 yaml: a key stands twice/);
});

test('a file that is gone answers nothing and says which', async () => {
  await rm(file);

  const failure = directory().membersOf('group:leads');

  await expect(failure).rejects.toThrow(DirectoryUnavailableError);
  await expect(failure).rejects.toThrow(/DIRECTORY_FILE/);
  await expect(failure).rejects.toHaveProperty('cause.code', 'ENOENT');
});

test('the file may be repaired', async () => {
  const asked = directory();
  await rm(file);
  await expect(asked.person(ALEX)).rejects.toThrow(DirectoryUnavailableError);

  await writeFile(file, CONTENT);

  expect(await asked.person(ALEX)).toBeDefined();
});

test.each([
  [`oid: ${ADELE}`, `oid: ${ALEX}`, /^directory\.yaml:4 people\[1\]\.oid: is the oid of people\[0\] too; /m],
  [
    `leads: [${ALEX}]`,
    `leads: [${ALEX.replace('6a', '7b')}]`,
    /^directory\.yaml:6 groups\.leads\[0\]: .* the oid of one of the people$/m,
  ],
  [`manager: ${ADELE}`, `manager: ${ADELE.replace('c2', 'c3')}`, /^directory\.yaml:3 people\[0\]\.manager: is /m],
  [`oid: ${ADELE}`, 'oid: adele', /^directory\.yaml:4 people\[1\]\.oid: is "adele"; allowed: an object id such as /m],
  ['guest: true', 'guest: sometimes', /^directory\.yaml:4 people\[1\]\.guest: is "sometimes"; allowed: true, false$/m],
  [
    'guest: true',
    'admin: true',
    /^directory\.yaml:4 people\[1\]\.admin: is not a key here; allowed: oid, name, upn, /m,
  ],
  ['name: Adele, ', '', /^directory\.yaml:4 people\[1\]\.name: is missing; /m],
  [
    `  leads: [${ADELE}]`,
    `  lead: [${ADELE}]`,
    /^directory\.yaml:9 eligible\.lead: .* the name of one of the groups$/m,
  ],
  [
    `  leads: [${ADELE}]`,
    `  leads: [${ALEX}]`,
    /^directory\.yaml:9 eligible\.leads\[0\]: is a member of the group already; /m,
  ],
  [
    `  leads: [${ADELE}]`,
    `  leads: [${ADELE.replace('c2', 'c3')}]`,
    /^directory\.yaml:9 eligible\.leads\[0\]: .* the oid of one of/m,
  ],
  [`  leads: [${ADELE}]`, '  leads: adele', /^directory\.yaml:9 eligible\.leads: is "adele"; allowed: /m],
  ['kind: Directory', 'kind: People', /^directory\.yaml:1 kind: is "People"; allowed: Directory$/m],
])('a directory with %s as %s is refused', (from, to, expected) => {
  const loaded = loadDirectory({ file: 'directory.yaml', text: CONTENT.replace(from, to) });

  expect(loaded.kind === 'broken' && loaded.problems.join('\n')).toMatch(expected);
});

test('the sample directory holds every group that the sample policy asks', async () => {
  const policy = createFolderPolicy({ dir: 'manifest/policy', clock: { now: () => '2026-11-23T08:00:00.000Z' } });
  const asked = createFileDirectory({ file: 'manifest/policy/directory.yaml', load: loadDirectory });
  const written = JSON.stringify([...(await policy.current()).catalog.services.values(), await policy.current()]);
  const principals = [...new Set(written.match(/group:[\w-]+/g))] as `group:${string}`[];

  expect(principals.length).toBeGreaterThan(5);
  for (const principal of principals)
    expect([principal, await asked.membersOf(principal)]).not.toEqual([principal, []]);
});
