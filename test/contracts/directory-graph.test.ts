import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGraphDirectory } from '../../services/directory/graph-directory.ts';
import type { Principal } from '../../services/domain/person.ts';
import type { Directory } from '../../services/ports/directory.ts';
import { type GraphFake, startGraph } from '../fakes/graph.ts';
import type { GraphUser } from '../fakes/graph-answers.ts';

const guid = (n: number, kind = 'a') => `${n.toString(16).padStart(8, '0')}-${kind.repeat(4)}-4000-8000-000000000000`;
const groupId = (n: number) => guid(n, 'b');
const [ALEX, ADELE, LEE] = [guid(1), guid(2), guid(3)] as const;
const [LEADS, TEAM, INNER] = [groupId(1), groupId(2), groupId(3)] as const;

const user = (id: string, name: string, over: Partial<GraphUser> = {}): GraphUser => ({
  id,
  displayName: name,
  userPrincipalName: `${name.toLowerCase()}@contoso.example`,
  userType: 'Member',
  accountEnabled: true,
  mail: null,
  otherMails: [],
  proxyAddresses: [],
  ...over,
});

let graph: GraphFake;
let now: number;
let directory: Directory;

beforeEach(async () => {
  graph = await startGraph();
  now = 0;
  graph.world.users = [user(ALEX, 'Alex'), user(ADELE, 'Adele'), user(LEE, 'Lee')];
  graph.world.groups = [
    { id: LEADS, displayName: 'leads', members: [TEAM, ALEX] },
    { id: TEAM, displayName: 'team', members: [INNER] },
    { id: INNER, displayName: 'inner', members: [ADELE, ALEX, LEADS] },
  ];
  const { url, credential } = graph;
  directory = createGraphDirectory({ url, credential, allowLoopback: true, now: () => now });
});

afterEach(() => graph.close());

const names = async (principal: Principal) => (await directory.membersOf(principal)).map(({ name }) => name).sort();
/** Sent since the last time asked. */
const sent = () => graph.requests.splice(0);

test('members of groups in groups are members, each once, even where groups hold one another', async () => {
  expect(await names('group:leads')).toEqual(['Adele', 'Alex']);
  expect(await directory.isMember(ADELE, ['group:leads'])).toBe(true);
  expect(await directory.isMember(LEE, ['group:leads'])).toBe(false);
});

test('all pages are read', async () => {
  graph.world.users = Array.from({ length: 25 }, (_, n) => user(guid(n + 100), `P${n}`));
  graph.world.groups = [{ id: LEADS, displayName: 'leads', members: graph.world.users.map(({ id }) => id) }];
  graph.world.pageSize = 10;

  expect(await directory.membersOf('group:leads')).toHaveLength(25);
  expect(sent().filter((request) => request.includes('skiptoken='))).toHaveLength(2);
});

test('what an object id names is the group with that id and never one of that name', async () => {
  graph.world.groups = [...graph.world.groups, { id: groupId(9), displayName: groupId(8), members: [LEE] }];

  expect(await names(`group:${LEADS.toUpperCase()}`)).toEqual(['Adele', 'Alex']);
  expect(await directory.isMember(ADELE, [`group:${LEADS.toUpperCase()}`])).toBe(true);
  expect(await names(`group:${groupId(8)}`)).toEqual([]);
  expect(await directory.isMember(LEE, [`group:${groupId(8)}`])).toBe(false);
});

test('of two groups with one name neither is taken, and the way out is named', async () => {
  graph.world.groups = [...graph.world.groups, { id: groupId(7), displayName: 'leads', members: [LEE] }];

  for (const question of [
    () => directory.membersOf('group:leads'),
    () => directory.isMember(ALEX, ['group:leads']),
    () => directory.isMember(LEE, ['group:inner', 'group:leads']),
  ])
    await expect(question()).rejects.toThrow(/several groups are called "leads": write group: with the object id/);
  expect(await directory.isMember(ALEX, [`group:${LEADS}`])).toBe(true);
});

test('a group whose name differs in case is another group', async () => {
  graph.world.groups = [...graph.world.groups, { id: groupId(7), displayName: 'LEADS', members: [LEE] }];

  expect(await names('group:leads')).toEqual(['Adele', 'Alex']);
  expect(await directory.isMember(LEE, ['group:leads'])).toBe(false);
  expect(await directory.isMember(LEE, ['group:LEADS'])).toBe(true);
});

test('more groups than one check takes are checked twenty at a time', async () => {
  graph.world.groups = Array.from({ length: 45 }, (_, n) => ({
    id: groupId(n + 100),
    displayName: `g${n}`,
    members: n === 44 ? [ALEX] : [],
  }));
  const principals = graph.world.groups.map(({ displayName }): Principal => `group:${displayName}`);

  expect(await directory.isMember(ALEX, principals)).toBe(true);
  expect(sent().filter((request) => request.includes('checkMemberGroups'))).toHaveLength(3);
  expect(await directory.isMember(LEE, principals)).toBe(false);
});

test('a click asks anew each time, a list and a match once a minute', async () => {
  await directory.membersOf('group:leads');
  await directory.matching({ uniqueName: 'alex@contoso.example' });
  sent();

  now = 59_999;
  await directory.membersOf('group:leads');
  await directory.matching({ uniqueName: 'Alex@Contoso.example', name: 'another name' });
  expect(sent()).toEqual([]);

  for (const question of [() => directory.person(ALEX), () => directory.isMember(ALEX, ['group:leads'])]) {
    await question();
    const once = sent();
    await question();
    expect(sent()).toEqual(once);
  }

  now = 60_000;
  await directory.membersOf('group:leads');
  await directory.matching({ uniqueName: 'alex@contoso.example' });
  expect(sent()).toHaveLength(3);
});

test('whoever asks for members meanwhile shares the answer', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => directory.membersOf('group:leads')));

  expect(sent()).toHaveLength(2);
  expect(new Set(answers).size).toBe(1);
});

test('a failure is not kept', async () => {
  graph.faults.add({ on: /transitiveMembers/, status: 500, times: 1 });
  await expect(directory.membersOf('group:leads')).rejects.toThrow(/500/);

  expect(await names('group:leads')).toEqual(['Adele', 'Alex']);
});

test('every address of a mailbox is a name of its person, whatever its prefix says', async () => {
  graph.world.users = [
    user(ALEX, 'Alex', {
      mail: 'Alex.Wilber@contoso.example',
      otherMails: ['alex@home.example'],
      proxyAddresses: ['SMTP:Alex.Wilber@contoso.example', 'smtp:aw@contoso.example', 'X500:/o=Contoso/cn=alex'],
    }),
  ];

  expect((await directory.person(ALEX))?.sameAs).toEqual([
    'alex.wilber@contoso.example',
    'alex@home.example',
    'aw@contoso.example',
  ]);
  for (const uniqueName of ['alex.wilber@contoso.example', 'alex@home.example', 'AW@contoso.example'])
    expect((await directory.matching({ uniqueName })).map(({ oid }) => oid)).toEqual([ALEX]);
});

test('somebody whom Graph finds and our own rule of the same human does not is no match', async () => {
  const body = { value: [user(ALEX, 'Alex')] };
  graph.faults.add({ on: /\/users\?/, status: 200, body });

  expect(await directory.matching({ uniqueName: 'álex@contoso.example' })).toEqual([]);
});

test.each([
  ['Guest', true, { guest: true, disabled: false }],
  [null, true, { guest: true, disabled: false }],
  ['Member', false, { guest: false, disabled: true }],
  ['Member', null, { guest: false, disabled: true }],
])('an account of type %s, enabled %s, is %o', async (userType, accountEnabled, expected) => {
  graph.world.users = [user(ALEX, 'Alex', { userType, accountEnabled })];

  expect(await directory.person(ALEX)).toMatchObject(expected);
});

test('a person without a display name goes by the address', async () => {
  graph.world.users = [user(ALEX, 'Alex', { displayName: null })];

  expect((await directory.person(ALEX))?.name).toBe('alex@contoso.example');
});

test('only what can be an object id or a name of a group is asked for', async () => {
  for (const oid of ['me', `${ALEX}/manager`, `${ALEX}?`, `${ALEX} `, '..', '%2e%2e', 'alex@contoso.example']) {
    expect(await directory.person(oid), oid).toBeUndefined();
    expect(await directory.isMember(oid, ['group:leads', `user:${oid}`]), oid).toBe(false);
  }
  expect(await directory.membersOf(`group:${'x'.repeat(257)}`)).toEqual([]);
  expect(sent()).toEqual([]);
});

test('a strange address of a commit is not asked for', async () => {
  for (const uniqueName of ['a b@c.example', 'a\n@c.example', 'a\u202e@c.example', `${'a'.repeat(400)}@c.example`])
    await directory.matching({ uniqueName, descriptor: 'aad.YWJj' });

  expect(sent()).toEqual([]);
});

test('whoever is eligible through a group of theirs may activate, an owner or a member need not', async () => {
  graph.world.groups = [
    { id: LEADS, displayName: 'leads', members: [ALEX] },
    { id: TEAM, displayName: 'team', members: [ADELE, ALEX] },
  ];
  graph.world.eligible = [
    { groupId: LEADS, principalId: TEAM, accessId: 'member' },
    { groupId: LEADS, principalId: LEE, accessId: 'owner' },
    { groupId: TEAM, principalId: LEE, accessId: 'member' },
  ];

  expect(await directory.eligibleButInactive(`group:${LEADS}`)).toMatchObject({
    group: 'leads',
    people: [{ oid: ADELE }],
  });
});

test('many eligible people are asked for in lists, once a minute', async () => {
  graph.world.users = Array.from({ length: 40 }, (_, n) => user(guid(n + 100), `P${n}`));
  graph.world.eligible = graph.world.users.map(({ id }) => ({ groupId: LEADS, principalId: id, accessId: 'member' }));

  expect((await directory.eligibleButInactive('group:leads'))?.people).toHaveLength(40);
  expect(sent()).toHaveLength(6);
  await directory.eligibleButInactive('group:leads');
  expect(sent()).toEqual([]);
});
