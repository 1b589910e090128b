import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import { COMMIT } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { anAskedApproval, type NativeOptions, setNativeWorld } from '../fakes/native-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { wish } from '../fakes/waiting-gate.ts';

// How decisions reach approvals that Azure DevOps itself asks for: the real adapter on a simulated Azure DevOps.

const SIGNED_IN: NativeOptions = { signedIn: ['alex', 'megan'] };
const PATCH = /^PATCH .*pipelines\/approvals/;

test.each([
  ['is refused once', { status: 403 }],
  ['fails once', { status: 500 }],
  ['is lost on its way', { cut: 'before' }],
  ['is lost after it was applied', { cut: 'after' }],
] as const)('a decision whose sending %s reaches Azure DevOps once', async (_what, fault) => {
  const { world, approval, id, simulator, gateOf } = await anAskedApproval(SIGNED_IN);
  simulator.faults.add({ on: PATCH, times: 1, ...fault });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  world.advance(2);
  await world.settle();
  expect(approval.status).toBe('approved');
  expect(await gateOf(approval)).toMatchObject({
    state: 'approved',
    handover: { kind: 'sent', as: 'person', missing: 0 },
  });
  const taken = simulator.requests.filter(({ method, status }) => method === 'PATCH' && status === 200);
  expect(taken.length).toBeLessThanOrEqual(1);
});

test('a decision whose person has signed out meanwhile waits for them, and is nothing else until then', async () => {
  const { world, approval, id, sign, gateOf } = await anAskedApproval(SIGNED_IN);
  const { tokenOf } = world.ports.personTokens;
  let asked = 0;
  Object.assign(world.ports.personTokens, {
    tokenOf: async (person: Parameters<typeof tokenOf>[0]) => {
      asked += 1;
      if (asked === 2) sign('alex', 'out');
      return tokenOf(person);
    },
  });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(await gateOf(approval)).toMatchObject({ state: 'approved', verdict: { result: 'succeeded' } });
  expect((await gateOf(approval))?.toldAt).toBeUndefined();

  sign('alex');
  world.advance(2);
  await world.settle();
  expect(approval).toMatchObject({ status: 'approved', steps: [{ actual: { displayName: 'Alex Wilber' } }] });
});

test('a member decides for the group that Azure DevOps asks', async () => {
  const { world, approval, id } = await anAskedApproval({
    ...SIGNED_IN,
    input: { approvers: [{ group: 'Leads', members: ['Alex Wilber', 'Megan Bowen'] }] },
  });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(approval).toMatchObject({ status: 'approved', steps: [{ actual: { displayName: 'Alex Wilber' } }] });
});

test('when Azure DevOps wants more than the route does, the card says how many, and nothing counts as released', async () => {
  const { world, approval, id, gateOf } = await anAskedApproval({
    ...SIGNED_IN,
    input: { approvers: ['Alex Wilber', 'Megan Bowen', 'Diego Siciliani'] },
  });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(approval.status).toBe('pending');
  const gate = await gateOf(approval);
  expect(gate?.handover).toEqual({ kind: 'sent', as: 'person', missing: 2 });
  expect(gate && gateAnswer(gate).text).toContain('still waits for 2 more approvals');
  expect(world.table.dump().some(({ table, row }) => table === 'scope' && row === 'r')).toBe(false);
});

const TWO = [
  'routes.yaml',
  '{ quorum: 1, from: ["group:payments-leads"] }',
  '{ quorum: 2, from: ["group:payments-leads"] }',
] as const;

test('every approval of a quorum is sent as its own person, and none before all are there', async () => {
  const { world, approval, id } = await anAskedApproval({
    ...SIGNED_IN,
    policyDir: await policyFolder(TWO),
    input: { approvers: ['Alex Wilber', 'Megan Bowen'] },
  });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(approval.steps.map(({ status }) => status)).toEqual(['pending', 'pending']);
  await world.core.approvals.decide(wish(id, PEOPLE.megan));
  await world.settle();
  expect(approval.status).toBe('approved');
  expect(approval.steps.map(({ actual }) => actual?.displayName)).toEqual(['Alex Wilber', 'Megan Bowen']);
});

test('who comes later in a sequence of Azure DevOps may approve here once the one before them has', async () => {
  const { world, approval, id } = await anAskedApproval({
    ...SIGNED_IN,
    policyDir: await policyFolder(TWO),
    input: { approvers: ['Alex Wilber', 'Megan Bowen'], inSequence: true },
  });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.megan))).toMatchObject({
    refusal: 'no-right-in-azure-devops',
  });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  expect(await world.core.approvals.decide({ ...wish(id, PEOPLE.megan), op: 'again' })).toMatchObject({
    kind: 'decided',
  });
  await world.settle();
  expect(approval.steps.map(({ actual }) => actual?.displayName)).toEqual(['Alex Wilber', 'Megan Bowen']);
});

test('a second answer of a quorum that is lost leaves the first as it is', async () => {
  const { world, approval, id, simulator } = await anAskedApproval({
    ...SIGNED_IN,
    policyDir: await policyFolder(TWO),
    input: { approvers: ['Alex Wilber', 'Megan Bowen'] },
  });
  simulator.faults.add({ on: PATCH, times: 1, cut: 'after' });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.core.approvals.decide(wish(id, PEOPLE.megan));
  await world.settle();
  world.advance(2);
  await world.settle();
  expect(approval.status).toBe('approved');
  expect(simulator.requests.filter(({ method }) => method === 'PATCH').map(({ status }) => status)).toEqual([200, 200]);
});

test('as a service only where that is set: card, comment and evidence say so', async () => {
  const { world, approval, id, gateOf, entriesOf } = await anAskedApproval({
    native: { asService: true, canSignIn: false },
    input: { approvers: ['Countersign Bot'] },
  });
  await world.core.approvals.decide(wish(id, PEOPLE.alex, 'approve', 'fine'));
  await world.settle();
  const comment = `Approved by Alex Wilber (${PEOPLE.alex}) through Countersign. fine (Countersign request ${id})`;
  expect(approval).toMatchObject({
    status: 'approved',
    steps: [{ actual: { displayName: 'Countersign Bot' }, comment }],
  });
  const gate = await gateOf(approval);
  expect(gate?.linkOnly).toBeUndefined();
  expect(gate && gateAnswer(gate).text).toContain('sent by the service account');
  expect((await entriesOf(approval)).at(-1)).toMatchObject({ kind: 'told', data: { as: 'service', missing: 0 } });
});

test('the bot acts for nobody unless that is set, even where it is an approver itself', async () => {
  const { world, approval, id } = await anAskedApproval({ ...SIGNED_IN, input: { approvers: ['Countersign Bot'] } });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({
    refusal: 'no-right-in-azure-devops',
  });
  expect(approval.status).toBe('pending');
});

test('a service account without the right refuses the click instead of taking what it cannot send', async () => {
  const { world, id } = await anAskedApproval({ native: { asService: true } });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'decide-in-azure-devops' });
});

test('what nobody decided in time is left to Azure DevOps, not rejected there', async () => {
  const { world, approval, gateOf, kindsOf, simulator } = await anAskedApproval(SIGNED_IN);
  world.advance(48 * 60);
  await world.settle();
  const gate = await gateOf(approval);
  expect(gate).toMatchObject({ state: 'expired', handover: { kind: 'left' }, toldAt: expect.any(String) });
  expect(await kindsOf(approval)).toContain('left-to-azure-devops');
  expect(approval.status).toBe('pending');
  expect(simulator.requests.some(({ method }) => method === 'PATCH')).toBe(false);
  expect(gate && gateAnswer(gate).text).toContain('Left to Azure DevOps');
});

test('what the contract blocks asks nobody here and is not rejected in Azure DevOps', async () => {
  const { world, ask, tell, gateOf, simulator } = await setNativeWorld(SIGNED_IN);
  await world.report('gitleaks-orders.sarif');
  const approval = ask();
  await tell(approval);
  expect(await gateOf(approval)).toMatchObject({ state: 'blocked' });
  expect((await gateOf(approval))?.ask).toBeUndefined();
  world.advance(120);
  await world.settle();
  expect(await gateOf(approval)).toMatchObject({ state: 'failed', handover: { kind: 'left' } });
  expect([approval.status, simulator.requests.some(({ method }) => method === 'PATCH')]).toEqual(['pending', false]);
});

test("where the contract asks nobody, Azure DevOps' own approval is left to its approvers", async () => {
  const { ask, tell, gateOf, world } = await setNativeWorld(SIGNED_IN);
  const approval = ask({ environment: 'staging' });
  await tell(approval);
  await world.settle();
  expect(await gateOf(approval)).toMatchObject({ state: 'passed', handover: { kind: 'left' } });
  expect(approval.status).toBe('pending');
});

test('an approval that somebody else gave in the portal before ours was sent is theirs, and not told as ours', async () => {
  const { world, approval, id, simulator, gateOf, decideInPortal } = await anAskedApproval({
    ...SIGNED_IN,
    input: { approvers: ['Alex Wilber', 'Megan Bowen'], minRequired: 1 },
  });
  simulator.faults.add({ on: PATCH, times: 1, status: 503 });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.core.idle();
  await decideInPortal(approval, 'Megan Bowen');
  world.advance(2);
  await world.settle();
  expect(await gateOf(approval)).toMatchObject({
    state: 'abandoned',
    completedElsewhere: 'approved',
    completedBy: ['Megan Bowen'],
  });
  expect((await gateOf(approval))?.handover).toBeUndefined();
});

test('the service decides nothing for somebody whom Azure DevOps itself bars, whatever our route allows', async () => {
  const policyDir = await policyFolder(
    ['routes.yaml', 'never: [requester, commit-authors, re-runner, exception-requester]', 'never: [commit-authors]'],
    // In production no route may leave the requester out.
    ['contract.yaml', 'prod: { tier: production', 'prod: { tier: non-production'],
    [
      'directory.yaml',
      '    - 6a090ea8-2d23-42f0-ae08-8772ed927db2 # Alex Wilber\n    - 1f21',
      `    - ${PEOPLE.adele}\n    - 1f21`,
    ],
  );
  const scene = await setNativeWorld({ native: { asService: true, canSignIn: false }, policyDir });
  const { world, simulator, run } = scene;
  const adele = { displayName: 'Adele Vance', uniqueName: 'adele.vance@contoso.example' };
  const authors = [{ name: 'Diego Siciliani', email: 'diego.siciliani@contoso.example' }];
  const own = simulator.queueRun({ pipeline: run.pipeline, commit: COMMIT, requestedFor: adele, authors });
  const approval = scene.ask({ approvers: ['Countersign Bot'], requesterCannotBeApprover: true }, own);
  await scene.tell(approval);
  const id = scene.requestIdOf(approval);
  expect(await world.core.approvals.decide(wish(id, PEOPLE.adele))).toMatchObject({
    refusal: 'no-right-in-azure-devops',
    gate: { state: 'asked', votes: [] },
  });
  await world.core.approvals.decide(wish(id, PEOPLE.megan));
  await world.settle();
  expect(approval.status).toBe('approved');
});
