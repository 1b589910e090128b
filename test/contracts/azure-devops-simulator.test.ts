import { createServer } from 'node:http';
import { getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api';
import { TimelineRecordState } from 'azure-devops-node-api/interfaces/TaskAgentInterfaces.js';
import { expect, onTestFinished, test } from 'vitest';
import { setScene } from './azure-devops-scene.ts';

test('the area clients of azure-devops-node-api find their way in the simulator', async () => {
  const { simulator, run, check, ids } = await setScene();
  const api = new WebApi(ids.organization, getPersonalAccessTokenHandler(simulator.pat, false));
  const [builds, tasks, pipelines, core] = [
    await api.getBuildApi(),
    await api.getTaskApi(),
    await api.getPipelinesApi(),
    await api.getCoreApi(),
  ];

  expect((await builds.getBuild(ids.projectId, run.id)).buildNumber).toBe(run.name);
  expect((await builds.getBuildChanges(ids.projectId, run.id)).map(({ id }) => id)).toEqual([run.commit]);
  const between = await builds.getChangesBetweenBuilds(ids.projectId, run.id, run.id);
  expect(between).toEqual([]);
  const stages = (await builds.getBuildTimeline(ids.projectId, run.id))?.records?.filter(
    ({ type }) => type === 'Stage',
  );
  expect(stages?.map(({ identifier }) => identifier)).toEqual(['deploy_prod']);
  expect((await core.getProjects()).map(({ name }) => name)).toEqual(['Shop']);
  expect(await pipelines.getRun(ids.projectId, run.pipeline.id, run.id)).toMatchObject({
    resources: { repositories: { self: { version: run.commit } } },
  });
  expect((await tasks.getPlan(ids.projectId, ids.hub, ids.planId)).owner?.id).toBe(run.id);
  const timeline = await tasks.getTimeline(ids.projectId, ids.hub, ids.planId, ids.timelineId, undefined, true);
  expect(timeline.records?.find(({ id }) => id === check.taskInstanceId)?.state).toBe(TimelineRecordState.InProgress);
});

test('a check is delivered with the documented headers and the body of the contract', async () => {
  const { simulator, run, check, ids } = await setScene({ check: { service: 'payments-api' } });
  const received: { headers: NodeJS.Dict<string | string[]>; body: string }[] = [];
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    response.end('{"requestId":"r"}');
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void receiver.close());
  const address = receiver.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const answer = await simulator.deliver(check, `http://127.0.0.1:${port}/api/azure-devops/checks`, 'key');

  expect(answer).toEqual({ taken: true, status: 200, body: '{"requestId":"r"}' });
  expect(received[0]?.headers).toMatchObject({
    planurl: `${ids.organization}/`,
    projectid: ids.projectId,
    hubname: 'checks',
    planid: ids.planId,
    jobid: ids.jobId,
    timelineid: ids.timelineId,
    taskinstanceid: ids.taskInstanceId,
    authtoken: check.token,
    'x-countersign-key': 'key',
  });
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    runId: String(run.id),
    stage: 'deploy_prod',
    environment: 'prod',
    service: 'payments-api',
  });
  expect(ids.planId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
});

test('a receiver that does not listen has not taken the delivery', async () => {
  const { simulator, check } = await setScene();

  expect(await simulator.deliver(check, 'http://127.0.0.1:1/', 'key')).toEqual({ taken: false, body: '' });
});

test('no token stands in the record of requests', async () => {
  const { azureDevOps, simulator, ids, run, check } = await setScene();
  await azureDevOps.prove(ids, run.id, check.token);
  await azureDevOps.findRuns(run.id);

  const written = JSON.stringify(simulator.requests);

  expect(written).not.toContain(check.token);
  expect(written).not.toContain(simulator.pat);
});
