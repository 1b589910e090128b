import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { readHookEvent } from '../../services/azure-devops/read-hook-event.ts';
import { adapterOf, setScene } from './azure-devops-scene.ts';

const PENDING = 'ms.vss-pipelinechecks-events.approval-pending';
const COMPLETED = 'ms.vss-pipelinechecks-events.approval-completed';
const STAGE = 'ms.vss-pipelines.stage-state-changed-event';
const RUN = 'ms.vss-pipelines.run-state-changed-event';
const MINUTE = 60_000;

interface Receiver {
  readonly url: string;
  readonly received: { readonly authorization: string | undefined; readonly body: unknown }[];
  answer: number;
}

async function startReceiver(): Promise<Receiver> {
  const receiver = { url: '', received: [] as Receiver['received'], answer: 200 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
    receiver.received.push({ authorization: request.headers.authorization, body });
    response.writeHead(receiver.answer).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const address = server.address();
  receiver.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return receiver;
}

async function setHooks(eventTypes: readonly string[] = [PENDING]) {
  const clock = { now: Date.parse('2026-11-23T08:00:00Z') };
  const scene = await setScene({ simulator: { now: () => clock.now } });
  const receiver = await startReceiver();
  const { simulator, run } = scene;
  const [subscription] = eventTypes.map((eventType) =>
    simulator.subscribe({ eventType, url: `${receiver.url}/events`, password: 'secret' }),
  );
  if (subscription === undefined) throw new Error('no subscription');
  let stages = 0;
  const ask = () => {
    stages += 1;
    const input = { stage: `s${stages}`, environment: 'prod', approvers: ['Mia Manager'] };
    return simulator.requestApproval(run, input);
  };
  return { ...scene, clock, receiver, subscription, ask };
}

const eventOf = (body: unknown, organization: string) => readHookEvent(body, [organization, 'https://other.example/x']);

test('each event that is used is delivered with basic auth, and names ids that can be read again', async () => {
  const { simulator, receiver, ids, run, check, ask } = await setHooks([PENDING, COMPLETED, STAGE, RUN]);
  const approval = ask();
  simulator.endApproval(approval, 'timedOut');
  simulator.completeCheckByItself(check, 'succeeded');
  simulator.completeRun(run, 'succeeded');

  await simulator.deliverHooks();

  const { organization, projectId } = ids;
  const where = { organization, projectId };
  const events = receiver.received.map(({ body }) => eventOf(body, organization));
  expect(events).toContainEqual(
    expect.objectContaining({
      ...where,
      kind: 'approval',
      eventType: PENDING,
      approvalId: approval.id,
      environment: 'prod',
    }),
  );
  expect(events).toContainEqual(expect.objectContaining({ ...where, eventType: COMPLETED, approvalId: approval.id }));
  expect(events).toContainEqual(
    expect.objectContaining({ ...where, kind: 'stage', eventType: STAGE, runId: run.id, stage: 'deploy_prod' }),
  );
  expect(events).toContainEqual(expect.objectContaining({ ...where, kind: 'run', eventType: RUN, runId: run.id }));
  expect(receiver.received.every(({ authorization }) => authorization === `Basic ${btoa('countersign:secret')}`)).toBe(
    true,
  );
});

test('events come again and in another order, each under its own id', async () => {
  const { simulator, receiver, ids, ask } = await setHooks([PENDING, COMPLETED]);
  simulator.endApproval(ask(), 'canceled');

  await simulator.deliverHooks({ reversed: true, twice: true });

  const events = receiver.received.map(({ body }) => eventOf(body, ids.organization));
  expect(events.map((event) => 'eventType' in event && event.eventType)).toEqual([
    COMPLETED,
    COMPLETED,
    PENDING,
    PENDING,
  ]);
  expect(new Set(events.map((event) => 'id' in event && event.id)).size).toBe(2);
});

test('a 503 is sent again up to eight times after growing waits, then the subscription is on probation', async () => {
  const { simulator, receiver, subscription, clock, ask } = await setHooks();
  receiver.answer = 503;
  ask();
  await simulator.deliverHooks();
  expect(await simulator.deliverHooks()).toEqual([]);

  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    expect(subscription.status).toBe('enabled');
    clock.now += seconds * 1000;
    expect(await simulator.deliverHooks()).toHaveLength(1);
  }

  expect(subscription.status).toBe('onProbation');
  clock.now += MINUTE;
  expect(await simulator.deliverHooks()).toEqual([]);
});

test('a 503 that is followed by a success leaves the subscription enabled', async () => {
  const { simulator, receiver, subscription, clock, ask } = await setHooks();
  receiver.answer = 503;
  ask();
  await simulator.deliverHooks();
  receiver.answer = 200;
  clock.now += 1000;
  await simulator.deliverHooks();

  expect(subscription.status).toBe('enabled');
  expect(receiver.received).toHaveLength(2);
});

test.each([401, 500])('after a %d the event is lost, and so is all before the try on probation', async (status) => {
  const { simulator, receiver, subscription, clock, ask } = await setHooks();
  receiver.answer = status;
  ask();
  await simulator.deliverHooks();
  receiver.answer = 200;
  clock.now += 19 * MINUTE;
  ask();
  expect(await simulator.deliverHooks()).toEqual([]);
  expect(subscription.status).toBe('onProbation');

  clock.now += MINUTE;
  const approval = ask();
  await simulator.deliverHooks();

  expect(subscription).toMatchObject({ status: 'enabled', probationRetries: 0 });
  expect(JSON.stringify(receiver.received.at(-1)?.body)).toContain(approval.id);
  expect(receiver.received).toHaveLength(2);
});

test('seven failed tries on probation end a subscription', async () => {
  const { simulator, receiver, subscription, clock, ask } = await setHooks();
  receiver.answer = 500;
  ask();
  await simulator.deliverHooks();
  for (const minutes of [20, 40, 80, 160, 320, 640, 900]) {
    expect(subscription.status).toBe('onProbation');
    clock.now += minutes * MINUTE;
    ask();
    await simulator.deliverHooks();
  }

  expect(subscription.status).toBe('disabledBySystem');
});

test('a 410 ends a subscription at once', async () => {
  const { simulator, receiver, subscription, ask } = await setHooks();
  receiver.answer = 410;
  ask();
  ask();

  expect(await simulator.deliverHooks()).toHaveLength(1);
  expect(subscription.status).toBe('disabledBySystem');
});

test('a subscription to one project hears of no other', async () => {
  const { simulator, receiver, ids } = await setHooks();
  const project = simulator.addProject('Platform');
  simulator.subscribe({ eventType: RUN, url: receiver.url, project });
  const run = simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'p', project }) });
  simulator.completeRun(simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'q' }) }), 'failed');
  simulator.completeRun(run, 'failed');

  await simulator.deliverHooks();

  expect(receiver.received.map(({ body }) => eventOf(body, ids.organization))).toEqual([
    expect.objectContaining({ kind: 'run', runId: run.id, projectId: project.id }),
  ]);
});

test('the subscriptions that send to us are listed with their status, and no others', async () => {
  const { azureDevOps, simulator, ids } = await setScene({ simulator: { organizations: ['contoso', 'fabrikam'] } });
  const ours = 'https://bot.example/api/events';
  const one = simulator.subscribe({ eventType: PENDING, url: ours, project: simulator.project });
  const two = simulator.subscribe({ eventType: RUN, url: `${ours}/x` });
  simulator.subscribe({ eventType: RUN, url: `${ours}-of-others` });
  simulator.subscribe({ eventType: RUN, url: 'https://bot.example.org/api/events' });
  simulator.subscribe({ eventType: RUN, url: ours, organization: 'fabrikam' });
  simulator.subscribe({ eventType: RUN, url: 'not an address' });
  Object.assign(two, { status: 'onProbation', probationRetries: 3 });

  expect(await azureDevOps.hookSubscriptions(ids.organization, ours)).toEqual([
    { id: one.id, eventType: PENDING, status: 'enabled', projectId: simulator.project.id, probationRetries: 0 },
    { id: two.id, eventType: RUN, status: 'onProbation', probationRetries: 3 },
  ]);
  expect(await azureDevOps.hookSubscriptions(ids.organization, 'https://bot.example/')).toHaveLength(3);
});

test('a status that is not known is not enabled, and retries are read as number or text', async () => {
  const { simulator, ids } = await setScene();
  const one = simulator.subscribe({ eventType: PENDING, url: 'https://bot.example/e' });
  const consumerInputs = { url: one.url, httpHeaders: null };
  const value = [
    { id: one.id, eventType: PENDING, status: 'Asleep', probationRetries: '4', consumerInputs },
    { id: one.id, eventType: PENDING, status: 0, probationRetries: 'AA==', consumerInputs },
    { id: one.id, eventType: PENDING, consumerInputs },
    { id: one.id, eventType: PENDING },
  ];
  simulator.faults.add({ on: /hooks/, status: 200, body: { value } });

  const listed = await adapterOf(simulator).hookSubscriptions(ids.organization, 'https://bot.example');

  expect(listed.map(({ status, probationRetries }) => [status, probationRetries])).toEqual([
    ['unknown', 4],
    ['unknown', undefined],
    ['unknown', undefined],
  ]);
});
