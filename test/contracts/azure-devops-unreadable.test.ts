import { expect, test } from 'vitest';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { signInPage } from '../fakes/azure-devops-faults.ts';
import { commitOf } from '../fakes/azure-devops-model.ts';
import { buildAnswerOf, setShipped } from './azure-devops-scene.ts';

test.each([
  ['changes', /changes/],
  ['resources', /pipelines\/\d+\/runs/],
])('%s that are shown a sign-in page are unreadable, and the run still ships its commit', async (what, on) => {
  const { simulator, sources, queue } = await setShipped();
  simulator.faults.add(signInPage(on));
  const run = queue();

  const shipped = await sources(run);

  expect(shipped.unreadable).toContainEqual(expect.stringContaining(`${what} of run ${run.id}`));
  expect(shipped.commits).toEqual([{ commit: run.commit, repository: 'shop', pipeline: 'deploy', runId: run.id }]);
});

test('changes are read to their last page, and endless ones are unreadable', async () => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue({ authors: ['Al Author'] });
  const headers = { 'x-ms-continuationtoken': '2' };
  simulator.faults.add({ on: /changes/, times: 1, status: 200, headers, body: { value: [] } });

  expect(await sources(run)).toMatchObject({ authors: [{ name: 'Al Author' }], unreadable: [] });
  expect(simulator.requests.some(({ path }) => path.includes('continuationToken=2'))).toBe(true);

  simulator.faults.add({ on: /changes/, headers });
  expect((await sources(run)).unreadable).toEqual([expect.stringContaining('more than can be read')]);
});

test('a resource of another shape is unreadable, and the others are read', async () => {
  const { simulator, sources, queue } = await setShipped();
  const repositories = {
    self: { version: 'main' },
    other: { repository: { fullName: 'o/r' }, version: commitOf('o') },
  };
  const pipelines = { bare: { pipeline: { id: 1 } }, strange: { pipeline: { id: 1, url: '://' }, version: '1' } };
  simulator.faults.add({ on: /pipelines\/\d+\/runs/, status: 200, body: { resources: { repositories, pipelines } } });

  const shipped = await sources(queue());

  expect(shipped.commits.map(({ repository }) => repository)).toEqual(['shop', 'o/r']);
  expect(shipped.unreadable).toEqual([
    expect.stringMatching(/^repository self/),
    expect.stringMatching(/^pipeline bare/),
    expect.stringMatching(/^pipeline strange .* names no project of this organization$/),
  ]);
});

test('the address of a consumed pipeline is read for its project and never called', async () => {
  const { simulator, sources, queue, ids } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }) });
  const pipeline = (url: string) => ({ pipeline: { id: built.pipeline.id, url }, version: built.name });
  const pipelines = {
    own: pipeline(`${ids.organization}/_apis/pipelines/2`),
    named: pipeline(`${ids.organization}/Shop/_apis/pipelines/2`),
    elsewhere: pipeline(`https://dev.azure.example/contoso/${ids.projectId}/_apis/pipelines/2`),
  };
  simulator.faults.add({ on: /pipelines\/1\/runs/, status: 200, body: { resources: { pipelines } } });

  const shipped = await sources(queue());

  expect(shipped.unreadable).toEqual([]);
  expect(shipped.commits.map(({ runId }) => runId)).toContain(built.id);
});

test('builds that only seem to be named are not taken', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }) });
  const of = (definition: number) => ({ id: built.id, buildNumber: built.name, definition: { id: definition } });
  const answer = (definition: number) => ({
    on: /buildNumber=/,
    times: 1,
    status: 200,
    body: { value: [of(definition)] },
  });
  simulator.faults.add(answer(built.pipeline.id + 1));
  const another = await sources(queue({ consumes: [built] }));
  simulator.faults.add({ ...answer(built.pipeline.id), headers: { 'x-ms-continuationtoken': '2' } });
  const further = await sources(queue({ consumes: [built] }));

  expect(another.unreadable).toEqual([expect.stringContaining('no build is named')]);
  expect(further.unreadable).toEqual([expect.stringContaining('more than one build')]);
});

test('a change without an author and a commit without an address are unreadable', async () => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue();
  simulator.faults.add({ on: /changes/, status: 200, body: { value: [{ id: commitOf('other') }] } });
  simulator.faults.add({ on: /commits/, status: 200, body: { author: { name: 'Al' } } });

  expect((await sources(run)).unreadable).toEqual([
    `change ${commitOf('other')} of run ${run.id}: it names no author`,
    `author of commit ${run.commit} of run ${run.id}: it has no address`,
  ]);
});

test('a run that is said to have triggered itself is asked once', async () => {
  const { simulator, sources, queue } = await setShipped();
  const run = queue();
  const body = {
    ...(await buildAnswerOf(simulator, run)),
    reason: 'buildCompletion',
    triggeredByBuild: { id: run.id },
  };
  simulator.faults.add({ on: /builds\/\d+\?/, status: 200, body });

  expect((await sources(run)).requesters).toHaveLength(1);
});

test('a triggering build that names no requester is unreadable', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }) });
  const body = { ...(await buildAnswerOf(simulator, built)), requestedFor: {} };
  simulator.faults.add({ on: new RegExp(`builds/${built.id}\\?`), status: 200, body });

  expect((await sources(queue({ triggeredBy: built }))).unreadable).toEqual([`run ${built.id}: it names no requester`]);
});

test('a run that names no requester is unreadable', async () => {
  const { simulator, azureDevOps, ids, run, check } = await setShipped();
  simulator.faults.add({
    on: /builds\/\d+\?/,
    status: 200,
    body: { ...(await buildAnswerOf(simulator, run)), requestedFor: null },
  });
  const proof = await azureDevOps.prove(ids, run.id, check.token);
  if (proof.kind !== 'proven') throw new Error(proof.why);

  const shipped = await azureDevOps.sources(proof.run, check.token);

  expect(shipped.unreadable).toEqual([`run ${run.id}: it names no requester`]);
});

test('a server error while reading sources is no answer at all', async () => {
  const { simulator, sources, queue } = await setShipped();
  simulator.faults.add({ on: /changes/, status: 502 });

  await expect(sources(queue())).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('a list of builds that hides what the job token may not see is asked again with the own account', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }) });
  simulator.faults.add({ on: /buildNumber=/, times: 1, status: 200, body: { count: 0, value: [] } });

  const shipped = await sources(queue({ consumes: [built] }));

  expect(shipped.unreadable).toEqual([]);
  expect(shipped.commits.map(({ runId }) => runId)).toContain(built.id);
});
