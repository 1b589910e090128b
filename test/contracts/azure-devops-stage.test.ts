import { expect, test } from 'vitest';
import { AzureDevOpsRefusedError } from '../../services/ports/azure-devops.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { type Scene, setScene } from './azure-devops-scene.ts';

let now = Date.parse('2026-11-23T08:00:00.000Z');
const LATER = 60_000;

async function setStage() {
  const scene = await setScene({ simulator: { now: () => now } });
  return { ...scene, ref: { ...scene.ids, runId: scene.run.id, name: 'deploy_prod' } };
}

test('a stage waits, runs and ends, with the times of the timeline', async () => {
  const { azureDevOps, simulator, run, check, ref } = await setStage();
  expect(await azureDevOps.stage(ref)).toEqual({ state: 'pending', attempt: 1 });

  simulator.completeCheckByItself(check, 'succeeded');
  const startedAt = new Date(now).toISOString();
  expect(await azureDevOps.stage(ref)).toEqual({ state: 'inProgress', startedAt, attempt: 1 });

  now += LATER;
  simulator.completeStage(run, 'deploy_prod', 'failed');
  const finishedAt = new Date(now).toISOString();
  expect(await azureDevOps.stage(ref)).toEqual({
    state: 'completed',
    result: 'failed',
    startedAt,
    finishedAt,
    attempt: 1,
  });
});

test('the latest attempt is read, or the one that is asked for', async () => {
  const { azureDevOps, simulator, run, ref } = await setStage();
  simulator.completeStage(run, 'deploy_prod', 'failed');
  simulator.rerunStage(run, 'deploy_prod', 'Rae Rerunner');

  expect(await azureDevOps.stage(ref)).toMatchObject({ state: 'pending', attempt: 2 });
  expect(await azureDevOps.stage({ ...ref, attempt: 2 })).toMatchObject({ state: 'pending', attempt: 2 });
  expect(await azureDevOps.stage({ ...ref, attempt: 1 })).toMatchObject({
    state: 'completed',
    result: 'failed',
    attempt: 1,
  });
  expect(await azureDevOps.stage({ ...ref, attempt: 3 })).toBeUndefined();
});

test('a stage is read with the token of a job, and with the own account where that may not', async () => {
  const { azureDevOps, simulator, check, ref } = await setStage();

  expect(await azureDevOps.stage(ref, check.token)).toBeDefined();
  expect(simulator.requests.map(({ caller }) => caller)).toEqual(['job']);

  simulator.faults.add({ on: /timeline/, times: 1, status: 403 });
  expect(await azureDevOps.stage(ref, check.token)).toBeDefined();
  expect(simulator.requests.at(-1)).toMatchObject({ caller: 'bot' });
});

test('there is no stage of another name, of another run or of another project', async () => {
  const { azureDevOps, simulator, ref } = await setStage();

  expect(await azureDevOps.stage({ ...ref, name: 'deploy_test' })).toBeUndefined();
  expect(await azureDevOps.stage({ ...ref, runId: 999 })).toBeUndefined();
  expect(await azureDevOps.stage({ ...ref, projectId: simulator.addProject('P').id })).toBeUndefined();
});

const STAGE = { id: guidOf('s'), type: 'Stage', state: 'inProgress' };

async function answered(records: readonly object[]): Promise<ReturnType<Scene['azureDevOps']['stage']>> {
  const { azureDevOps, simulator, ref } = await setStage();
  simulator.faults.add({ on: /timeline/, status: 200, body: { records } });
  return azureDevOps.stage(ref);
}

test('the identifier counts before the name, in either case', async () => {
  const shown = { ...STAGE, name: 'deploy_prod', identifier: 'other', attempt: 8 };
  const meant = { ...STAGE, name: 'Deploy', identifier: 'Deploy_Prod', attempt: 3 };

  expect(await answered([shown, meant])).toMatchObject({ attempt: 3 });
  expect(await answered([shown])).toMatchObject({ attempt: 8 });
});

test('a job of the name is no stage', async () => {
  expect(await answered([{ ...STAGE, type: 'Job', name: 'deploy_prod' }])).toBeUndefined();
});

test('two stages of one name, and a state that is not known, are refused', async () => {
  const named = { ...STAGE, name: 'deploy_prod' };

  await expect(answered([named, { ...named, id: guidOf('t') }])).rejects.toThrow(AzureDevOpsRefusedError);
  await expect(answered([{ ...named, state: 'succeeded' }])).rejects.toThrow(/state that is not known/);
  await expect(answered([{ ...named, startTime: 'soon' }])).rejects.toThrow(AzureDevOpsRefusedError);
});

test('an earlier attempt that the timeline does not lead to is none', async () => {
  const { azureDevOps, simulator, run, ref } = await setStage();
  simulator.completeStage(run, 'deploy_prod', 'failed');
  simulator.rerunStage(run, 'deploy_prod', 'Rae Rerunner');
  simulator.faults.add({ on: /timeline\//, status: 200, body: { records: [{ ...STAGE, name: 'deploy_prod' }] } });

  expect(await azureDevOps.stage({ ...ref, attempt: 1 })).toBeUndefined();
});

test('a failed check fails its stage, and a run that somebody ran again names them', async () => {
  const { azureDevOps, simulator, run, check, ref, ids } = await setStage();
  simulator.completeCheckByItself(check, 'failed');
  expect(await azureDevOps.stage(ref)).toMatchObject({ state: 'completed', result: 'failed' });
  expect(await azureDevOps.findRuns(run.id)).toEqual([expect.not.objectContaining({ changedBy: expect.anything() })]);

  simulator.rerunStage(run, 'deploy_prod', 'Rae Rerunner');

  expect(await azureDevOps.prove(ids, run.id, check.token)).toMatchObject({
    run: { changedBy: { name: 'Rae Rerunner' } },
  });
});
