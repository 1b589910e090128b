import { expect, test } from 'vitest';
import { aCheck } from '../builders.ts';
import {
  anActivity,
  anAuditEntry,
  capitalized,
  cardReaders,
  OUTSIDER,
  RELEASE_IDENTITY,
  setAuditScene,
} from '../fakes/audit-scene.ts';
import { throttled } from '../fakes/azure-devops-faults.ts';
import { actor, CAST, nextOp } from '../fakes/exception-scene.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

// What is off the release path, and what is not.

const OWNERS_AND_REVIEWERS = [CAST.adele, CAST.diego, CAST.lee].sort();
const IDENTITIES = [
  'catalog.yaml',
  'resourceGroups: [rg-payments-prod] }',
  `resourceGroups: [rg-payments-prod], identities: ["${RELEASE_IDENTITY}"] }`,
] as const;

type Scene = Awaited<ReturnType<typeof setAuditScene>>;

const shown = (scene: Scene) => [...new Set(scene.cards().map(({ offPath }) => offPath.what))];
const at = (scene: Scene, minutes = 0) => new Date(Date.parse(scene.world.now) + minutes * 60_000).toISOString();

/** A run whose stage waits for our check, with the job that is to deploy. */
async function asked() {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const { world, devOps, pipeline, organization } = scene;
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const run = devOps.queueRun({ pipeline });
  world.azureDevOps.run = { ...world.azureDevOps.run, organization, id: run.id, name: run.name };
  const check = aCheck({ organization });
  const place = { runId: run.id, stage: 'Deploy', environment: 'prod' };
  const receipt = await world.core.deliveries.receive({ check, jobToken: 'job-token-of-the-check', ...place });
  if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  const { org, requestId } = receipt;
  await world.core.outbox.drain(org, requestId);
  await world.settle();
  const pending = { stage: 'Deploy', startTime: undefined, finishTime: undefined, result: undefined };
  return { scene, requestId, job: devOps.deployTo('prod', run, pending) };
}

test('a deployment before anybody watched is none, nor one in an environment that the contract does not protect', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  scene.deploy({ startTime: at(scene, -60) });
  await scene.pass(0);
  scene.deploy({}, 'staging');
  await scene.pass();

  expect(scene.cards()).toEqual([]);
});

test('a deployment that was approved here is none, however often it is looked at', async () => {
  const { scene, requestId, job } = await asked();
  const by = actor(CAST.alex);
  await scene.world.core.approvals.decide({ requestId, verdict: 'approve', comment: 'as agreed', by, op: nextOp() });
  await scene.world.settle();
  job.job = { ...job.job, startTime: at(scene) };
  await scene.pass();
  await scene.pass(15);

  expect(scene.cards()).toEqual([]);
});

test('one that went on while people were asked is told with the request that waited, once reconciling had its time', async () => {
  const { scene, requestId, job } = await asked();
  job.job = { ...job.job, startTime: at(scene) };
  await scene.pass();
  expect(scene.cards()).toEqual([]);
  await scene.pass();

  expect(scene.cards()[0]?.offPath.gate).toEqual({ id: requestId, state: 'asked' });
});

test('a stage whose gate was passed by is told by its gate alone', async () => {
  const { scene, requestId, job } = await asked();
  job.job = { ...job.job, startTime: at(scene) };
  scene.world.azureDevOps.completed = 'succeeded';
  await scene.pass(6);
  await scene.pass(15);

  expect((await scene.world.core.approvals.find(requestId))?.state).toBe('bypassed');
  expect(scene.cards()).toEqual([]);
});

test('a job that has not begun is looked at again, and one that never ran is none', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const pending = { startTime: undefined, finishTime: undefined, result: undefined };
  const run = scene.devOps.queueRun({ pipeline: scene.pipeline });
  const job = scene.devOps.deployTo('prod', run, { ...pending, stage: 'Deploy' });
  const skipped = scene.devOps.queueRun({ pipeline: scene.pipeline });
  scene.devOps.deployTo('prod', skipped, { ...pending, stage: 'Deploy', result: 'skipped' });
  await scene.pass();
  expect(scene.cards()).toEqual([]);

  job.job = { ...job.job, startTime: at(scene) };
  await scene.pass();

  expect(new Set(scene.cards().map(({ offPath }) => offPath.run?.id))).toEqual(new Set([run.id]));
});

test('a pipeline of no service of the catalog is nobody’s, one known by what it builds is its service’s', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const { devOps } = scene;
  for (const [name, repository] of [
    ['toys', 'toys'],
    ['hotfix', 'orders-api'],
  ] as const)
    devOps.deployTo('prod', devOps.queueRun({ pipeline: devOps.addPipeline({ name, repository }) }));
  await scene.pass();

  expect(new Set(scene.cards().flatMap(({ offPath }) => offPath.services))).toEqual(new Set(['orders-api']));
});

test.each([
  ['CheckConfiguration.Deleted', 'removed a check from'],
  ['CheckConfiguration.Updated', 'changed a check of'],
])(
  '%s of a protected environment is told to whoever deploys there, of another one to nobody',
  async (action, words) => {
    const scene = await setAuditScene(createInMemoryTable());
    scene.deploy({ startTime: at(scene, -90) });
    await scene.pass(0);
    const of = (ResourceName: string) => ({ data: { Type: 'Invoke', ResourceType: 'Environment', ResourceName } });
    scene.audit(anAuditEntry(action, at(scene, 1), of('prod')));
    scene.audit(capitalized(anAuditEntry(action, at(scene, 1), of('staging'))));
    await scene.pass();
    await scene.pass();

    expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
    expect(shown(scene)).toEqual([expect.stringContaining(`Nestor Wilke ${words} Shop/Environment/prod`)]);
    expect(scene.cards()[0]?.offPath).toMatchObject({
      kind: 'check',
      services: ['payments-api'],
      environment: 'prod',
    });
  },
);

test('a check that is switched off by an update says so', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const data = { ResourceType: 'Environment', ResourceName: 'prod', IsDisabled: 'True' };
  scene.audit(anAuditEntry('CheckConfiguration.Updated', at(scene, 1), { data }));
  await scene.pass();

  expect(shown(scene)).toEqual([expect.stringContaining('removed a check from')]);
});

test('checks that were bypassed are told once: by the deployment that went on', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const run = scene.deploy();
  const data = { PipelineName: 'payments-api', RunName: run.name, StageName: 'Deploy', CheckSuiteStatus: 'Bypassed' };
  scene.audit(anAuditEntry('CheckSuite.Completed', at(scene, 1), { data, category: 'execute' }));
  await scene.pass();
  await scene.pass();

  expect(new Set(scene.cards().map(({ offPath }) => offPath.kind))).toEqual(new Set(['deployment']));
});

test('checks that ended as they should are no event at all', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  const data = { PipelineName: 'payments-api', RunName: '1', StageName: 'Deploy', CheckSuiteStatus: 'Approved' };
  scene.audit(anAuditEntry('CheckSuite.Completed', at(scene, 1), { data, category: 'execute' }));
  await scene.pass();

  expect(scene.cards()).toEqual([]);
  expect(await scene.world.ports.activity.since('2026-11-01T00:00:00.000Z')).toEqual([]);
});

test('a change in production by an identity that the catalog does not name is told once for one wish', async () => {
  const scene = await setAuditScene(createInMemoryTable(), IDENTITIES);
  await scene.pass(0);
  const one = { correlationId: 'wish' };
  scene.activity(
    anActivity('Microsoft.Network/networkSecurityGroups/write', at(scene, 1), one),
    anActivity('Microsoft.KeyVault/vaults/delete', at(scene, 2), one),
    anActivity('Microsoft.KeyVault/vaults/read', at(scene, 2)),
    anActivity('Microsoft.Web/sites/config/list/action', at(scene, 2)),
    anActivity('Microsoft.KeyVault/vaults/write', at(scene, 2), { status: { value: 'Failed' } }),
    anActivity('Microsoft.Web/sites/write', at(scene, 2), { claims: { appid: RELEASE_IDENTITY.toUpperCase() } }),
  );
  await scene.pass();
  await scene.pass();

  expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  expect(scene.cards()[0]?.offPath).toMatchObject({
    ...{ kind: 'write', services: ['payments-api'], environment: 'prod' },
    doneBy: [{ id: OUTSIDER, name: 'Nestor Wilke' }],
  });
});

test('an updated check is a reason to look at once', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  scene.deploy();
  scene.world.advance(1);
  const eventType = 'ms.vss-pipelinechecks-events.check-updated-event';
  await scene.world.core.eventReceived({ id: '1', eventType, kind: 'check' });
  await scene.world.core.idle();

  expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
});

test('deployments that cannot be read now are compared later, after the wait that was asked for', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  scene.deploy();
  const end = scene.devOps.faults.add(throttled(/environmentdeploymentrecords/, 420));
  await scene.pass();
  end();
  await scene.pass();
  expect(scene.cards()).toEqual([]);
  expect(await scene.signals()).toContainEqual(
    expect.objectContaining({
      source: 'deployments',
      failure: expect.objectContaining({ why: expect.stringContaining('429') }),
    }),
  );
  await scene.pass();

  expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
});

test('a page that is cut in the middle moves nothing, and all of it is compared afterwards', async () => {
  const scene = await setAuditScene(createInMemoryTable());
  await scene.pass(0);
  scene.devOps.pageBy(2);
  for (let n = 0; n < 5; n += 1) scene.deploy();
  const end = scene.devOps.faults.add({ on: /environmentdeploymentrecords.*continuationToken=2/, cut: 'body' });
  await scene.pass();
  expect(scene.cards()).toEqual([]);
  end();
  await scene.pass();

  expect(new Set(scene.cards().map(({ offPath }) => offPath.id)).size).toBe(5);
});
