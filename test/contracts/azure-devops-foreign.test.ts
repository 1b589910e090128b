import { expect, test } from 'vitest';
import { speaksFor } from '../../services/domain/catalog.ts';
import { throttled } from '../fakes/azure-devops-faults.ts';
import { buildAnswerOf, setScene, setShipped } from './azure-devops-scene.ts';

// A server of another make or version may leave out what proves nothing.

const PAYMENTS = {
  name: 'payments-api',
  owner: 'group:owners',
  repositories: ['payments-api'],
  pipelines: ['deploy'],
  paths: [],
  environments: new Map(),
} as const;

test('a build with nothing but what proves it is taken, and what it leaves out is filled in', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene({ check: { ownPlan: false } });
  const { id, sourceVersion, orchestrationPlan } = await buildAnswerOf(simulator, run);
  const body = { id, sourceVersion, orchestrationPlan, definition: { id: 7 }, project: { id: ids.projectId } };
  simulator.faults.add({ on: /builds\/\d+\?/, status: 200, body });

  const proof = await azureDevOps.prove(ids, run.id, check.token);

  if (proof.kind !== 'proven') throw new Error(proof.why);
  expect(proof.run).toMatchObject({
    name: String(run.id),
    project: ids.projectId,
    pipeline: { id: 7, name: '7' },
    repository: { id: '', name: '', type: '' },
    branch: '',
    commit: run.commit,
    reason: 'none',
    requestedFor: {},
  });
  expect(speaksFor(PAYMENTS, { repository: proof.run.repository.name, pipeline: proof.run.pipeline.name })).toBe(false);
});

test('a repository with an id alone is named by it', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  const build = { ...(await buildAnswerOf(simulator, run)), repository: { id: 'contoso/shop' } };
  simulator.faults.add({ on: /builds\/\d+\?/, status: 200, body: build });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({
    run: { repository: { id: 'contoso/shop', name: 'contoso/shop', type: '' } },
  });
});

test.each(['id', 'sourceVersion', 'definition', 'project'])('a build without %s proves nothing', async (needed) => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  const build = { ...(await buildAnswerOf(simulator, run)), [needed]: undefined };
  simulator.faults.add({ on: /builds\/\d+\?/, status: 200, body: build });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
});

test('a plan that names its owner alone is the one that was asked for', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  simulator.faults.add({ on: /plans\/[^/]+\?/, times: 1, status: 200, body: { owner: { id: run.id } } });
  simulator.faults.add({ on: /plans\/[^/]+\?/, times: 1, status: 200, body: { owner: { id: run.id + 1 } } });
  simulator.faults.add({ on: /plans\/[^/]+\?/, times: 1, status: 200, body: {} });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'proven' });
  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
});

test('a record with its id alone is a task at its first attempt that is not completed', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  const body = { records: [{}, { id: ids.taskInstanceId }] };
  simulator.faults.add({ on: /timelines/, status: 200, body });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({
    kind: 'proven',
    attempt: 1,
    completed: false,
  });
});

test('a record that says to be no task is none', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  const body = { records: [{ id: ids.taskInstanceId, type: 'Job' }] };
  simulator.faults.add({ on: /timelines/, status: 200, body });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
});

const SILENT = { on: /pipelines\/\d+\/runs/, status: 200 };

test('a plain run without resources ships the commit of its build', async () => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue();
  simulator.faults.add({ ...SILENT, body: { id: run.id } });

  const shipped = await sources(run);

  expect(shipped.commits).toEqual([{ commit: run.commit, repository: 'shop', pipeline: 'deploy', runId: run.id }]);
  expect(shipped.unreadable).toEqual([]);
});

test.each(['resourceTrigger', 'buildCompletion'])('a run by %s without resources is unreadable', async (reason) => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue({ reason });
  simulator.faults.add({ ...SILENT, body: { id: run.id } });

  expect((await sources(run)).unreadable).toContain(`resources of run ${run.id}: the answer names none`);
});

test('a run that another build triggered, without resources, is unreadable whatever its reason', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }) });
  const run = queue({ triggeredBy: built, reason: 'manual' });
  simulator.faults.add({ ...SILENT, body: { id: run.id }, times: 1 });

  const shipped = await sources(run);

  expect(shipped.unreadable).toEqual([`resources of run ${run.id}: the answer names none`]);
  expect(shipped.commits.map(({ commit }) => commit)).toContain(built.commit);
});

test.each([
  ['that is not evidently of the run', {}],
  ['of another run', { id: 1 }],
])('an answer without resources %s is unreadable', async (_, body) => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue();
  simulator.faults.add({ ...SILENT, body });

  expect((await sources(run)).unreadable).toEqual([`resources of run ${run.id}: the answer names none`]);
});

test('a run that Azure DevOps does not have among the pipelines may be of any kind: its resources are unreadable', async () => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue();
  simulator.faults.add({ ...SILENT, status: 404 });

  expect((await sources(run)).unreadable).toEqual([expect.stringMatching(/^resources of run .*404/)]);
});

test('the date of every answer is told, of a refusal too', async () => {
  const dates: string[] = [];
  const { azureDevOps, simulator, ids, run, check } = await setScene({
    adapter: { dated: (date) => dates.push(date) },
  });
  await azureDevOps.prove(ids, run.id, check.token);
  simulator.faults.add(throttled(/builds/, 17));
  await azureDevOps.prove(ids, run.id, check.token).catch(() => undefined);
  expect(dates).toHaveLength(simulator.requests.length);
  expect(dates.every((date) => !Number.isNaN(Date.parse(date)))).toBe(true);
});
