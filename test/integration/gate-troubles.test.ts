import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aCheck } from '../builders.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

test('an approver who left the group between click and seal does not carry the approval', async () => {
  const policyDir = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  await cp(fileURLToPath(new URL('../../manifest/policy', import.meta.url)), policyDir, { recursive: true });
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();
  const file = join(policyDir, 'directory.yaml');
  const directory = await readFile(file, 'utf8');
  // Between the recorded click and the seal: the click's own look-ups have passed, the seal's have not begun.
  const { commit } = world.ports.gates;
  const removing: typeof commit = async (from, change) => {
    const committed = await commit(from, change);
    if (change.evidence.kind === 'decided')
      await writeFile(file, directory.replaceAll(`    - ${PEOPLE.alex}`, `    - ${PEOPLE.isaiah}`));
    return committed;
  };
  Object.assign(world.ports.gates, { commit: removing });
  const answered = await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(answered).toMatchObject({ kind: 'decided' });
  expect(world.told).toEqual([]);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
});

test('a gate that is judged only after its deadline is expired at once and told failed', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  world.azureDevOps.sourcesDown = true;
  const id = await world.deliver();
  // The route's deadline is 8 working hours; the sources could not be read until two days later.
  for (let hours = 0; hours < 45; hours += 1) {
    world.advance(60);
    await world.settle();
  }
  world.azureDevOps.sourcesDown = false;
  world.advance(30);
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'expired' });
  expect(world.told).toMatchObject([{ result: 'failed' }]);
});

test('a check that was stored and forgotten is judged when it is delivered again', async () => {
  const world = await createCoreWorld();
  const delivery = { check: aCheck(), jobToken: 'a', runId: 7, stage: 'Deploy', environment: 'prod' };
  const first = await world.core.deliveries.receive(delivery);
  const again = await world.core.deliveries.receive(delivery);
  expect([first, again]).toMatchObject([{ isJudged: false }, { isJudged: false }]);
  if (again.kind !== 'accepted') throw new Error(again.kind);
  world.core.accepted(again);
  await world.core.idle();
  expect((await world.core.approvals.find(again.requestId))?.state).toBe('blocked');
  expect(await world.core.deliveries.receive(delivery)).toMatchObject({ isJudged: true });
});

test('a hint written after a clock that ran ahead was put right is still found', async () => {
  const world = await createCoreWorld();
  await world.deliver('staging');
  world.advance(3 * 24 * 60);
  for (let n = 0; n < 4; n += 1) {
    await world.settle();
    world.advance(10);
  }
  world.now = '2026-11-24T10:00:00.000Z';
  const receipt = await world.core.deliveries.receive({
    check: aCheck({ taskInstanceId: '00000000-0000-4000-8000-00000000000a' }),
    jobToken: 'token',
    runId: 7,
    stage: 'Deploy',
    environment: 'prod',
  });
  const id = receipt.kind === 'accepted' ? receipt.requestId : '';
  // Found by its hint, judged, and closed by the hint of its wait's end.
  world.advance(2);
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'blocked' });
  world.advance(61);
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'failed' });
});

test('an approver whom Teams refuses is parked, named in status, and gets the card when they write again', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  world.teams.answer = () => ({ kind: 'refused', code: 'BotNotInConversationRoster' });
  await world.deliver();
  await world.settle();
  expect((await world.core.status.deliveryHealth()).unreachable).toContainEqual(
    expect.objectContaining({ name: 'Alex Wilber', why: 'removed' }),
  );
  world.teams.answer = () => undefined;
  await world.meet(PEOPLE.alex);
  expect(world.posted).toMatchObject([{ to: `a:${PEOPLE.alex}` }]);
});

test('a stranger who clicks at the same moment does not keep an approver from deciding', async () => {
  const { world, id } = await aWaitingGate();
  const [stranger, approver] = await Promise.all([
    world.core.approvals.decide(wish(id, PEOPLE.isaiah)),
    world.core.approvals.decide(wish(id, PEOPLE.alex)),
  ]);
  // Whichever was first: the stranger is told one reason or the other.
  expect(['not-an-approver', 'already-decided']).toContain(stranger.kind === 'refused' ? stranger.refusal : stranger);
  expect(approver).toMatchObject({ kind: 'decided' });
});

test('somebody whom the directory does not know reads no gate and no list', async () => {
  const { world, id } = await aWaitingGate();
  const stranger = by('00000000-0000-4000-8000-000000000000');
  expect(await world.core.views.gate(stranger, id)).toBe('not-in-directory');
  expect(await world.core.views.open(stranger, { mine: false })).toBe('not-in-directory');
  expect(await world.core.views.gate(by(PEOPLE.isaiah), id)).toMatchObject({ id });
});

test('the object id of an approver in another tenant is another person, who decides and reads nothing', async () => {
  const { world, id } = await aWaitingGate();
  const before = world.table.dump();
  const other = { ...by(PEOPLE.alex), tenant: '7f1c2a34-0000-4000-8000-00000000000b' };
  const answered = await world.core.approvals.decide({ ...wish(id, PEOPLE.alex), by: other });
  expect(answered).toEqual({ kind: 'refused', refusal: 'wrong-tenant' });
  expect(await world.core.views.gate(other, id)).toBe('wrong-tenant');
  expect(await world.core.views.open(other, { mine: true })).toBe('wrong-tenant');
  expect(world.table.dump()).toEqual(before);
});

test('what could not be read of the people behind a run closes its gate as requester-unknown, and is read again', async () => {
  const world = await createCoreWorld();
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const { sources } = world.azureDevOps;
  world.azureDevOps.sources = { ...sources, unreadable: ['changes of run 7'], unreadablePeople: ['changes of run 7'] };
  const id = await world.deliver();
  expect(await world.core.approvals.find(id)).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'requester-unknown', detail: 'changes of run 7' }] },
  });
  world.azureDevOps.sources = sources;
  await world.report('semgrep-checkout.sarif', { environment: 'prod' });
  await world.settle();
  expect(JSON.stringify((await world.core.approvals.find(id))?.judgement?.obstacles)).not.toContain(
    'requester-unknown',
  );
});

test('however often a stranger clicks, the attempt is recorded once', async () => {
  const { world, id } = await aWaitingGate();
  for (const op of ['a', 'b', 'c']) {
    const answered = await world.core.approvals.decide({ ...wish(id, PEOPLE.isaiah), op });
    expect(answered).toMatchObject({ kind: 'refused', refusal: 'not-an-approver' });
  }
  const stored = await world.ports.gates.locate(id);
  expect(stored?.evidence.filter(({ entry }) => entry.includes('"kind":"refused"'))).toHaveLength(1);
});

test('the same findings reported again a day later are newer evidence', async () => {
  const world = await createCoreWorld();
  const first = await world.report('gitleaks-clean.sarif');
  const scannedAt = () =>
    world.table
      .dump()
      .filter(({ values }) => values['head'] !== undefined)
      .map(({ values }) => (JSON.parse(String(values['head'])) as { scannedAt: string }).scannedAt);
  const before = scannedAt();
  world.advance(60);
  await world.report('gitleaks-clean.sarif');
  expect(scannedAt()).toEqual(before);
  world.advance(24 * 60);
  expect(await world.report('gitleaks-clean.sarif')).toMatchObject({
    reportId: (first as { reportId: string }).reportId,
  });
  expect(scannedAt()).toEqual([world.now]);
});
