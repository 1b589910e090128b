import { expect, test } from 'vitest';
import { createAzureDevOps } from '../../services/azure-devops/azure-devops.ts';
import { createEntraIdentity, createPatIdentity } from '../../services/azure-devops/identity.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import { adapterOf, setScene, startStranger } from './azure-devops-scene.ts';

const SUCCEEDED = { result: 'succeeded', lines: ['Approved by Olga', 'See EX-1'] } as const;

test('a verdict is told as live lines, a stored log and the event that releases the stage', async () => {
  const told: string[] = [];
  const { azureDevOps, simulator, ids, check } = await setScene({
    simulator: { onStage: (waiting, result) => told.push(`${waiting.stage} ${result}`) },
  });

  await azureDevOps.complete(ids, SUCCEEDED, check.token);

  expect(simulator.verdictOf(check)).toBe('succeeded');
  expect(simulator.feedOf(check)).toEqual(SUCCEEDED.lines);
  expect(simulator.logOf(check)).toBe('Approved by Olga\nSee EX-1\n');
  expect(check.plan.logs[0]?.path).toBe(`logs\\${check.taskInstanceId}`);
  expect(told).toEqual(['deploy_prod succeeded']);
});

test('a failed verdict fails the stage', async () => {
  const { azureDevOps, simulator, ids, check } = await setScene();

  await azureDevOps.complete(ids, { result: 'failed', lines: [] }, check.token);

  expect(simulator.verdictOf(check)).toBe('failed');
  expect(simulator.requests).toHaveLength(1);
});

test('lines are broken where they break and cut at 1,024 characters', async () => {
  const { azureDevOps, simulator, ids, check } = await setScene();

  await azureDevOps.complete(ids, { result: 'failed', lines: [`one\r\n${'x'.repeat(2000)}`] }, check.token);

  expect(simulator.feedOf(check)).toEqual(['one', 'x'.repeat(1024)]);
});

test('the same verdict may be told again, another one is refused', async () => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  await azureDevOps.complete(ids, SUCCEEDED, check.token);
  await azureDevOps.complete(ids, SUCCEEDED, check.token);

  await expect(azureDevOps.complete(ids, { result: 'failed', lines: [] }, check.token)).rejects.toMatchObject({
    name: 'AzureDevOpsRefusedError',
    status: 400,
  });
  expect(simulator.verdictOf(check)).toBe('succeeded');
});

test('200 and 204 are both success for the event', async () => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  simulator.faults.add({ on: /events/, status: 200 });

  await expect(azureDevOps.complete(ids, SUCCEEDED, check.token)).resolves.toBeUndefined();
});

test.each([
  ['refused', { on: /feed|logs/, status: 403 }],
  ['cut', { on: /feed|logs|PATCH/, cut: 'before' as const }],
  ['shown a sign-in page', signInPage(/feed|logs/)],
])('lines and log that are %s do not keep the verdict back', async (_, fault) => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  simulator.faults.add(fault);

  await azureDevOps.complete(ids, SUCCEEDED, check.token);

  expect(simulator.verdictOf(check)).toBe('succeeded');
});

test.each([
  ['503', { on: /events/, status: 503 }],
  ['429', throttled(/events/, 3)],
  ['a cut connection', { on: /events/, cut: 'after' as const }],
])('%s on the event rejects as unavailable', async (_, fault) => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  simulator.faults.add(fault);

  await expect(azureDevOps.complete(ids, SUCCEEDED, check.token)).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('an event whose answer was lost is told once more without harm', async () => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  simulator.faults.add({ on: /events/, cut: 'after', times: 1 });
  await expect(azureDevOps.complete(ids, SUCCEEDED, check.token)).rejects.toThrow(AzureDevOpsUnavailableError);

  await azureDevOps.complete(ids, SUCCEEDED, check.token);

  expect(simulator.events.map(({ result, status }) => [result, status])).toEqual([
    ['succeeded', 204],
    ['succeeded', 204],
  ]);
});

test.each([
  ['401', { on: /events/, status: 401 }, 401],
  ['404', { on: /events/, status: 404 }, 404],
  ['a sign-in page', signInPage(/events/), 203],
  ['a sign-in page with status 200', signInPage(/events/, 200), 200],
  ['203 without a page', { on: /events/, status: 203 }, 203],
])('%s on the event rejects as refused', async (_, fault, status) => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  simulator.faults.add(fault);

  await expect(azureDevOps.complete(ids, SUCCEEDED, check.token)).rejects.toMatchObject({
    name: 'AzureDevOpsRefusedError',
    status,
  });
  expect(simulator.verdictOf(check)).toBeUndefined();
});

test('a verdict for an organization that is not configured is refused without a call', async () => {
  const { azureDevOps, ids, check } = await setScene();
  const stranger = await startStranger();
  const elsewhere = { ...ids, organization: `${stranger.url}/contoso` };

  await expect(azureDevOps.complete(elsewhere, SUCCEEDED, check.token)).rejects.toThrow(AzureDevOpsRefusedError);
  await expect(azureDevOps.checkState(elsewhere, check.token)).rejects.toThrow(AzureDevOpsRefusedError);
  expect(stranger.received).toEqual([]);
});

test('a waiting check is not completed; a completed one has its result', async () => {
  const { azureDevOps, simulator, ids, check } = await setScene();
  expect(await azureDevOps.checkState(ids, check.token)).toEqual({ completed: false });

  simulator.completeCheckByItself(check, 'skipped');

  expect(await azureDevOps.checkState(ids, check.token)).toEqual({ completed: true, result: 'skipped' });
});

test('the state of an unknown task is refused', async () => {
  const { azureDevOps, ids, check } = await setScene();

  await expect(azureDevOps.checkState({ ...ids, taskInstanceId: check.jobId }, check.token)).rejects.toMatchObject({
    status: 404,
  });
});

test('a Retry-After that comes with a success delays the next call to that organization, a proof excepted', async () => {
  const slept: number[] = [];
  let now = 1000;
  const sleep = async (milliseconds: number) => {
    slept.push(milliseconds);
    now += milliseconds;
  };
  const { simulator, ids, run, check } = await setScene();
  const azureDevOps = adapterOf(simulator, { adapter: { sleep, now: () => now } });
  simulator.faults.add({ on: /timelines/, times: 1, headers: { 'retry-after': '12' } });
  await azureDevOps.checkState(ids, check.token);

  await azureDevOps.prove(ids, run.id, check.token);
  expect(slept).toEqual([]);

  await azureDevOps.checkState(ids, check.token);
  await azureDevOps.checkState(ids, check.token);
  expect(slept).toEqual([12_000]);
});

test.each([429, 503])('a Retry-After that comes with %i delays the next call as well', async (status) => {
  const slept: number[] = [];
  let now = 1000;
  const sleep = async (milliseconds: number) => {
    slept.push(milliseconds);
    now += milliseconds;
  };
  const { simulator, ids, run, check } = await setScene();
  const azureDevOps = adapterOf(simulator, { adapter: { sleep, now: () => now } });
  simulator.faults.add({ on: /timelines/, times: 1, status, headers: { 'retry-after': '12' } });
  await expect(azureDevOps.checkState(ids, check.token)).rejects.toMatchObject({ retryAfter: 12 });
  expect(slept).toEqual([]);

  await azureDevOps.prove(ids, run.id, check.token);
  expect(slept).toEqual([]);

  now += 2_000;
  await azureDevOps.checkState(ids, check.token);
  await azureDevOps.checkState(ids, check.token);
  expect(slept).toEqual([10_000]);
});

test('a shorter Retry-After does not cut a longer one short', async () => {
  const slept: number[] = [];
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  const { simulator, ids, run, check } = await setScene();
  const azureDevOps = adapterOf(simulator, { adapter: { sleep, now: () => 1000 } });
  simulator.faults.add({ on: /timelines/, times: 1, headers: { 'retry-after': '20' } });
  simulator.faults.add({ on: /builds/, times: 1, headers: { 'retry-after': '3' } });
  await azureDevOps.checkState(ids, check.token);
  await azureDevOps.prove(ids, run.id, check.token);
  await azureDevOps.checkState(ids, check.token);
  expect(slept).toEqual([20_000]);
});

test('one organization is not held back for another', async () => {
  const slept: number[] = [];
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  const { simulator, ids, check } = await setScene();
  const other = await setScene();
  const organizations = [simulator.organizationUrl(), other.simulator.organizationUrl()];
  const azureDevOps = adapterOf(simulator, { adapter: { organizations, sleep, now: () => 1000 } });
  simulator.faults.add({ on: /timelines/, times: 1, headers: { 'retry-after': '20' } });
  await azureDevOps.checkState(ids, check.token);
  await azureDevOps.checkState(other.ids, other.check.token);
  expect(slept).toEqual([]);
});

test('no Retry-After makes a call wait for more than 30 seconds', async () => {
  const slept: number[] = [];
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  const { simulator, ids, check } = await setScene();
  const azureDevOps = adapterOf(simulator, { adapter: { sleep, now: () => 0 } });
  simulator.faults.add({ on: /timelines/, times: 1, headers: { 'retry-after': '86400' } });

  await azureDevOps.checkState(ids, check.token);
  await azureDevOps.checkState(ids, check.token);

  expect(slept).toEqual([30_000]);
});

test('a call that is not answered in time rejects as unavailable', async () => {
  const { simulator, ids, check } = await setScene();
  simulator.faults.add({ on: /timelines/, delayMs: 60_000 });
  const azureDevOps = adapterOf(simulator, { adapter: { limits: { callMs: 50 } } });

  await expect(azureDevOps.checkState(ids, check.token)).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('a run is found by its id alone with the own account', async () => {
  const { azureDevOps, simulator, run } = await setScene();

  expect(await azureDevOps.findRuns(run.id)).toMatchObject([{ id: run.id, commit: run.commit, project: 'Shop' }]);
  expect(simulator.requests).toMatchObject([{ caller: 'bot' }]);
});

test('where builds cannot be read without a project every project is asked', async () => {
  const { azureDevOps, simulator } = await setScene();
  const pipeline = simulator.addPipeline({ name: 'other', project: simulator.addProject('Other') });
  const run = simulator.queueRun({ pipeline });
  simulator.faults.add({ on: /^GET \/contoso\/_apis\/build/, status: 404 });

  expect(await azureDevOps.findRuns(run.id)).toMatchObject([{ id: run.id, project: 'Other' }]);
});

test('a run that no project has is not found', async () => {
  const { azureDevOps } = await setScene();

  expect(await azureDevOps.findRuns(999)).toEqual([]);
});

test('every configured organization is searched', async () => {
  const { simulator, run } = await setScene({ simulator: { organizations: ['contoso', 'fabrikam'] } });
  const organizations = ['fabrikam', 'contoso'].map((name) => simulator.organizationUrl(name));
  const azureDevOps = createAzureDevOps({ organizations, identity: createPatIdentity(simulator.pat) });

  expect(await azureDevOps.findRuns(run.id)).toMatchObject([{ organization: simulator.organizationUrl('contoso') }]);
});

test('more projects than are asked leave it open whether the run exists', async () => {
  const { azureDevOps, simulator } = await setScene();
  simulator.faults.add({ on: /_apis\/projects/, headers: { 'x-ms-continuationtoken': '200' } });

  await expect(azureDevOps.findRuns(999)).rejects.toThrow(AzureDevOpsRefusedError);
});

test('a refused or missing own account finds nothing out', async () => {
  const { simulator, run } = await setScene();
  const wrong = adapterOf(simulator, { adapter: { identity: createPatIdentity('wrong') } });

  await expect(wrong.findRuns(run.id)).rejects.toThrow(AzureDevOpsRefusedError);
  await expect(adapterOf(simulator, { withoutIdentity: true }).findRuns(run.id)).rejects.toThrow(
    AzureDevOpsRefusedError,
  );
});

test('an Entra account is asked for a token of Azure DevOps and sends it as Bearer', async () => {
  const { simulator, run } = await setScene({ simulator: { bearerTokens: ['entra'] } });
  const scopes: unknown[] = [];
  const getToken = async (scope: string | string[]) => {
    scopes.push(scope);
    return { token: 'entra', expiresOnTimestamp: 0 };
  };

  await adapterOf(simulator, { adapter: { identity: createEntraIdentity({ getToken }) } }).findRuns(run.id);

  expect(scopes).toEqual(['499b84ac-1321-427f-aa17-267ca6975798/.default']);
  expect(simulator.requests).toMatchObject([{ auth: 'bearer', caller: 'bot' }]);
});

test.each([
  ['fails', async () => Promise.reject(new Error('no endpoint'))],
  ['gives no token', async () => null],
])('an Entra account that %s says nothing about runs', async (_, getToken) => {
  const { simulator, run } = await setScene();
  const azureDevOps = adapterOf(simulator, { adapter: { identity: createEntraIdentity({ getToken }) } });

  await expect(azureDevOps.findRuns(run.id)).rejects.toThrow(AzureDevOpsUnavailableError);
});
