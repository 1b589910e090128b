import { expect, test } from 'vitest';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPipelines } from '../../services/azure-devops/pipelines.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { setScene } from './azure-devops-scene.ts';

async function setPipelines() {
  const { simulator, pipeline, run } = await setScene();
  const organization = simulator.organizationUrl();
  const identity = createPatIdentity(simulator.pat);
  const pipelines = createPipelines({ organizations: [organization], identity });
  return { simulator, pipeline, run, organization, pipelines };
}

test('every pipeline of every project is listed with its repository', async () => {
  const { simulator, organization, pipelines, pipeline } = await setPipelines();
  const other = simulator.addProject('Orders');
  simulator.addPipeline({ name: 'orders', project: other, repository: { name: 'contoso/orders', type: 'GitHub' } });

  expect(await pipelines.list(organization, [])).toEqual({
    pipelines: [
      {
        organization,
        project: 'Shop',
        projectId: simulator.project.id,
        id: pipeline.id,
        name: 'deploy',
        repository: pipeline.repository,
        deployedTo: [],
      },
      expect.objectContaining({ project: 'Orders', repository: expect.objectContaining({ name: 'contoso/orders' }) }),
    ],
    unread: [],
  });
});

test('definitions and deployments are read over all pages', async () => {
  const { simulator, organization, pipelines, run } = await setPipelines();
  const more = ['a', 'b', 'c'].map((name) => simulator.addPipeline({ name }));
  simulator.pageBy(2);
  for (const pipeline of more.slice(0, 2)) simulator.deployTo('prod', simulator.queueRun({ pipeline }));
  for (let n = 0; n < 4; n += 1) simulator.deployTo('prod', run);

  const { pipelines: listed } = await pipelines.list(organization, ['prod']);

  expect(listed.map(({ name, deployedTo }) => [name, deployedTo])).toEqual([
    ['a', ['prod']],
    ['b', ['prod']],
    ['c', []],
    ['deploy', ['prod']],
  ]);
});

test('only environments of exactly that name count, in any case', async () => {
  const { simulator, organization, pipelines, run } = await setPipelines();
  simulator.deployTo('prod-b', run);
  expect((await pipelines.list(organization, ['prod'])).pipelines[0]?.deployedTo).toEqual([]);

  simulator.deployTo('Prod', run);
  expect((await pipelines.list(organization, ['prod'])).pipelines[0]?.deployedTo).toEqual(['prod']);
});

test.each([
  ['environments may not be listed', /distributedtask\/environments\?/],
  ['deployments may not be listed', /environmentdeploymentrecords/],
])('where %s, it is not known where a pipeline deploys to', async (_, on) => {
  const { simulator, organization, pipelines, run } = await setPipelines();
  simulator.deployTo('prod', run);
  simulator.faults.add({ on, status: 403, body: { message: 'Access denied' } });
  const { pipelines: listed, unread } = await pipelines.list(organization, ['prod']);

  expect(listed[0]).not.toHaveProperty('deployedTo');
  expect(unread).toEqual([expect.stringContaining('deployments to prod of project Shop')]);
});

test('pipelines that may not be listed are said, those of other projects stay', async () => {
  const { simulator, organization, pipelines } = await setPipelines();
  simulator.addPipeline({ name: 'orders', project: simulator.addProject('Orders') });
  simulator.faults.add({ on: new RegExp(`${simulator.project.id}/_apis/build/definitions`), status: 403 });
  const { pipelines: listed, unread } = await pipelines.list(organization, []);

  expect(listed.map(({ name }) => name)).toEqual(['orders']);
  expect(unread).toEqual([expect.stringContaining('pipelines of project Shop')]);
});

test('an organization that does not answer, or projects that may not be listed, reject', async () => {
  const { simulator, organization, pipelines } = await setPipelines();
  simulator.faults.add({ on: /definitions/, status: 503 });
  await expect(pipelines.list(organization, [])).rejects.toThrow(AzureDevOpsUnavailableError);

  simulator.faults.add({ on: /_apis\/projects/, status: 401 });
  await expect(pipelines.list(organization, [])).rejects.toThrow(AzureDevOpsRefusedError);
  await expect(pipelines.list('https://dev.azure.com/other', [])).rejects.toThrow(AzureDevOpsRefusedError);
  await expect(createPipelines({ organizations: [organization] }).list(organization, [])).rejects.toThrow(/no account/);
});

test.each([
  [['/.github/CODEOWNERS', '/CODEOWNERS', '/docs/CODEOWNERS'], '/.github/CODEOWNERS'],
  [['/CODEOWNERS', '/docs/CODEOWNERS'], '/CODEOWNERS'],
  [['/docs/CODEOWNERS'], '/docs/CODEOWNERS'],
  [['/other/CODEOWNERS'], undefined],
])('of the CODEOWNERS files %j the one that counts is %s', async (files, expected) => {
  const { simulator, organization, pipelines, pipeline } = await setPipelines();
  const texts = files.map((file) => [file.slice(1), `* @shop${file}`]);
  simulator.addRepository(pipeline.repository.name).push(Object.fromEntries(texts));
  const [listed] = (await pipelines.list(organization, [])).pipelines;
  if (listed === undefined) throw new Error('no pipeline');

  expect(await pipelines.codeowners(listed)).toBe(expected === undefined ? undefined : `* @shop${expected}`);
});

test('a repository elsewhere has no file to read, and one that may not be read rejects', async () => {
  const { simulator, organization, pipelines } = await setPipelines();
  const [listed] = (await pipelines.list(organization, [])).pipelines;
  if (listed === undefined) throw new Error('no pipeline');
  const before = simulator.requests.length;

  expect(
    await pipelines.codeowners({ ...listed, repository: { ...listed.repository, type: 'GitHub' } }),
  ).toBeUndefined();
  expect(simulator.requests).toHaveLength(before);
  simulator.faults.add({ on: /items/, status: 403 });
  await expect(pipelines.codeowners(listed)).rejects.toThrow(AzureDevOpsRefusedError);
});
