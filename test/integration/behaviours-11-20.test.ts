import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { gateCard } from '../../cards/gate-card.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { Directory } from '../../services/ports/directory.ts';
import { ORG, TENANT } from '../builders.ts';
import { buttonById, inputIds } from '../cards/read.ts';
import { aCoverSet } from '../covers.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

// What users expect of approvals, 11 to 20; each has a test of its name. The details are tested where they are built.

async function gateOf(world: CoreWorld, id: string): Promise<Gate> {
  const gate = await world.core.approvals.find(id);
  if (gate === undefined) throw new Error(`no request ${id}`);
  return gate;
}

const refusalOf = (answer: Awaited<ReturnType<CoreWorld['core']['approvals']['decide']>>) =>
  answer.kind === 'refused' ? answer.refusal : answer.kind;

const cardsOf = (world: CoreWorld, oid: string) =>
  world.posted.filter(({ to, notice }) => to === `a:${oid}` && notice.about === undefined);

test('behaviour 11: approvers see environment, pipeline, commit, requester, findings by class, exceptions used and the last deployment', async () => {
  const { world, id } = await aWaitingGate();
  const first = cardText(gateCard(await gateOf(world, id), { oid: PEOPLE.alex }));
  const shown = ['prod', 'payments-deploy', 'commit 3f2c9a1b', 'Adele Vance', '0 block, 1 warn', 'No exceptions used'];
  for (const part of shown) expect(first).toContain(part);

  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  world.azureDevOps.run = { ...world.azureDevOps.run, id: 9_000, name: '20261125.1' };
  const next = await another(world, id);
  expect((await gateOf(world, next)).previous).toMatchObject({ requestId: id, runName: '20261123.4' });
  expect(cardText(gateCard(await gateOf(world, next), { oid: PEOPLE.alex }))).toContain('20261123.4');
});

/** The next evaluation of the same check, by whatever run there is now. */
async function another(world: CoreWorld, id: string): Promise<string> {
  const { door } = await gateOf(world, id);
  if (door.kind !== 'check') throw new Error('no check');
  const { kind: _, ...check } = door;
  const receipt = await world.core.deliveries.receive({
    check: { ...check, taskInstanceId: '99999999-5555-4555-8555-555555555555' },
    jobToken: 'another-job-token',
    runId: world.azureDevOps.run.id,
    stage: 'Deploy',
    environment: 'prod',
  });
  if (receipt.kind !== 'accepted') throw new Error(receipt.kind);
  world.core.accepted(receipt);
  await world.settle();
  return receipt.requestId;
}

test('behaviour 12: a reason is mandatory to reject, and to approve where the route says so', async () => {
  const { world, id } = await aWaitingGate();
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.alex, 'reject')))).toBe('comment-required');
  expect(inputIds(gateCard(await gateOf(world, id), { oid: PEOPLE.alex }))).toContain('comment');

  const approve = ['routes.yaml', 'comment: { approve: optional', 'comment: { approve: required'] as const;
  const strict = await aWaitingGate({ policyDir: await policyFolder(approve) });
  expect(refusalOf(await strict.world.core.approvals.decide(wish(strict.id, PEOPLE.alex)))).toBe('comment-required');
});

test('behaviour 13: nobody is asked for something that is blocked anyhow', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('gitleaks-orders.sarif');
  const id = await world.deliver();
  await world.settle();

  expect((await gateOf(world, id)).state).toBe('blocked');
  const buttons = world.posted.map(({ notice }) => buttonById(gateCard(notice.gate, { oid: PEOPLE.alex }), 'approve'));
  expect(buttons.filter((button) => button !== undefined)).toEqual([]);
});

test('behaviour 14: who is silent gets one reminder, then others are asked too; nobody is reminded every hour', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.isaiah);
  for (let n = 0; n < 14; n += 1) {
    world.advance(30);
    await world.settle();
  }

  expect(
    world.posted.filter(({ to, notice }) => to === `a:${PEOPLE.alex}` && notice.about === 'reminder'),
  ).toHaveLength(1);
  expect(cardsOf(world, PEOPLE.isaiah)).toHaveLength(1);
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.isaiah)))).toBe('decided');
});

test('behaviour 15: the requester is told of the decision in a message of their own', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.adele);
  expect(cardsOf(world, PEOPLE.adele)).toEqual([]);

  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();

  const [card] = cardsOf(world, PEOPLE.adele);
  expect(cardText(gateCard(card?.notice.gate as Gate, { oid: PEOPLE.adele }))).toContain('Approved by Alex Wilber');
});

test('behaviour 16: who covers for an approver for a time decides in their place, and the record names both', async () => {
  const { world, id } = await aWaitingGate();
  const until = '2026-11-25T18:00:00.000Z';
  await world.ports.covers.set(...aCoverSet(PEOPLE.alex, PEOPLE.lee, until, world.now));

  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.lee)))).toBe('decided');

  const gate = await gateOf(world, id);
  expect(gate.decision).toMatchObject({ by: { oid: PEOPLE.lee }, covers: { oid: PEOPLE.alex } });
  expect(cardText(gateCard(gate))).toContain('Lee Gu for Alex Wilber');
  const stored = await world.ports.gates.read(ORG, id);
  const decided = stored?.evidence.find(({ entry }) => entry.includes('"kind":"decided"'))?.entry;
  for (const oid of [PEOPLE.lee, PEOPLE.alex]) expect(decided).toContain(oid);
  world.now = '2026-11-26T09:00:00.000Z';
  expect(await world.ports.covers.inForce(world.now)).toEqual([]);
});

test('behaviour 17: without a route or an approver the gate is closed and somebody is told; it never waits in silence', async () => {
  const nobody = ['routes.yaml', '"group:payments-leads"', '"group:nobody"'] as const;
  const world = await createCoreWorld({ policyDir: await policyFolder(nobody) });
  for (const oid of [PEOPLE.adele, PEOPLE.isaiah]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();

  expect(await gateOf(world, id)).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'too-few-approvers', tell: 'group:release-managers' }] },
  });
  for (const oid of [PEOPLE.adele, PEOPLE.isaiah]) expect(cardsOf(world, oid)).toHaveLength(1);
});

test('behaviour 18: identity is the object id in our tenant, never a name or address', async () => {
  const { world, id } = await aWaitingGate();
  const named = { ...by(PEOPLE.isaiah), name: 'Alex Wilber' };
  const foreign = { ...by(PEOPLE.alex), tenant: '00000000-0000-4000-8000-000000000000' };

  expect(foreign.tenant).not.toBe(TENANT);
  expect(refusalOf(await world.core.approvals.decide({ ...wish(id, PEOPLE.isaiah), by: named }))).toBe(
    'not-an-approver',
  );
  expect(refusalOf(await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), by: foreign }))).toBe('wrong-tenant');
  expect((await gateOf(world, id)).votes).toEqual([]);
});

test('behaviour 18: whom the directory cannot tell for certain does not decide', async () => {
  const { world, id } = await aWaitingGate();
  const directory = world.ports.directory as { -readonly [K in keyof Directory]: Directory[K] };
  const { DirectoryUnavailableError } = await import('../../services/ports/directory.ts');
  directory.isMember = () => Promise.reject(new DirectoryUnavailableError('two groups of this name'));

  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.alex)))).toBe('cannot-verify-now');
  expect((await gateOf(world, id)).votes).toEqual([]);
});

test('behaviour 19: whoever is in the channel of the card has no right to decide by that', async () => {
  const channel = ['routes.yaml', 'post: { dm: true }', 'post: { dm: true, channel: Payments/Releases }'] as const;
  const world = await createCoreWorld({ policyDir: await policyFolder(channel) });
  const place = { ...personal('x'), id: '19:releases@thread.tacv2', kind: 'channel' } as const;
  await world.core.reached([{ kind: 'channel', channel: 'Payments/Releases' }], place);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();

  const [card] = world.posted.filter(({ to }) => to === place.id);
  const shown = gateCard(card?.notice.gate as Gate, { oid: PEOPLE.isaiah });
  expect(buttonById(shown, 'approve')).toBeUndefined();
  expect(refusalOf(await world.core.approvals.decide(wish(id, PEOPLE.isaiah)))).toBe('not-an-approver');
  expect((await gateOf(world, id)).votes).toEqual([]);
});

test('behaviour 20: what a button does can be typed, and every card says what to type', async () => {
  const { world, id } = await aWaitingGate();
  const { fallbackText } = gateCard(await gateOf(world, id), { oid: PEOPLE.alex });

  expect(fallbackText).toContain(`approve ${id}`);
  const { revision: _, ...typed } = wish(id, PEOPLE.alex);
  expect(refusalOf(await world.core.approvals.decide({ ...typed, op: 'typed' }))).toBe('decided');
});
