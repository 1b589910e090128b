import { expect, test } from 'vitest';
import { createAzureDevOps } from '../../services/azure-devops/azure-devops.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { adapterOf, buildAnswerOf, idsOf, setScene, startStranger } from './azure-devops-scene.ts';

const ANOTHER_GUID = '0f0e0d0c-1111-5222-8333-444455556666';

test('a check is proven by its run, a plan that the run owns and a task in that plan', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();

  const proof = await azureDevOps.prove(ids, run.id, check.token);

  expect(proof).toEqual({
    kind: 'proven',
    attempt: 1,
    completed: false,
    run: {
      organization: simulator.organizationUrl(),
      projectId: simulator.project.id,
      project: 'Shop',
      id: run.id,
      name: run.name,
      url: `${simulator.organizationUrl()}/${simulator.project.id}/_build/results?buildId=${run.id}`,
      pipeline: { id: run.pipeline.id, name: 'deploy' },
      repository: { id: run.pipeline.repository.id, name: 'shop', type: 'TfsGit' },
      branch: 'refs/heads/main',
      commit: run.commit,
      reason: 'manual',
      requestedFor: {
        id: guidOf('person Rita Requester'),
        descriptor: run.requestedFor.descriptor,
        uniqueName: 'rita.requester@contoso.example',
        name: 'Rita Requester',
      },
      requestedBy: expect.objectContaining({ name: 'Rita Requester' }),
    },
  });
});

test('a proof takes at most four requests, each with the job token as Basic without a user name', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();

  await azureDevOps.prove(ids, run.id, check.token);

  expect(simulator.requests.length).toBeLessThanOrEqual(4);
  expect(simulator.requests.every(({ auth, caller }) => auth === 'basic' && caller === 'job')).toBe(true);
});

test('a check that runs in the plan of its run is proven without asking for the plan', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene({ check: { ownPlan: false } });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'proven' });
  expect(simulator.requests.length).toBe(2);
});

test('ids and hub are compared without regard to case', async () => {
  const { azureDevOps, ids, run, check } = await setScene({ check: { ownPlan: false } });
  const shouted = { ...ids, hub: 'BUILD', planId: ids.planId.toUpperCase(), projectId: ids.projectId.toUpperCase() };

  const proof = await azureDevOps.prove(
    { ...shouted, taskInstanceId: ids.taskInstanceId.toUpperCase() },
    run.id,
    check.token,
  );

  expect(proof).toMatchObject({ kind: 'proven' });
});

test('the attempt is the one of the timeline', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  simulator.rerunCheck(check);

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ attempt: 2, completed: false });
});

test('a record that Azure DevOps has completed is proven as completed', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  simulator.completeCheckByItself(check, 'skipped');

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'proven', completed: true });
});

test('a plan that another run owns proves nothing', async () => {
  const { azureDevOps, simulator, ids, pipeline, check } = await setScene();
  const other = simulator.queueRun({ pipeline });

  expect(await azureDevOps.prove(ids, other.id, check.token)).toEqual({
    kind: 'unproven',
    why: `plan ${ids.planId} does not belong to run ${other.id}`,
  });
});

test.each([
  ['taskInstanceId', 'has no task'],
  ['planId', '404'],
  ['timelineId', '404'],
  ['projectId', '404'],
] as const)('an unknown %s proves nothing', async (name, why) => {
  const { azureDevOps, ids, run, check } = await setScene();

  const proof = await azureDevOps.prove({ ...ids, [name]: ANOTHER_GUID }, run.id, check.token);

  expect(proof).toEqual({ kind: 'unproven', why: expect.stringContaining(why) });
});

test('a job is not taken for its task', async () => {
  const { azureDevOps, ids, run, check } = await setScene();

  const proof = await azureDevOps.prove({ ...ids, taskInstanceId: check.jobId }, run.id, check.token);

  expect(proof).toMatchObject({ kind: 'unproven' });
});

test('the token of another project proves nothing', async () => {
  const { azureDevOps, simulator, ids, run } = await setScene();
  const pipeline = simulator.addPipeline({ name: 'other', project: simulator.addProject('Other') });
  const theirs = simulator.startCheck(simulator.queueRun({ pipeline }), { environment: 'prod', stage: 'x' });

  expect(await azureDevOps.prove(ids, run.id, theirs.token)).toMatchObject({ kind: 'unproven' });
});

test('a token older than 48 hours proves nothing', async () => {
  let now = 0;
  const { azureDevOps, ids, run, check } = await setScene({ simulator: { now: () => now } });
  now = 48 * 60 * 60 * 1000;

  expect(await azureDevOps.prove(ids, run.id, check.token)).toEqual({
    kind: 'unproven',
    why: expect.stringContaining('203 with a sign-in page'),
  });
});

test.each([
  ['planId', 'x/../../..'],
  ['jobId', '1'],
  ['timelineId', ''],
  ['taskInstanceId', '%2e%2e'],
  ['projectId', 'Shop/..'],
  ['hub', 'gate'],
] as const)('a malformed %s is refused without a call', async (name, value) => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();

  const proof = await azureDevOps.prove({ ...ids, [name]: value }, run.id, check.token);

  expect(proof).toMatchObject({ kind: 'unproven', why: expect.stringContaining('must be') });
  expect(simulator.requests).toEqual([]);
});

test.each([-1, 1.5, Number.NaN])('run %d is refused without a call', async (runId) => {
  const { azureDevOps, simulator, ids, check } = await setScene();

  expect(await azureDevOps.prove(ids, runId, check.token)).toMatchObject({ kind: 'unproven' });
  expect(simulator.requests).toEqual([]);
});

test('an organization that is not configured is refused without a call', async () => {
  const { azureDevOps, ids, run, check } = await setScene();
  const stranger = await startStranger();

  const proof = await azureDevOps.prove({ ...ids, organization: `${stranger.url}/contoso` }, run.id, check.token);

  expect(proof).toMatchObject({ kind: 'unproven' });
  expect(stranger.received).toEqual([]);
});

test.each(['https://dev.azure.com/contoso/', 'dev.azure.com/contoso', 'ftp://x/y', 'https://u@dev.azure.com/c'])(
  '%s is no organization to configure',
  (organization) => {
    expect(() => createAzureDevOps({ organizations: [organization] })).toThrow(organization);
  },
);

test.each([
  ['a sign-in page', signInPage(/builds/)],
  ['a sign-in page with status 200', signInPage(/builds/, 200)],
  ['an empty answer', { on: /builds/, status: 200, body: '' }],
  ['an answer of another shape', { on: /builds/, status: 200, body: { id: 101 } }],
  ['401', { on: /builds/, status: 401 }],
  ['403', { on: /builds/, status: 403 }],
  ['400', { on: /builds/, status: 400, body: { message: 'no' } }],
  ['a plan of another shape', { on: /plans\/[^/]+\?/, status: 200, body: { planId: 1 } }],
  [
    'the answer with another plan',
    { on: /plans\/[^/]+\?/, status: 200, body: { planId: ANOTHER_GUID, owner: { id: 101 } } },
  ],
  ['a timeline without records', { on: /timelines/, status: 200, body: { id: 'x' } }],
])('%s proves nothing', async (_, fault) => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  simulator.faults.add(fault);

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
});

test('a build that Azure DevOps says is of another project or of another number proves nothing', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene({ check: { ownPlan: false } });
  const build = await buildAnswerOf(simulator, run);
  simulator.faults.add({
    on: /builds/,
    times: 1,
    status: 200,
    body: { ...build, project: { id: ANOTHER_GUID, name: 'x' } },
  });
  simulator.faults.add({ on: /builds/, times: 1, status: 200, body: { ...build, id: 7 } });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
});

test.each([
  ['500', { on: /builds/, status: 500 }],
  ['503', { on: /timelines/, status: 503 }],
  ['a connection cut before the answer', { on: /builds/, cut: 'before' as const }],
  ['a connection cut within the answer', { on: /builds/, cut: 'body' as const }],
])('%s says nothing about the check', async (_, fault) => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  simulator.faults.add(fault);

  await expect(azureDevOps.prove(ids, run.id, check.token)).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('a server that does not listen says nothing about the check', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  await simulator.close();

  await expect(azureDevOps.prove(ids, run.id, check.token)).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('429 carries how long to wait, and is not tried again', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  simulator.faults.add(throttled(/builds/, 17));

  await expect(azureDevOps.prove(ids, run.id, check.token)).rejects.toMatchObject({
    name: 'AzureDevOpsUnavailableError',
    retryAfter: 17,
  });
  expect(simulator.requests).toHaveLength(1);
});

test('the time for a proof is for all its calls together', async () => {
  const { simulator, ids, run, check } = await setScene();
  simulator.faults.add({ on: /builds|plans/, delayMs: 150 });
  const azureDevOps = adapterOf(simulator, { adapter: { limits: { proveMs: 250 } } });

  await expect(azureDevOps.prove(ids, run.id, check.token)).rejects.toThrow('not answered in time');
});

test('a redirect is not followed, and its target never sees the token', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  const stranger = await startStranger();
  simulator.faults.add({ on: /builds/, status: 302, headers: { location: `${stranger.url}/here` } });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
  expect(stranger.received).toEqual([]);
});

test('resource areas at another address are neither asked for nor called', async () => {
  const stranger = await startStranger();
  const areas = ['5d6898bb-45ec-463f-95f9-54d49c71752e', 'a85b8835-c1a1-4aac-ae97-1c3d0ba72dbd'];
  const resourceAreas = areas.map((id) => ({ id, name: 'build', locationUrl: `${stranger.url}/contoso/` }));
  const { azureDevOps, simulator, ids, run, check } = await setScene({ simulator: { resourceAreas } });

  await azureDevOps.prove(ids, run.id, check.token);
  await azureDevOps.complete(ids, { result: 'succeeded', lines: ['ok'] }, check.token);

  expect(stranger.received).toEqual([]);
  expect(simulator.requests.filter(({ method, path }) => method === 'OPTIONS' || /ResourceAreas/i.test(path))).toEqual(
    [],
  );
});

test('a page of the run elsewhere is replaced by its address in the organization', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  const build = await buildAnswerOf(simulator, run);
  simulator.faults.add({
    on: /builds/,
    status: 200,
    body: { ...build, _links: { web: { href: 'https://evil.example/run' } } },
  });

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({
    run: { url: `${ids.organization}/${ids.projectId}/_build/results?buildId=${run.id}` },
  });
});

test('a second organization is proven at its own address', async () => {
  const { simulator, run, check } = await setScene({ simulator: { organizations: ['contoso', 'fabrikam'] } });
  const azureDevOps = createAzureDevOps({ organizations: ['contoso', 'fabrikam'].map(simulator.organizationUrl) });
  const ids = { ...idsOf(simulator, check), organization: simulator.organizationUrl('fabrikam') };

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({ kind: 'unproven' });
  expect(await azureDevOps.prove(idsOf(simulator, check), run.id, check.token)).toMatchObject({ kind: 'proven' });
});
