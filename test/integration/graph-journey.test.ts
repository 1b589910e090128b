import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDecideApproval } from '../../bot/handlers/decide-approval.ts';
import { createGraphDirectory } from '../../services/directory/graph-directory.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { Directory } from '../../services/ports/directory.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { type GraphFake, startGraph } from '../fakes/graph.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

let graph: GraphFake;
let directory: Directory;

/** The sample's people and groups, as Microsoft Entra has them. */
beforeEach(async () => {
  graph = await startGraph();
  const file = 'manifest/policy/directory.yaml';
  const loaded = loadDirectory({ file, text: await readFile(file, 'utf8') });
  if (loaded.kind === 'broken') throw new Error(loaded.problems.join());
  const { people, groups, eligible } = loaded.value;
  const idOf = (name: string) =>
    `${[...groups.keys()].indexOf(name).toString().padStart(8, '0')}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`;
  graph.world.users = [...people.values()].map((person) => ({
    id: person.oid,
    displayName: person.name,
    userPrincipalName: person.upn,
    userType: person.guest ? 'Guest' : 'Member',
    accountEnabled: !person.disabled,
    mail: person.upn,
    otherMails: person.sameAs,
    proxyAddresses: [`SMTP:${person.upn}`],
  }));
  graph.world.groups = [...groups].map(([name, members]) => ({ id: idOf(name), displayName: name, members }));
  graph.world.eligible = [...eligible].flatMap(([name, oids]) =>
    oids.map((principalId) => ({ groupId: idOf(name), principalId, accessId: 'member' as const })),
  );
  const { url, credential } = graph;
  directory = createGraphDirectory({ url, credential, allowLoopback: true });
});

afterEach(() => graph.close());

test('with Microsoft Entra as the directory an approver decides and Azure DevOps is told', async () => {
  const { world, id } = await aWaitingGate({ directory });

  const answered = await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();

  expect(answered).toMatchObject({ kind: 'decided', gate: { decision: { by: { name: 'Alex Wilber' } } } });
  expect(world.told).toMatchObject([{ result: 'succeeded', reason: 'approved' }]);
});

/** Takes Alex out of the group that is asked. */
function removeAlex(): void {
  graph.world.groups = graph.world.groups.map((group) =>
    group.displayName === 'payments-leads' ? { ...group, members: [PEOPLE.megan] } : group,
  );
}

test('an approver removed between card and click decides nothing', async () => {
  const { world, id } = await aWaitingGate({ directory });
  removeAlex();

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'not-an-approver' });
});

test('an approver removed between click and verdict does not carry it, however fresh the list of members is', async () => {
  const { world, id } = await aWaitingGate({ directory });
  const { commit } = world.ports.gates;
  const removing: typeof commit = async (from, change) => {
    const committed = await commit(from, change);
    if (change.evidence.kind === 'decided') removeAlex();
    return committed;
  };
  Object.assign(world.ports.gates, { commit: removing });

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
  await world.settle();

  expect(world.told).toEqual([]);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
});

test('while Graph does not answer nobody decides and nothing is recorded; afterwards the same click does', async () => {
  const { world, id } = await aWaitingGate({ directory });
  const before = (await world.ports.gates.locate(id))?.evidence.length;
  const end = graph.faults.add({ on: /./, status: 500 });

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'cannot-verify-now' });
  expect((await world.ports.gates.locate(id))?.evidence).toHaveLength(before ?? -1);
  end();
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
});

test('an account that took over the address of an approver is another person', async () => {
  const { world, id } = await aWaitingGate({ directory });
  const heir = '11111111-2222-4333-8444-555555555555';
  graph.world.users = graph.world.users.map((user) => (user.id === PEOPLE.alex ? { ...user, id: heir } : user));

  expect(await world.core.approvals.decide(wish(id, heir))).toMatchObject({ refusal: 'not-an-approver' });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'not-in-directory' });
});

test.each([
  ['a guest', { userType: 'Guest' }, 'guest'],
  ['disabled', { accountEnabled: false }, 'disabled'],
  [
    'known by the address that requested it',
    { proxyAddresses: ['smtp:ADELE.VANCE@contoso.example'] },
    'own-deployment',
  ],
])('an approver who is now %s decides nothing', async (_what, over, refusal) => {
  const { world, id } = await aWaitingGate({ directory });
  graph.world.users = graph.world.users.map((user) => (user.id === PEOPLE.alex ? { ...user, ...over } : user));

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal });
});

test("an approver whose address is one of the requester's own other addresses decides nothing", async () => {
  graph.world.users = graph.world.users.map((user) =>
    user.id === PEOPLE.adele ? { ...user, otherMails: ['alex.wilber@contoso.example'] } : user,
  );
  const { world, id } = await aWaitingGate({ directory });

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'own-deployment' });
});

test('whoever is eligible and clicks reads which group to activate, and decides once the membership is active', async () => {
  const { world, id } = await aWaitingGate({ directory });
  const decide = createDecideApproval(world.core.approvals, world.core.views);

  const { text } = await decide({ ...wish(id, PEOPLE.lee), by: by(PEOPLE.lee) });

  expect(text).toContain('you are eligible for payments-leads');
  graph.world.groups = graph.world.groups.map((group) =>
    group.displayName === 'payments-leads' ? { ...group, members: [...group.members, PEOPLE.lee] } : group,
  );
  expect(await world.core.approvals.decide(wish(id, PEOPLE.lee))).toMatchObject({ kind: 'decided' });
});

test('where eligibility may not be read an eligible person is told to be no approver', async () => {
  graph.world.granted = new Set(['User.Read.All', 'GroupMember.Read.All']);
  const { world, id } = await aWaitingGate({ directory });

  expect(await world.core.approvals.decide(wish(id, PEOPLE.lee))).toMatchObject({ refusal: 'not-an-approver' });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
});
