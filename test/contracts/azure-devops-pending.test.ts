import { expect, test } from 'vitest';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { type NativeScene, setNative } from './azure-devops-native-scene.ts';

const listed = async ({ azureDevOps, ref }: NativeScene) => azureDevOps.pendingApprovals(ref.organization);
const idsOf = (approvals: readonly { readonly id: string }[]) => approvals.map(({ id }) => id);

test('the pending approvals of every project are listed with run and steps, and the others are not', async () => {
  const scene = await setNative();
  const { simulator, run, ref } = scene;
  const pipeline = simulator.addPipeline({ name: 'other', project: simulator.addProject('Platform') });
  const input = { stage: 's', environment: 'prod', approvers: ['Mia Manager'] };
  const elsewhere = simulator.requestApproval(simulator.queueRun({ pipeline }), input);
  simulator.endApproval(simulator.requestApproval(run, { ...input, stage: 't' }), 'timedOut');

  const { approvals, unread } = await listed(scene);

  expect(idsOf(approvals)).toEqual([ref.id, elsewhere.id]);
  expect(approvals[0]).toMatchObject({ ...ref, runId: run.id, status: 'pending', steps: [{}, {}], minRequired: 0 });
  expect(approvals[1]?.projectId).toBe(pipeline.project.id);
  expect(unread).toEqual([]);
});

test('a project that may not be read is named, and the others are listed', async () => {
  const scene = await setNative();
  const { id } = scene.simulator.addProject('Closed');
  scene.simulator.faults.add({ on: new RegExp(`${id}/_apis/pipelines/approvals`), status: 403 });

  const { approvals, unread } = await listed(scene);

  expect(idsOf(approvals)).toEqual([scene.ref.id]);
  expect(unread).toEqual([expect.stringMatching(new RegExp(`^approvals of project ${id}: .*403`))]);
});

const answer = (scene: NativeScene, extra: readonly object[]) => {
  const { ref, run } = scene;
  const good = {
    id: ref.id,
    status: 'pending',
    createdOn: '2026-11-23T08:00:00Z',
    pipeline: { owner: { id: run.id } },
  };
  return {
    on: /pipelines\/approvals\?/,
    status: 200,
    body: { value: [good, ...extra.map((one) => ({ ...good, ...one }))] },
  };
};

test.each([
  ['that names no run', { pipeline: null }, /not as documented/],
  ['without an id', { id: 7 }, /not as documented/],
  [
    'of another project',
    { id: guidOf('other'), _links: { self: { href: `https://x/${guidOf('p')}/_apis/pipelines/approvals/1` } } },
    /another project/,
  ],
])('an approval %s is not listed, and is named', async (_, extra, problem) => {
  const scene = await setNative();
  scene.simulator.faults.add(answer(scene, [extra]));

  const { approvals, unread } = await listed(scene);

  expect(idsOf(approvals)).toEqual([scene.ref.id]);
  expect(unread).toEqual([expect.stringMatching(problem)]);
});

test('an approval that is answered twice is listed once, and one that is not pending not at all', async () => {
  const scene = await setNative();
  scene.simulator.faults.add(
    answer(scene, [{}, { id: guidOf('o'), status: 'approved' }, { id: guidOf('u'), status: '?' }]),
  );

  expect(idsOf((await listed(scene)).approvals)).toEqual([scene.ref.id]);
});

test('as many approvals as were asked for may not be all', async () => {
  const scene = await setNative();
  const many = Array.from({ length: 199 }, (_, index) => ({ id: guidOf(`many ${index}`) }));
  scene.simulator.faults.add(answer(scene, many));

  const { approvals, unread } = await listed(scene);

  expect(approvals).toHaveLength(200);
  expect(unread).toEqual([expect.stringContaining('more than can be read')]);
});

test('more projects than are asked are named', async () => {
  const scene = await setNative();
  scene.simulator.faults.add({ on: /_apis\/projects/, headers: { 'x-ms-continuationtoken': '200' } });

  expect((await listed(scene)).unread).toEqual([expect.stringContaining('more than 200 projects')]);
});

test('approvals of which there is a further page are named', async () => {
  const scene = await setNative();
  scene.simulator.faults.add({ on: /pipelines\/approvals/, headers: { 'x-ms-continuationtoken': '2' } });

  expect((await listed(scene)).unread).toEqual([expect.stringContaining('more than can be read')]);
});
