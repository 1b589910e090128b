import { expect, test } from 'vitest';
import { createDecideMany } from '../../bot/handlers/decide-many.ts';
import { gateAnswer } from '../../cards/gate-card.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { anAskedApproval, type NativeOptions } from '../fakes/native-world.ts';
import { elementOf, wordsOf } from '../fakes/teams-card.ts';
import { by, wish } from '../fakes/waiting-gate.ts';

// Approvals that Azure DevOps itself asks for, decided from the card: the real adapter on a simulated Azure DevOps.

const SIGNED_IN: NativeOptions = { signedIn: ['alex', 'megan'] };

test('a click is carried out under the own token, and Azure DevOps has that person and their comment', async () => {
  const { world, approval, id, gateOf, kindsOf } = await anAskedApproval(SIGNED_IN);
  expect(world.posted).toMatchObject([{ to: `a:${PEOPLE.alex}`, notice: { gate: { state: 'asked' } } }]);

  const answered = await world.core.approvals.decide(wish(id, PEOPLE.alex, 'approve', 'checked the runbook'));
  await world.settle();

  expect(answered).toMatchObject({ kind: 'decided', gate: { state: 'approved' } });
  expect(approval).toMatchObject({
    status: 'approved',
    steps: [{ actual: { displayName: 'Alex Wilber' }, comment: `checked the runbook (Countersign request ${id})` }],
  });
  const gate = await gateOf(approval);
  expect(gate).toMatchObject({ toldAt: expect.any(String), handover: { kind: 'sent', as: 'person', missing: 0 } });
  expect(await kindsOf(approval)).toEqual(['approval-noticed', 'judged', 'decided', 'verdict-sealed', 'told']);
  expect(firstBrokenEntry((await world.ports.gates.locate(id))?.evidence ?? [])).toBeUndefined();
  expect(gate && gateAnswer(gate).text).toContain('as the person who decided');
});

test('a rejection is sent as the person who rejected, and ends the stage', async () => {
  const { world, approval, id, simulator, run } = await anAskedApproval(SIGNED_IN);
  await world.core.approvals.decide(wish(id, PEOPLE.alex, 'reject', 'not on a Friday'));
  await world.settle();
  expect(approval).toMatchObject({ status: 'rejected', steps: [{ actual: { displayName: 'Alex Wilber' } }] });
  expect(simulator.stageOf(run, 'Deploy')).toMatchObject({ state: 'completed' });
});

test('who is not signed in is asked to, nothing is recorded, and the same click goes through afterwards', async () => {
  const { world, approval, id, sign, kindsOf } = await anAskedApproval();
  const before = await kindsOf(approval);

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'sign-in-needed' });
  expect(await kindsOf(approval)).toEqual(before);

  sign('alex');
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
  await world.settle();
  expect(approval.status).toBe('approved');
});

test('who is not signed in is asked to on a card of several too, and the same click then decides', async () => {
  const { world, id, sign } = await anAskedApproval();
  const decide = createDecideMany(world.core.approvals, world.core.views);
  const items = [{ requestId: id, revision: 1 }];
  const data = { verb: 'approval.decideMany' as const, items, verdict: 'approve' as const };

  expect(await decide(by(PEOPLE.alex), data, 'click')).toMatchObject({ signIn: true });
  expect((await world.core.approvals.find(id))?.votes).toEqual([]);
  sign('alex');
  expect(await decide(by(PEOPLE.alex), data, 'click')).not.toHaveProperty('signIn');
  expect((await world.core.approvals.find(id))?.state).toBe('approved');
});

test('nobody is asked to sign in who may not decide anyway', async () => {
  const { world, id } = await anAskedApproval();
  expect(await world.core.approvals.decide(wish(id, PEOPLE.isaiah))).toMatchObject({ refusal: 'not-an-approver' });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.adele))).toMatchObject({ refusal: 'own-deployment' });
});

test('without a sign-in the card has the link in place of the buttons, and a typed decision is refused', async () => {
  const { world, approval, id, gateOf, kindsOf } = await anAskedApproval({ native: { canSignIn: false } });
  const gate = (await gateOf(approval)) ?? expect.fail('no gate');
  const { card } = gateAnswer(gate, { oid: PEOPLE.alex });
  expect(elementOf(card, 'open-approval')).toMatchObject({
    type: 'Action.OpenUrl',
    url: expect.stringContaining('view=results'),
  });
  for (const absent of ['approve', 'reject', 'comment']) expect(elementOf(card, absent)).toBeUndefined();

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'decide-in-azure-devops' });
  expect(await kindsOf(approval)).not.toContain('refused');
  expect(approval.status).toBe('pending');
});

test('with a sign-in the card has its buttons and no link to the approval', async () => {
  const { approval, gateOf } = await anAskedApproval(SIGNED_IN);
  const gate = (await gateOf(approval)) ?? expect.fail('no gate');
  const { card } = gateAnswer(gate, { oid: PEOPLE.alex });
  expect(elementOf(card, 'approve')).toBeDefined();
  expect(elementOf(card, 'open-approval')).toBeUndefined();
});

test('who is no approver in Azure DevOps is refused before anything counts, and that is recorded once', async () => {
  const { world, approval, id, kindsOf, gateOf } = await anAskedApproval({
    ...SIGNED_IN,
    input: { approvers: ['Megan Bowen'] },
  });
  for (const op of ['one', 'two']) {
    const answered = await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), op });
    expect(answered).toMatchObject({ refusal: 'no-right-in-azure-devops' });
  }
  expect((await kindsOf(approval)).filter((kind) => kind === 'refused')).toHaveLength(1);
  expect(await gateOf(approval)).toMatchObject({ state: 'asked', votes: [] });
});

test("a token that Azure DevOps takes for nobody's is no right", async () => {
  const { world, id, simulator } = await anAskedApproval(SIGNED_IN);
  simulator.faults.add({ on: /pipelines\/approvals\//, status: 401, times: 1 });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({
    refusal: 'no-right-in-azure-devops',
  });
});

test.each(['the sign-in', 'Azure DevOps'])('while %s is silent nothing is recorded', async (silent) => {
  const { world, approval, id, sign, simulator, kindsOf } = await anAskedApproval(SIGNED_IN);
  if (silent === 'the sign-in') sign('alex', 'silent');
  else simulator.faults.add({ on: /pipelines\/approvals/, status: 503 });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'cannot-verify-now' });
  expect(await kindsOf(approval)).not.toContain('decided');
  expect(approval.status).toBe('pending');
});

test('what was decided in the portal meanwhile is said, and the request ends with the name of who did', async () => {
  const { world, approval, id, decideInPortal, gateOf, kindsOf } = await anAskedApproval({
    ...SIGNED_IN,
    input: { approvers: ['Alex Wilber', 'Megan Bowen'], minRequired: 1 },
  });
  await decideInPortal(approval, 'Megan Bowen');

  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({
    refusal: 'completed-in-azure-devops',
  });
  await world.settle();

  const gate = await gateOf(approval);
  expect(gate).toMatchObject({ state: 'abandoned', completedElsewhere: 'approved', completedBy: ['Megan Bowen'] });
  expect(await kindsOf(approval)).toContain('completed-without-us');
  const card = gate && gateAnswer(gate).card;
  expect(wordsOf(elementOf(card, 'state'))).toContain('approved in Azure DevOps itself by Megan');
});

test('who confirms several and is not signed in is asked to, and the same confirmation goes through afterwards', async () => {
  const { world, approval, id, sign } = await anAskedApproval();
  const handler = createDecideMany(world.core.approvals, world.core.views);
  const items = [{ requestId: id, revision: 1 }];
  const confirm = () => handler(by(PEOPLE.alex), { verb: 'approval.decideMany', items, verdict: 'approve' }, 'op');

  expect(await confirm()).toMatchObject({ signIn: true });
  expect((await world.core.approvals.find(id))?.votes).toEqual([]);
  sign('alex');
  expect((await confirm()).signIn).toBeUndefined();
  await world.settle();

  expect(approval.status).toBe('approved');
});
