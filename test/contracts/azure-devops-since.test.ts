import { expect, test } from 'vitest';
import type { RunSources, ShippedCommit } from '../../services/domain/run.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { signInPage } from '../fakes/azure-devops-faults.ts';
import { commitOf, type SimulatedRun } from '../fakes/azure-devops-model.ts';
import { buildAnswerOf, setShipped } from './azure-devops-scene.ts';

const BETWEEN = /build\/changes/;
const names = ({ authors }: RunSources) => authors.map(({ name }) => name);

function shippedBy({ pipeline, id, commit }: SimulatedRun): ShippedCommit {
  return { commit, repository: pipeline.repository.name, pipeline: pipeline.name, runId: id };
}

/** Three runs of one pipeline, the first of which was approved last. */
async function setRange() {
  const scene = await setShipped();
  const first = scene.queue({ authors: ['Fay First'] });
  const second = scene.queue({ authors: ['Sam Second'] });
  const third = scene.queue({ authors: ['Tom Third'] });
  return { ...scene, first, second, third };
}

test('the authors are those of everything since the last approved deployment, not of the last build alone', async () => {
  const { sources, first, third } = await setRange();

  const shipped = await sources(third, [shippedBy(first)]);

  expect(names(shipped)).toEqual(['Tom Third', 'Sam Second']);
  expect(shipped.unreadable).toEqual([]);
  expect(shipped.commits.map(({ commit }) => commit)).toEqual([third.commit]);
});

test('without an earlier deployment the authors are those of the build', async () => {
  const { sources, simulator, third } = await setRange();

  expect(names(await sources(third, []))).toEqual(['Tom Third']);
  expect(simulator.requests.some(({ path }) => BETWEEN.test(path))).toBe(false);
});

test('a roll-back adds nobody, and nor does the same run again', async () => {
  const { sources, simulator, first, third } = await setRange();

  expect(names(await sources(first, [shippedBy(third)]))).toEqual(['Fay First']);
  expect(names(await sources(third, [shippedBy(third)]))).toEqual(['Tom Third']);
  expect(simulator.requests.some(({ path }) => BETWEEN.test(path))).toBe(false);
});

test('what is consumed is covered since the run of it that was approved last', async () => {
  const { sources, simulator, queue } = await setShipped();
  const pipeline = simulator.addPipeline({ name: 'build' });
  const [one, two, three] = ['Olga One', 'Tom Two', 'Theo Three'].map((author) =>
    simulator.queueRun({ pipeline, authors: [author] }),
  ) as [SimulatedRun, SimulatedRun, SimulatedRun];

  const shipped = await sources(queue({ authors: ['Al Author'], consumes: [three] }), [shippedBy(one)]);

  expect(names(shipped)).toEqual(['Al Author', 'Theo Three', 'Tom Two']);
  expect(two.id).toBeLessThan(three.id);
});

test.each([
  ['pipeline', { pipeline: 'another' }],
  ['repository', { repository: 'another' }],
])('an earlier run of another %s opens no range', async (_, change) => {
  const { sources, simulator, first, third } = await setRange();

  expect(names(await sources(third, [{ ...shippedBy(first), ...change }]))).toEqual(['Tom Third']);
  expect(simulator.requests.some(({ path }) => BETWEEN.test(path))).toBe(false);
});

test.each([
  ['is refused', { status: 403 }],
  ['is not found', { status: 404 }],
  ['is shown a sign-in page', signInPage(BETWEEN)],
  ['is answered with something else', { status: 200, body: { changes: [] } }],
])('a range that %s hides people: anybody could have written it', async (_, fault) => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ ...fault, on: BETWEEN });

  const shipped = await sources(third, [shippedBy(first)]);

  const hidden = [expect.stringContaining(`changes from run ${first.id} to run ${third.id}`)];
  expect(shipped.unreadable).toEqual(hidden);
  expect(shipped.unreadablePeople).toEqual(hidden);
  expect(names(shipped)).toEqual(['Tom Third']);
});

test('a range that cannot be asked for is no answer at all', async () => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ on: BETWEEN, status: 503 });

  await expect(sources(third, [shippedBy(first)])).rejects.toThrow(AzureDevOpsUnavailableError);
});

const change = (index: number) => ({ id: commitOf(`c${index}`), author: { displayName: 'Al', uniqueName: 'al@x' } });

test.each([
  ['as long as was asked for', 500, {}],
  ['that goes on', 1, { 'x-ms-continuationtoken': '2' }],
])('a list of changes %s may not be all', async (_, length, headers) => {
  const { sources, simulator, first, third } = await setRange();
  const value = Array.from({ length }, (_, index) => change(index));
  simulator.faults.add({ on: BETWEEN, status: 200, body: { value }, headers });

  expect((await sources(third, [shippedBy(first)])).unreadablePeople).toEqual([
    expect.stringContaining('more than can be read'),
  ]);
});

test('a change of the range that names nobody hides people', async () => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ on: BETWEEN, status: 200, body: { value: [{ id: commitOf('x') }] } });

  expect((await sources(third, [shippedBy(first)])).unreadablePeople).toEqual([
    `change ${commitOf('x')} of run ${third.id}: it names no author`,
  ]);
});

test('no changes are believed of an older commit built again', async () => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ on: BETWEEN, status: 200, body: { value: [] } });

  expect((await sources(third, [shippedBy(first)])).unreadable).toEqual([]);
});

test('who wrote what came in since a run that is not kept any more is unknown, and closes no stage for ever', async () => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ on: new RegExp(`builds/${first.id}\\?`), status: 404 });

  const shipped = await sources(third, [shippedBy(first)]);
  expect(shipped.unreadable).toEqual([]);
  expect(names(shipped)).toEqual([
    'Tom Third',
    `whoever wrote what came in since run ${first.id}, which is not kept any more`,
  ]);
});

test('a run that may not be looked at is not one that is gone', async () => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ on: new RegExp(`builds/${first.id}\\?`), status: 403 });
  simulator.faults.add({ on: BETWEEN, status: 403 });

  expect((await sources(third, [shippedBy(first)])).unreadablePeople).toEqual([
    expect.stringContaining(`changes from run ${first.id} to run ${third.id}`),
  ]);
});

test('no changes since a run that is answered with another hide people', async () => {
  const { sources, simulator, first, second, third } = await setRange();
  simulator.faults.add({ on: BETWEEN, status: 200, body: { value: [] } });
  const body = await buildAnswerOf(simulator, second);
  simulator.faults.add({ on: new RegExp(`builds/${first.id}\\?`), status: 200, body });

  expect((await sources(third, [shippedBy(first)])).unreadablePeople).toEqual([
    expect.stringContaining('was not answered with itself'),
  ]);
});

test('who wrote what came in since a run of another pipeline of the same name is unknown', async () => {
  const { sources, simulator, third } = await setRange();
  const other = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'other' }) });
  const later = simulator.queueRun({ pipeline: third.pipeline });

  const shipped = await sources(later, [{ ...shippedBy(third), runId: other.id, commit: other.commit }]);

  expect(shipped.unreadable).toEqual([]);
  expect(names(shipped)).toContain(`whoever wrote what came in since run ${other.id}, which is of another pipeline`);
  expect(simulator.requests.some(({ path }) => BETWEEN.test(path))).toBe(false);
});

test('no changes are not believed when the earlier run cannot be read', async () => {
  const { sources, simulator, first, third } = await setRange();
  simulator.faults.add({ on: BETWEEN, status: 200, body: { value: [] } });
  simulator.faults.add({ on: new RegExp(`builds/${first.id}\\?`), status: 403 });

  expect((await sources(third, [shippedBy(first)])).unreadablePeople).toEqual([
    expect.stringContaining('cannot be read'),
  ]);
});

test('of more than ten ranges the rest hides people', async () => {
  const { sources, queue } = await setShipped();
  const earlier = Array.from({ length: 11 }, () => shippedBy(queue()));

  expect((await sources(queue(), earlier)).unreadablePeople).toEqual([expect.stringContaining('too many')]);
});

test('a run is read with the own account alone when no job has a token', async () => {
  const { azureDevOps, simulator, run } = await setShipped();
  const [found] = await azureDevOps.findRuns(run.id);
  if (found === undefined) throw new Error('the run was not found');

  expect(names(await azureDevOps.sources(found, undefined))).toEqual(['Al Author']);
  expect(simulator.requests.every(({ caller }) => caller === 'bot')).toBe(true);
});

test('with neither a token nor an own account nothing is read', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setShipped({ withoutIdentity: true });
  const proof = await azureDevOps.prove(ids, run.id, check.token);
  if (proof.kind !== 'proven') throw new Error(proof.why);
  const before = simulator.requests.length;

  await expect(azureDevOps.sources(proof.run, undefined)).rejects.toMatchObject({ status: 401 });
  expect(simulator.requests).toHaveLength(before);
});
