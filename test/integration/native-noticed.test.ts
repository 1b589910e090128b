import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import { aCheck } from '../builders.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { anAskedApproval, type NativeWorld, setNativeWorld } from '../fakes/native-world.ts';
import { wordsOf } from '../fakes/teams-card.ts';
import { wish } from '../fakes/waiting-gate.ts';

// How approvals that Azure DevOps itself asks for are noticed, and how they end without us.

/** Every request that the store holds. */
const requestsIn = ({ world }: NativeWorld) =>
  world.table.dump().filter(({ table, row }) => table === 'gate' && row === 'h').length;
const passedOver = ({ logged }: NativeWorld) =>
  logged
    .filter(({ message }) => message === 'native approval passed over')
    .map(({ data }) => (data as { why: string }).why);
const approvalReads = ({ simulator }: NativeWorld) =>
  simulator.requests.filter(({ method, path }) => method === 'GET' && /pipelines\/approvals\//.test(path)).length;
const reconciled = async ({ world }: NativeWorld) => {
  await world.core.reconcile();
  await world.core.idle();
};

test('what the request says comes from Azure DevOps: run, stage, attempt, environment and requester', async () => {
  const { approval, gateOf, run, refOf } = await anAskedApproval({ input: { environment: 'PROD' } });
  expect(await gateOf(approval)).toMatchObject({
    door: { kind: 'approval', ...refOf(approval) },
    run: { id: run.id, requestedFor: { name: 'Adele Vance' }, pipeline: { name: 'payments-api' } },
    stage: 'Deploy',
    attempt: 1,
    // As the contract writes it.
    environment: 'prod',
    services: ['payments-api'],
    sources: { requesters: [{ name: 'Adele Vance' }] },
  });
});

test('the same event any number of times, from two processes at once, is one request with one card', async () => {
  const scene = await setNativeWorld();
  const approval = scene.ask();
  await Promise.all([1, 2, 3].map(() => scene.tell(approval)));
  const other = scene.world.restart();
  await other.runDue({ kind: 'approval', ref: scene.refOf(approval) });
  await other.idle();
  await scene.world.settle();
  expect([requestsIn(scene), scene.world.posted.length]).toEqual([1, 1]);
});

test('completed before pending: what does not wait any more makes no request, in whatever order it is told', async () => {
  const scene = await setNativeWorld();
  const approval = scene.ask();
  scene.simulator.endApproval(approval, 'timedOut');
  await scene.tell(approval, 'completed');
  await scene.tell(approval, 'pending');
  expect(requestsIn(scene)).toBe(0);
});

test('an environment that the contract does not have is shown as blocked, so that somebody sees it', async () => {
  const scene = await setNativeWorld();
  const approval = scene.ask({ environment: 'qa' });
  await scene.tell(approval);
  expect(await scene.gateOf(approval)).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'unknown-environment', detail: 'qa' }] },
  });
});

test.each([
  ['a pipeline that the catalog does not tie to a service', 'the catalog ties no service'],
  ['something that is no environment', 'no environment'],
])('an approval of %s makes no request', async (what, why) => {
  const scene = await setNativeWorld();
  const pipeline = scene.simulator.addPipeline({ name: 'sandbox', repository: 'sandbox' });
  const isForeign = what.startsWith('a pipeline');
  const approval = isForeign
    ? scene.ask({}, scene.simulator.queueRun({ pipeline }))
    : scene.ask({ resource: { type: 'endpoint', id: '3', name: 'production' } });
  await scene.tell(approval);
  scene.world.advance(20);
  await scene.world.settle();
  expect(requestsIn(scene)).toBe(0);
  expect(passedOver(scene).at(-1)).toContain(why);
});

test('an approval that Azure DevOps does not have makes no request', async () => {
  const scene = await setNativeWorld();
  const { id: _, ...ref } = scene.refOf(scene.ask());
  await scene.world.core.runDue({ kind: 'approval', ref: { ...ref, id: '00000000-0000-4000-8000-0000000000aa' } });
  expect([requestsIn(scene), passedOver(scene)]).toEqual([0, [expect.stringContaining('no such approval')]]);
});

test('while Azure DevOps is silent the hint stays, and the request is made afterwards', async () => {
  const scene = await setNativeWorld();
  const approval = scene.ask();
  const restore = scene.simulator.faults.add({ on: /pipelines\/approvals/, status: 503 });
  await scene.tell(approval);
  scene.world.advance(2);
  await scene.world.settle();
  expect(requestsIn(scene)).toBe(0);
  restore();
  scene.world.advance(2);
  await scene.world.settle();
  expect(await scene.gateOf(approval)).toMatchObject({ state: 'asked' });
});

test('an approval of which no hook told is found by reconciling, and known ones are not looked at again', async () => {
  const scene = await setNativeWorld();
  const approval = scene.ask();
  await reconciled(scene);
  expect(await scene.gateOf(approval)).toMatchObject({ state: 'asked' });
  const reads = approvalReads(scene);
  await reconciled(scene);
  expect([approvalReads(scene), requestsIn(scene)]).toEqual([reads, 1]);
});

test('reconciling makes requests of nothing that the contract or the catalog does not know', async () => {
  const scene = await setNativeWorld();
  scene.ask({ environment: 'qa' });
  scene.ask(
    { stage: 'Other' },
    scene.simulator.queueRun({ pipeline: scene.simulator.addPipeline({ name: 'sandbox' }) }),
  );
  await reconciled(scene);
  const reads = approvalReads(scene);
  await reconciled(scene);
  expect([requestsIn(scene), approvalReads(scene) - reads]).toEqual([0, 0]);
});

test('a missing permission is one line in the log, not one every five minutes', async () => {
  const scene = await setNativeWorld();
  scene.ask();
  scene.simulator.faults.add({ on: /pipelines\/approvals\?/, status: 403 });
  for (let n = 0; n < 3; n += 1) await reconciled(scene);
  expect(scene.logged.filter(({ message }) => message === 'native approvals not looked for')).toHaveLength(1);
});

test('an approval that may not be read keeps no other from being found', async () => {
  const scene = await setNativeWorld();
  const pipeline = scene.simulator.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  const unreadable = scene.simulator.queueRun({ pipeline });
  scene.ask({ stage: 'Other' }, unreadable);
  const approval = scene.ask();
  scene.simulator.faults.add({ on: new RegExp(`/builds/${unreadable.id}\\b`), status: 403 });
  await reconciled(scene);
  expect(await scene.gateOf(approval)).toMatchObject({ state: 'asked' });
  expect(scene.logged.filter(({ message }) => message === 'native approvals not looked for')).toHaveLength(1);
});

test('a thousand hints of one approval at once are a few looks at it', async () => {
  const scene = await anAskedApproval();
  const before = approvalReads(scene);
  const ref = scene.refOf(scene.approval);
  const event = {
    id: 'e',
    eventType: 'ms.vss-pipelinechecks-events.approval-pending',
    kind: 'approval',
    organization: ref.organization,
    projectId: ref.projectId,
    approvalId: ref.id,
  } as const;
  await Promise.all(Array.from({ length: 1_000 }, () => scene.world.core.eventReceived(event)));
  await scene.world.core.idle();
  expect(approvalReads(scene) - before).toBeLessThan(20);
});

test('without service hooks nobody looks for native approvals', async () => {
  const scene = await setNativeWorld();
  const world = await createCoreWorld({
    azureDevOps: scene.world.ports.azureDevOps,
    organization: scene.simulator.organizationUrl(),
  });
  scene.ask();
  await world.core.reconcile();
  expect(scene.simulator.requests.some(({ path }) => path.includes('state=pending'))).toBe(false);
});

test.each([
  ['canceled', 'abandoned', 'canceled'],
  ['timedOut', 'abandoned', 'timedOut'],
] as const)('an approval that ended as %s leaves nothing waiting here', async (status, state, result) => {
  const scene = await anAskedApproval();
  scene.simulator.endApproval(scene.approval, status);
  await scene.tell(scene.approval, 'completed');
  expect(await scene.gateOf(scene.approval)).toMatchObject({ state, completedElsewhere: result });
  expect(await scene.kindsOf(scene.approval)).toContain('completed-without-us');
  expect(await scene.world.ports.gates.open()).toEqual([]);
});

test('a cancelled run ends its request as soon as the run says so', async () => {
  const scene = await anAskedApproval({ signedIn: ['alex'] });
  scene.simulator.endApproval(scene.approval, 'canceled');
  scene.simulator.completeRun(scene.run, 'canceled');
  await scene.tellRun('run');
  expect(await scene.gateOf(scene.approval)).toMatchObject({ state: 'abandoned' });
  expect(await scene.world.core.approvals.decide(wish(scene.id, PEOPLE.alex))).toMatchObject({
    refusal: 'already-decided',
  });
});

test('the event of a run whose requests still wait in Azure DevOps changes nothing', async () => {
  const scene = await anAskedApproval();
  await scene.tellRun('run');
  expect(await scene.gateOf(scene.approval)).toMatchObject({ state: 'asked', revision: 1 });
});

test.each(['the event of the stage', 'reconciling'])('a bypass by an administrator is found by %s', async (by) => {
  const scene = await anAskedApproval();
  scene.simulator.bypassApproval(scene.approval);
  scene.world.advance(6);
  if (by === 'reconciling') await reconciled(scene);
  else await scene.tellRun('stage');
  const gate = await scene.gateOf(scene.approval);
  expect(gate).toMatchObject({ state: 'bypassed' });
  expect(await scene.kindsOf(scene.approval)).toContain('bypass-detected');
  expect(gate && gateAnswer(gate).text).toContain('Released without a decision');
});

test('what is skipped while its stage does not go on is no bypass', async () => {
  const scene = await anAskedApproval();
  scene.simulator.endApproval(scene.approval, 'skipped');
  await scene.tell(scene.approval, 'completed');
  expect(await scene.gateOf(scene.approval)).toMatchObject({ state: 'abandoned', completedElsewhere: 'skipped' });
});

test('an approval that the bot may suddenly not see is not taken for ended', async () => {
  const scene = await anAskedApproval();
  scene.simulator.faults.add({ on: /pipelines\/approvals\//, status: 404 });
  scene.world.advance(6);
  await reconciled(scene);
  expect(await scene.gateOf(scene.approval)).toMatchObject({ state: 'asked' });
});

test('a check of ours and a native approval of one stage both ask, and neither takes the place of the other', async () => {
  const scene = await anAskedApproval({ signedIn: ['alex'] });
  const check = scene.simulator.startCheck(scene.run, {
    environment: 'prod',
    stage: 'Deploy',
    service: 'payments-api',
  });
  const { plan, jobId, taskInstanceId, token } = check;
  const { organization, projectId } = scene.refOf(scene.approval);
  const ids = { organization, projectId, hub: 'checks', planId: plan.id, jobId, timelineId: plan.id, taskInstanceId };
  const receipt = await scene.world.core.deliveries.receive({
    check: aCheck(ids),
    jobToken: token,
    runId: scene.run.id,
    stage: 'Deploy',
    environment: 'prod',
  });
  if (receipt.kind !== 'accepted') expect.fail(JSON.stringify(receipt));
  await scene.world.core.outbox.drain(receipt.org, receipt.requestId);
  expect(await scene.world.core.approvals.find(receipt.requestId)).toMatchObject({ state: 'asked' });

  const again = scene.simulator.rerunStage(scene.run, 'Deploy', 'Adele Vance');
  const second = scene.ask();
  expect(second.stage).toBe(again);
  await scene.tell(second);
  expect(await scene.gateOf(second)).toMatchObject({ state: 'asked', attempt: 2 });
  expect(await scene.gateOf(scene.approval)).toMatchObject({ state: 'superseded', handover: { kind: 'left' } });
  expect(await scene.world.core.approvals.find(receipt.requestId)).toMatchObject({ state: 'asked' });
});

test('names of Azure DevOps are shown as text and never as markup', async () => {
  const scene = await anAskedApproval();
  const [step] = scene.approval.steps;
  const displayName = '[Approve](https://evil.example) <at>all</at>';
  if (step !== undefined) Object.assign(step, { status: 'approved', actual: { ...step.assigned, displayName } });
  Object.assign(scene.approval, { status: 'approved' });
  await scene.tell(scene.approval, 'completed');
  const gate = await scene.gateOf(scene.approval);
  expect(gate?.completedBy).toEqual([displayName]);
  const words = wordsOf(gate && gateAnswer(gate).card);
  expect(words).not.toContain('](https://evil');
  expect(words).not.toContain('<at>');
});
