import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { basic, HOOK_SECRET, type HookScene, PENDING, setHookScene } from '../fakes/hook-scene.ts';
import { HOSTILE_BODIES, PROTOTYPE_SHAPES } from './bodies.ts';

// Deliveries that claim to come from Azure DevOps, on the whole product.

let scene: HookScene;
beforeAll(async () => {
  scene = await setHookScene();
});
afterAll(() => scene.close());
afterEach(async () => {
  expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
  expect(scene.lines.join('\n')).not.toContain(HOOK_SECRET);
});

const projectId = () => scene.azureDevOps.project.id;
const delivery = (approvalId: string, resource: object = {}) => ({
  id: '5f9d0b0a-0000-4000-8000-000000000001',
  eventType: PENDING,
  resource: { approval: { id: approvalId }, projectId: projectId(), ...resource },
});
/** Every request and its state; those that wait may be judged again at any time. */
const known = async () => (await scene.gates()).map(({ id, state }) => `${id} ${state}`);
const UNKNOWN = '00000000-0000-4000-8000-0000000000aa';

test.each([
  ['nothing', {}],
  ['another password', basic('countersign', 'not-a-hook-secret-of-ours')],
  ['another user', basic('admin', HOOK_SECRET)],
  ['no password', basic('countersign', '')],
  ['the password as a bearer', { Authorization: `Bearer ${HOOK_SECRET}` }],
  ["a check's secret", basic('countersign', CHECK_KEY)],
  ["a check's header", { 'X-Countersign-Key': CHECK_KEY }],
  ['the local key', { 'X-Api-Key': API_KEY }],
  ['a broken header', { Authorization: 'Basic ***' }],
])('a caller with %s is answered 401, and Azure DevOps is asked nothing', async (_what, headers) => {
  const run = await scene.aReportedRun();
  const approval = scene.ask(run);
  const before = await known();
  const answered = await scene.post(delivery(approval.id), headers);
  expect([answered.status, answered.json['code']]).toEqual([401, 'unauthenticated']);
  expect(await known()).toEqual(before);
  expect(scene.azureDevOps.requests.filter(({ path }) => path.includes(approval.id))).toEqual([]);
});

test('of a forged delivery about a real approval nothing is believed but its id', async () => {
  const run = await scene.aReportedRun();
  const approval = scene.ask(run);
  const forged = {
    ...delivery(approval.id, {
      approval: { id: approval.id, status: 'approved', steps: [{ status: 'approved' }], minRequiredApprovers: 0 },
      run: { id: 1, name: 'forged-run', requestedFor: { displayName: 'Mallory' } },
      pipeline: { id: 1, name: 'orders-api' },
      stageName: 'forged-stage',
      attemptId: 99,
      resource: { type: 'environment', name: 'staging' },
    }),
    message: { html: '<a href="https://evil.example/">forged</a>' },
  };
  expect((await scene.post(forged)).status).toBe(200);
  const gate = (await scene.gates()).find((one) => JSON.stringify(one['door']).includes(approval.id));
  expect(gate).toMatchObject({
    state: 'asked',
    stage: 'Deploy',
    attempt: 1,
    environment: 'prod',
    services: ['payments-api'],
    run: { id: run.id, name: run.name, requestedFor: { name: 'Adele Vance' } },
  });
  expect(JSON.stringify(await scene.rows())).not.toMatch(/forged|Mallory|evil/);
  expect(approval.status).toBe('pending');
});

test('a forged completion of an approval that waits ends nothing', async () => {
  const run = await scene.aReportedRun();
  const approval = scene.ask(run);
  await scene.post(delivery(approval.id));
  await scene.app.core.idle();
  await scene.post({ ...delivery(approval.id), eventType: PENDING.replace('pending', 'completed') });
  const gate = (await scene.gates()).find((one) => JSON.stringify(one['door']).includes(approval.id));
  expect(gate).toMatchObject({ state: 'asked' });
});

test.each([
  ['an approval that is none', () => delivery(UNKNOWN)],
  [
    'a project that is none',
    () => ({ ...delivery(UNKNOWN), resource: { approval: { id: UNKNOWN }, projectId: UNKNOWN } }),
  ],
  [
    'a run that is none',
    () => ({
      ...delivery(UNKNOWN),
      eventType: 'ms.vss-pipelines.run-state-changed-event',
      resource: { run: { id: 9_007_199_254_740_991 }, projectId: UNKNOWN },
    }),
  ],
  ['an approval named by a path', () => delivery('../../builds/1')],
  ['no ids', () => ({ id: 'e', eventType: PENDING, resource: {} })],
  [
    'another organization',
    () => ({ ...delivery(UNKNOWN), resourceContainers: { account: { baseUrl: 'https://dev.azure.com/elsewhere/' } } }),
  ],
  ['an event of no use here', () => ({ id: 'e', eventType: 'git.push', resource: { anything: true } })],
  ['a list', () => []],
  ['null', () => 'null'],
])('%s is answered 200 and changes nothing', async (_what, body) => {
  const before = await known();
  expect((await scene.post(body())).status).toBe(200);
  expect(await known()).toEqual(before);
});

test.each(HOSTILE_BODIES)(
  '$what takes no subscription away, and changes nothing',
  async ({ body, headers = {} }) => {
    const before = await known();
    const content = body();
    const answered = await fetch(scene.eventsUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...basic('countersign', HOOK_SECRET), ...headers },
      body: typeof content === 'string' ? content : Uint8Array.from(content),
    });
    expect(answered.status).toBe(200);
    expect(await known()).toEqual(before);
  },
  60_000,
);

test.each(PROTOTYPE_SHAPES)('%s reaches no prototype', async (shape) => {
  expect((await scene.post(shape)).status).toBe(200);
  expect(({} as Record<string, unknown>)['isOwner']).toBeUndefined();
});

test('without secrets nobody is let in', async () => {
  const closed = await setHookScene({ HOOK_SECRETS: '' });
  try {
    expect((await closed.post(delivery(UNKNOWN))).status).toBe(401);
    expect((await closed.post(delivery(UNKNOWN), basic('countersign', ''))).status).toBe(401);
  } finally {
    await closed.close();
  }
});
