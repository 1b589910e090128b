import { expect, test } from 'vitest';
import type { RunSources } from '../../services/domain/run.ts';
import { commitOf, guidOf } from '../fakes/azure-devops-model.ts';
import { setShipped } from './azure-devops-scene.ts';

const names = (people: RunSources['authors']) => people.map(({ name }) => name);

test('a run ships its own commit, asked for by its requester and written by the authors of its changes', async () => {
  const { sources, queue } = await setShipped();
  const run = queue({ requestedBy: 'Quinn Queuer', authors: ['Al Author', 'Cora Coder'] });

  expect(await sources(run)).toEqual({
    commits: [{ commit: run.commit, repository: 'shop', pipeline: 'deploy', runId: run.id }],
    branches: [expect.objectContaining({ commit: run.commit, repository: 'shop', ref: 'refs/heads/main' })],
    requesters: [
      expect.objectContaining({ name: 'Rita Requester' }),
      expect.objectContaining({ name: 'Quinn Queuer' }),
    ],
    authors: [
      { id: guidOf('person Al Author'), uniqueName: 'al.author@contoso.example', name: 'Al Author' },
      expect.objectContaining({ name: 'Cora Coder' }),
    ],
    unreadable: [],
  });
});

test('what a run consumes through pipeline resources is shipped too, with its authors', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }), authors: ['Bea Builder'] });
  const run = queue({ authors: ['Al Author'], consumes: { artifact: built } });

  const shipped = await sources(run);

  expect(shipped.commits).toContainEqual({
    commit: built.commit,
    repository: 'build',
    pipeline: 'build',
    runId: built.id,
  });
  expect(names(shipped.authors)).toEqual(['Al Author', 'Bea Builder']);
  expect(shipped.unreadable).toEqual([]);
});

test('a consumed run of another project is read with the own account where the job token may not', async () => {
  const { simulator, sources, queue } = await setShipped();
  const pipeline = simulator.addPipeline({ name: 'library', project: simulator.addProject('Platform Team') });
  const built = simulator.queueRun({ pipeline, authors: ['Pia Platform'] });

  const shipped = await sources(queue({ consumes: [built] }));

  expect(shipped.commits.map(({ commit }) => commit)).toContain(built.commit);
  expect(names(shipped.authors)).toContain('Pia Platform');
  expect(shipped.unreadable).toEqual([]);
});

test('without an own account a run of another project is unreadable', async () => {
  const { simulator, sources, queue } = await setShipped({ withoutIdentity: true });
  const pipeline = simulator.addPipeline({ name: 'library', project: simulator.addProject('Platform') });

  const shipped = await sources(queue({ consumes: { lib: simulator.queueRun({ pipeline }) } }));

  expect(shipped.unreadable).toEqual([expect.stringContaining('pipeline lib of run')]);
});

test('a run that a token may no longer read is read with the own account', async () => {
  let now = 0;
  const { azureDevOps, simulator, ids, run, check } = await setShipped({ simulator: { now: () => now } });
  const proof = await azureDevOps.prove(ids, run.id, check.token);
  now = Number.MAX_SAFE_INTEGER;
  if (proof.kind !== 'proven') throw new Error(proof.why);

  expect(await azureDevOps.sources(proof.run, check.token)).toMatchObject({ unreadable: [] });
  expect(simulator.requests.at(-1)).toMatchObject({ caller: 'bot' });
});

test('two builds of the name that a resource gives are unreadable, and neither is taken', async () => {
  const { simulator, sources, queue } = await setShipped();
  const pipeline = simulator.addPipeline({ name: 'build' });
  const [one, two] = [simulator.queueRun({ pipeline, name: '1.0' }), simulator.queueRun({ pipeline, name: '1.0' })];

  const shipped = await sources(queue({ consumes: { artifact: one } }));

  expect(shipped.unreadable).toEqual([expect.stringMatching(/pipeline artifact of run \d+: more than one build/)]);
  expect(shipped.commits.map(({ runId }) => runId)).not.toEqual(expect.arrayContaining([one.id]));
  expect(shipped.commits.map(({ runId }) => runId)).not.toEqual(expect.arrayContaining([two.id]));
});

test('a name that is a search pattern finds nothing', async () => {
  const { simulator, sources, queue } = await setShipped();
  const pipeline = simulator.addPipeline({ name: 'build' });
  simulator.queueRun({ pipeline, name: '1.0' });

  const shipped = await sources(queue({ consumes: { artifact: { ...queue(), pipeline, name: '1*' } } }));

  expect(shipped.unreadable).toEqual([expect.stringContaining('no build is named 1*')]);
});

test.each([
  [5, []],
  [6, [expect.stringMatching(/consumed more than 5 levels down/)]],
])('of %d levels of consumed runs the sixth is unreadable', async (levels, unreadable) => {
  const { simulator, sources, queue } = await setShipped();
  let run = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'deepest' }) });
  for (let level = 1; level < levels; level += 1)
    run = simulator.queueRun({ pipeline: simulator.addPipeline({ name: `level ${level}` }), consumes: [run] });

  const shipped = await sources(queue({ consumes: [run] }));

  expect(shipped.unreadable).toEqual(unreadable);
  expect(shipped.commits).toHaveLength(6);
});

test('of more than 50 builds the rest is unreadable', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = Array.from({ length: 51 }, (_, index) =>
    simulator.queueRun({ pipeline: simulator.addPipeline({ name: `part ${index}` }) }),
  );

  const shipped = await sources(queue({ consumes: built }));

  expect(shipped.commits).toHaveLength(50);
  expect(shipped.unreadable).toEqual([
    expect.stringContaining('more than 50'),
    expect.stringContaining('more than 50'),
  ]);
});

test('a run that is consumed in two ways is read once', async () => {
  const { simulator, sources, queue } = await setShipped();
  const shared = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'shared' }) });
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }), consumes: [shared] });

  const shipped = await sources(queue({ consumes: { built, shared }, triggeredBy: shared }));
  const asked = simulator.requests.filter(({ path }) => path.includes(`builds/${shared.id}?`));

  expect(shipped.commits.filter(({ runId }) => runId === shared.id)).toHaveLength(1);
  expect(asked).toHaveLength(1);
});

test('the build that triggered a run is shipped, and its requester counts all the way up', async () => {
  const { simulator, sources, queue } = await setShipped();
  const first = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'first' }), requestedFor: 'Fay First' });
  const second = simulator.queueRun({
    pipeline: simulator.addPipeline({ name: 'second' }),
    requestedFor: 'Sam Second',
    triggeredBy: first,
  });

  const shipped = await sources(queue({ triggeredBy: second, reason: 'buildCompletion' }));

  expect(names(shipped.requesters)).toEqual(['Rita Requester', 'Sam Second', 'Fay First']);
  expect(shipped.commits.map(({ runId }) => runId)).toContain(first.id);
});

test('the requester of a build that was only consumed does not count', async () => {
  const { simulator, sources, queue } = await setShipped();
  const built = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'build' }), requestedFor: 'Bea Builder' });

  expect(names((await sources(queue({ consumes: [built] }))).requesters)).toEqual(['Rita Requester']);
});

test('of a resource trigger without a named build the named resource counts, else every consumed run', async () => {
  const { simulator, sources, queue } = await setShipped();
  const one = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'one' }), requestedFor: 'Olga One' });
  const two = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'two' }), requestedFor: 'Tom Two' });
  const triggered = { consumes: { one, two }, reason: 'resourceTrigger' };

  const named = await sources(queue({ ...triggered, triggerInfo: { alias: 'two' } }));
  const unnamed = await sources(queue(triggered));

  expect(names(named.requesters)).toEqual(['Rita Requester', 'Tom Two']);
  expect(names(unnamed.requesters)).toEqual(['Rita Requester', 'Olga One', 'Tom Two']);
});

test('a triggered run whose trigger is unknown is unreadable', async () => {
  const { sources, queue } = await setShipped();

  const shipped = await sources(queue({ reason: 'buildCompletion' }));

  expect(shipped.unreadable).toEqual([expect.stringContaining('the build that triggered it is not named')]);
});

test('further repositories are shipped under their own names', async () => {
  const { simulator, sources, queue } = await setShipped();
  const { repository } = simulator.addPipeline({ name: 'templates' });
  const tools = { id: 'contoso/tools', name: 'contoso/tools', type: 'GitHub' };
  const repositories = {
    templates: { repository, commit: commitOf('t').toUpperCase() },
    tools: { repository: tools, commit: commitOf('g') },
  };

  const { commits } = await sources(queue({ repositories }));

  expect(commits.map((shipped) => [shipped.repository, shipped.commit])).toEqual([
    ['shop', expect.any(String)],
    ['templates', commitOf('t')],
    ['contoso/tools', commitOf('g')],
  ]);
});

test('a repeated build of an old commit has the author of that commit', async () => {
  const { sources, queue } = await setShipped();
  const { commit } = queue({ authors: ['Al Author'] });

  const shipped = await sources(queue({ commit, authors: [] }));

  expect(shipped.authors).toEqual([{ uniqueName: 'al.author@contoso.example', name: 'Al Author' }]);
  expect(shipped.unreadable).toEqual([]);
});

test('a commit whose author cannot be read is unreadable', async () => {
  const { simulator, sources, queue } = await setShipped();
  simulator.faults.add({ on: /commits/, status: 404 });
  const github = simulator.addPipeline({ name: 'hub', repository: { name: 'o/r', type: 'GitHub', id: 'o/r' } });

  const own = await sources(queue({ authors: [] }));
  const elsewhere = await sources(queue({ pipeline: github, authors: [] }));

  expect(own.unreadable).toEqual([expect.stringMatching(/^author of commit .*404/)]);
  expect(elsewhere.unreadable).toEqual([expect.stringContaining('it is not among the changes')]);
});

test('an author with only a name is kept together with whoever pushed', async () => {
  const { sources, queue } = await setShipped();

  const shipped = await sources(queue({ authors: [{ name: 'Gil', pusher: 'pat@contoso.example' }] }));

  expect(shipped.authors).toEqual([{ name: 'Gil' }, { uniqueName: 'pat@contoso.example' }]);
});

test('the same author is named once', async () => {
  const { sources, queue } = await setShipped();

  expect((await sources(queue({ authors: ['Al Author', 'Al Author'] }))).authors).toHaveLength(1);
});
