import { createReadStream } from 'node:fs';
import { expect, test } from 'vitest';
import type { Core } from '../../bot/core.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { COMMIT } from '../builders.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

test('a gate that passes the contract asks its approvers and tells Azure DevOps what they decided', async () => {
  const { world, id } = await aWaitingGate();
  const asked = await world.core.approvals.find(id);
  expect(asked).toMatchObject({ state: 'asked', judgement: { verdict: 'pass' } });
  expect(asked?.ask?.levels[0]?.eligible.map(({ oid }) => oid).sort()).toEqual([PEOPLE.alex, PEOPLE.megan].sort());
  expect(world.posted).toMatchObject([{ to: `a:${PEOPLE.alex}`, notice: { gate: { state: 'asked' } } }]);

  const answered = await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();

  expect(answered).toMatchObject({ kind: 'decided', gate: { state: 'approved' } });
  expect(world.told).toMatchObject([{ result: 'succeeded', reason: 'approved' }]);
  expect(world.posted[0]?.notice.gate).toMatchObject({ state: 'approved', decision: { by: { name: 'Alex Wilber' } } });
  expect(world.posted[0]?.notice.gate.toldAt).toBeDefined();
});

test('the evidence of a told gate is one unbroken chain from receipt to telling, and the job token is gone', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  const stored = await world.ports.gates.locate(id);
  const kinds = stored?.evidence.map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind);
  expect(kinds).toEqual(['check-received', 'judged', 'decided', 'verdict-sealed', 'told']);
  expect(firstBrokenEntry(stored?.evidence ?? [])).toBeUndefined();
  expect(JSON.stringify(world.table.dump())).not.toContain('job-token');
  expect(world.table.dump().some(({ table, row }) => table === 'gate' && row === 's')).toBe(false);
});

test('a rejection is told as failed', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.alex, 'reject', 'not on a Friday'));
  await world.settle();
  expect(world.told).toMatchObject([{ result: 'failed', reason: 'rejected' }]);
});

test('a gate with a blocking finding asks nobody and names what blocks it', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-orders.sarif');
  const id = await world.deliver();
  const gate = await world.core.approvals.find(id);
  expect(gate).toMatchObject({
    state: 'blocked',
    judgement: { verdict: 'block', blocks: [{ control: 'secret-scanning' }] },
  });
  expect(gate?.ask).toBeUndefined();
  expect(world.told).toEqual([]);
});

test('a gate without a required report is blocked, and judged again by itself when the report comes', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  const id = await world.deliver();
  expect(await world.core.approvals.find(id)).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'missing-signal' }] },
  });
  await world.report('gitleaks-clean.sarif');
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
  expect(world.posted.map(({ to }) => to)).toContain(`a:${PEOPLE.alex}`);
});

test('a gate still blocked when its wait ends is told failed', async () => {
  const world = await createCoreWorld();
  const id = await world.deliver();
  world.advance(61);
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'failed' });
  expect(world.told).toMatchObject([{ result: 'failed', reason: 'blocked' }]);
});

test('a gate that nobody decides is told failed at the moment its card showed', async () => {
  const { world, id } = await aWaitingGate();
  const closesAt = (await world.core.approvals.find(id))?.closesAt ?? '';
  world.now = closesAt;
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'expired' });
  expect(world.told).toMatchObject([{ result: 'failed', reason: 'expired' }]);
});

test('an environment that asks for no approval lets a passing gate through at once', async () => {
  const world = await createCoreWorld();
  await world.deliver('staging');
  await world.settle();
  expect(world.told).toMatchObject([{ result: 'succeeded', reason: 'passed' }]);
});

test.each([
  ['the requester', PEOPLE.adele, 'own-deployment'],
  ['somebody whom the route does not ask', PEOPLE.isaiah, 'not-an-approver'],
  ['somebody whom the directory does not know', '00000000-0000-4000-8000-000000000000', 'not-in-directory'],
])('%s cannot approve, and the attempt is evidence', async (_who, oid, refusal) => {
  const { world, id } = await aWaitingGate();
  const answered = await world.core.approvals.decide(wish(id, oid));
  await world.settle();
  expect(answered).toMatchObject({ kind: 'refused', refusal });
  expect(world.told).toEqual([]);
  const stored = await world.ports.gates.locate(id);
  expect(JSON.parse(stored?.evidence.at(-1)?.entry ?? '{}')).toMatchObject({ kind: 'refused', data: { refusal } });
});

test('somebody eligible without an active membership is told the group, and recorded as no approver', async () => {
  const { world, id } = await aWaitingGate();
  const answered = await world.core.approvals.decide(wish(id, PEOPLE.lee));
  expect(answered).toMatchObject({ kind: 'refused', refusal: 'activate-membership', group: 'payments-leads' });
  const stored = await world.ports.gates.locate(id);
  expect(JSON.parse(stored?.evidence.at(-1)?.entry ?? '{}')).toMatchObject({
    kind: 'refused',
    data: { refusal: 'not-an-approver' },
  });
});

test('of two approvers who click at once one decides and the other is told so', async () => {
  const { world, id } = await aWaitingGate();
  const answers = await Promise.all([
    world.core.approvals.decide(wish(id, PEOPLE.alex)),
    world.core.approvals.decide(wish(id, PEOPLE.megan, 'reject', 'no')),
  ]);
  await world.settle();
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['decided', 'refused']);
  expect(answers.find(({ kind }) => kind === 'refused')).toMatchObject({ refusal: 'already-decided' });
  expect(world.told).toHaveLength(1);
});

test('the same click delivered again gets the same answer and has no second effect', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  const again = await world.core.approvals.decide(wish(id, PEOPLE.alex));
  expect(again).toMatchObject({ kind: 'decided', gate: { decision: { by: { oid: PEOPLE.alex } } } });
  expect(world.told).toHaveLength(1);
});

test('a click on an older revision decides nothing', async () => {
  const { world, id } = await aWaitingGate();
  const answered = await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), revision: 0 });
  expect(answered).toMatchObject({ kind: 'refused', refusal: 'stale-revision' });
});

test('a blocking report that arrives while people are asked closes the ask', async () => {
  const { world, id } = await aWaitingGate();
  await world.report('gitleaks-orders.sarif');
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'blocked', revision: 2 });
  expect(world.posted.find(({ to }) => to === `a:${PEOPLE.alex}`)?.notice.gate.state).toBe('blocked');
});

test('an approval is void when a blocking report was committed before the seal', async () => {
  const { world, id } = await aWaitingGate();
  const { commit } = world.ports.gates;
  const reporting: typeof commit = async (from, change) => {
    const committed = await commit(from, change);
    if (change.evidence.kind === 'decided') await world.report('gitleaks-orders.sarif');
    return committed;
  };
  Object.assign(world.ports.gates, { commit: reporting });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
  await world.settle();
  expect(world.told).toEqual([]);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'blocked', revision: 2 });
});

test('a fix that another process woke the gate for, while it was opened again, is not missed', async () => {
  const { world, id } = await aWaitingGate();
  const other = world.restart();
  const { commit } = world.ports.gates;
  const reporting: typeof commit = async (from, change) => {
    if (change.evidence.kind === 'decision-void') {
      await importSarif(other, 'gitleaks-clean.sarif');
      await other.idle();
    }
    const committed = await commit(from, change);
    if (change.evidence.kind === 'decided') await importSarif(other, 'gitleaks-orders.sarif');
    return committed;
  };
  Object.assign(world.ports.gates, { commit: reporting });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.core.idle();
  expect(world.told).toEqual([]);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked', revision: 3, votes: [] });
});

async function importSarif({ findings }: Core, name: string): Promise<void> {
  const body = createReadStream(new URL(`../fixtures/sarif/${name}`, import.meta.url));
  await findings.import({ service: 'payments-api', commit: COMMIT, body });
}

test('a verdict is told again, the same, when Azure DevOps was down', async () => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.down = true;
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(world.told).toEqual([]);
  expect((await world.core.approvals.find(id))?.verdict).toMatchObject({ result: 'succeeded' });
  world.azureDevOps.down = false;
  world.advance(5);
  await world.settle();
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
  expect((await world.core.approvals.find(id))?.toldAt).toBeDefined();
});

test('a card for somebody without a conversation is parked and sent when they write to the bot', async () => {
  const { world, id } = await aWaitingGate();
  expect(world.posted.map(({ to }) => to)).not.toContain(`a:${PEOPLE.megan}`);
  await world.meet(PEOPLE.megan);
  expect(world.posted.find(({ to }) => to === `a:${PEOPLE.megan}`)?.notice.gate.id).toBe(id);
});

test('the second delivery of one check is the same request', async () => {
  const { world, id } = await aWaitingGate();
  expect(await world.deliver()).toBe(id);
  await world.settle();
  expect(world.posted).toHaveLength(1);
});

test('a gate whose process died before it was judged is judged from the due index', async () => {
  const world = await createCoreWorld();
  await world.core.deliveries.receive({
    check: (await import('../builders.ts')).aCheck(),
    jobToken: 'job-token-of-the-check',
    runId: 7,
    stage: 'Deploy',
    environment: 'staging',
  });
  world.advance(2);
  await world.settle();
  expect(world.told).toHaveLength(1);
});
