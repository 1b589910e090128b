import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startStranger } from '../contracts/azure-devops-scene.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { type CheckScene, expectProblem, OTHER_CHECK_KEY, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';

let scene: CheckScene;
beforeAll(async () => {
  scene = await setCheckScene();
  await scene.teams.install({ oid: PEOPLE.alex, name: 'Alex Wilber' });
});
afterAll(() => scene.close());
afterEach(async () => {
  scene.azureDevOps.faults.clear();
  scene.tables.down = false;
  expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
});

/** Sends it and shows that no row of any table came, went or changed. */
async function sendInVain(check: SimulatedCheck, sent: Parameters<CheckScene['send']>[1] = {}) {
  const before = await scene.rows();
  const answer = await scene.send(check, sent);
  expect(await scene.rows()).toEqual(before);
  return answer;
}

async function accepted(check: SimulatedCheck, sent: Parameters<CheckScene['send']>[1] = {}): Promise<string> {
  const answer = await scene.send(check, sent);
  expect(answer).toMatchObject({ status: 200, json: { requestId: expect.stringMatching(/^[a-z2-7]{16}$/) } });
  return String(answer.json['requestId']);
}

const gateOf = async (id: string) => (await scene.app.core.approvals.find(id)) as { readonly state: string };

test('a waiting check is answered with its request id and nothing else', async () => {
  const answer = await scene.send(scene.waiting());
  expect(answer.status).toBe(200);
  expect(answer.text).toBe(JSON.stringify({ requestId: answer.json['requestId'] }));
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(await gateOf(String(answer.json['requestId']))).toMatchObject({ stage: 'Deploy', environment: 'prod' });
});

test('either of two secrets lets a check in, and so does the local key', async () => {
  await accepted(scene.waiting(), { headers: { 'X-Countersign-Key': OTHER_CHECK_KEY } });
  await accepted(scene.waiting(), { headers: { 'X-Countersign-Key': undefined, 'X-Api-Key': API_KEY } });
});

test('the run id may be a number as well as text', async () => {
  const check = scene.waiting();
  const body = { runId: check.run.id, stage: 'Deploy', environment: 'prod' };
  const id = await accepted(check, { body });
  expect(await accepted(check, { body: { ...body, runId: String(check.run.id) } })).toBe(id);
});

test.each(['', ' \t', '$(service)', ' $(countersign.service) '])(
  'a service or artifact of %j is a pipeline variable that is not set: it counts as left out',
  async (unset) => {
    const check = scene.waiting();
    const body = { runId: check.run.id, stage: 'Deploy', environment: 'prod' };
    const id = await accepted(check, { body: { ...body, service: unset, artifact: unset } });
    const gate = await scene.app.core.approvals.find(id);
    expect(gate).toMatchObject({ services: ['payments-api'] });
    expect(gate).not.toHaveProperty('artifact');
  },
);

test('a service or artifact that only holds the name of a variable is given', async () => {
  const check = scene.waiting();
  const body = { runId: check.run.id, stage: 'Deploy', environment: 'prod', artifact: 'app:$(tag)' };
  expect(await scene.app.core.approvals.find(await accepted(check, { body }))).toMatchObject({
    artifact: 'app:$(tag)',
  });
  const named = { ...body, service: 'x$(service)' };
  const other = scene.waiting();
  expectProblem(await sendInVain(other, { body: { ...named, runId: other.run.id } }), 400, 'service-mismatch');
});

test('a check that runs in the plan of the run itself is let in', async () => {
  await accepted(scene.waiting('payments-api', { ownPlan: false }));
});

test('the ids may be written in either case', async () => {
  const check = scene.waiting();
  const id = await accepted(check);
  const { headers } = scene.azureDevOps.deliveryOf(check);
  const upper = (name: string) => ({ [name]: headers[name]?.toUpperCase() });
  const shouted = { ...upper('PlanId'), ...upper('JobId'), ...upper('TaskInstanceId'), ...upper('ProjectId') };
  expect(await accepted(check, { headers: { ...shouted, HubName: 'Checks' } })).toBe(id);
});

test('five deliveries at once are one request with one card', async () => {
  const check = scene.waiting();
  const query = { service: 'payments-api', commit: check.run.commit, runId: String(check.run.id) };
  await scene.report('semgrep-payments.sarif', query);
  await scene.report('gitleaks-clean.sarif', query);
  const ids = await Promise.all([1, 2, 3, 4, 5].map(() => accepted(check)));
  expect(new Set(ids).size).toBe(1);
  await scene.teams.until(() => scene.teams.messages().find((one) => JSON.stringify(one).includes(ids[0] ?? '-')));
  await scene.app.core.idle();
  expect(scene.teams.messages().filter((one) => JSON.stringify(one).includes(ids[0] ?? '-'))).toHaveLength(1);
});

test('a known request is answered with the same id in whatever state it is', async () => {
  const check = scene.waiting();
  const id = await accepted(check);
  await scene.app.core.idle();
  expect((await gateOf(id)).state).not.toBe('received');
  expect(await accepted(check)).toBe(id);
  scene.azureDevOps.completeCheckByItself(check, 'canceled');
  expect(await accepted(check)).toBe(id);
});

test('a known request that comes again writes nothing', async () => {
  const check = scene.waiting();
  await accepted(check);
  expect((await sendInVain(check)).status).toBe(200);
});

test('a new attempt of the same check is another request', async () => {
  const check = scene.waiting();
  const first = await accepted(check);
  scene.azureDevOps.completeCheckByItself(check, 'failed');
  scene.azureDevOps.rerunCheck(check);
  const second = await accepted(check);
  expect(second).not.toBe(first);
  expect(await gateOf(second)).toMatchObject({ attempt: 2 });
});

test('a check that is completed before it was ever received is answered 409', async () => {
  const check = scene.waiting();
  scene.azureDevOps.completeCheckByItself(check, 'succeeded');
  expectProblem(await sendInVain(check), 409, 'check-finished');
});

test.each(['ProjectId', 'PlanId', 'TimelineId', 'TaskInstanceId'])(
  'a %s that nobody knows proves nothing',
  async (header) => {
    const headers = { [header]: '99999999-9999-4999-8999-999999999999' };
    expectProblem(await sendInVain(scene.waiting(), { headers }), 403, 'run-unproven');
  },
);

test('a run that nobody knows proves nothing', async () => {
  const body = { runId: 999_999, stage: 'Deploy', environment: 'prod' };
  expectProblem(await sendInVain(scene.waiting(), { body }), 403, 'run-unproven');
});

test("another run's plan, task or id proves nothing, though all of them exist", async () => {
  const [own, other] = [scene.waiting(), scene.waiting()];
  const theirs = scene.azureDevOps.deliveryOf(other).headers;
  for (const headers of [
    { PlanId: theirs['PlanId'], TimelineId: theirs['TimelineId'], TaskInstanceId: theirs['TaskInstanceId'] },
    { PlanId: theirs['PlanId'] },
    { TaskInstanceId: theirs['TaskInstanceId'] },
  ]) {
    expectProblem(await sendInVain(own, { headers }), 403, 'run-unproven');
  }
  const body = { runId: other.run.id, stage: 'Deploy', environment: 'prod' };
  expectProblem(await sendInVain(own, { body }), 403, 'run-unproven');
});

test('the job of a plan is no task', async () => {
  const check = scene.waiting();
  expectProblem(await sendInVain(check, { headers: { TaskInstanceId: check.jobId } }), 403, 'run-unproven');
});

test('a token that is wrong, or of another project, proves nothing', async () => {
  const elsewhere = scene.azureDevOps.addProject('Elsewhere');
  const pipeline = scene.azureDevOps.addPipeline({ name: 'elsewhere', project: elsewhere });
  const stranger = scene.azureDevOps.startCheck(scene.azureDevOps.queueRun({ pipeline }), {
    environment: 'prod',
    stage: 'Deploy',
  });
  for (const AuthToken of ['not-a-token', stranger.token]) {
    expectProblem(await sendInVain(scene.waiting(), { headers: { AuthToken } }), 403, 'run-unproven');
  }
});

test.each([
  ['a sign-in page', signInPage(/builds/)],
  ['a sign-in page with status 200', signInPage(/builds/, 200)],
  ['401', { on: /builds/, status: 401 }],
  ['403', { on: /timelines/, status: 403 }],
  ['404', { on: /plans/, status: 404 }],
  ['a build without the parts of one', { on: /builds/, status: 200, body: { id: 1 } }],
])('Azure DevOps that answers with %s proves nothing', async (_what, fault) => {
  scene.azureDevOps.faults.add(fault);
  expectProblem(await sendInVain(scene.waiting()), 403, 'run-unproven');
});

test('a redirect is not followed: the token goes nowhere else', async () => {
  const stranger = await startStranger();
  scene.azureDevOps.faults.add({ on: /builds/, status: 302, headers: { location: `${stranger.url}/x` } });
  expectProblem(await sendInVain(scene.waiting()), 403, 'run-unproven');
  expect(stranger.received).toEqual([]);
});

test.each([
  ['takes more than two seconds', { on: /timelines/, delayMs: 2_800 }],
  ['answers 500', { on: /builds/, status: 500 }],
  ['answers 503', { on: /plans/, status: 503 }],
  ['answers 408', { on: /timelines/, status: 408 }],
  ['ends the connection', { on: /builds/, cut: 'before' as const }],
  ['ends the connection within its answer', { on: /timelines/, cut: 'body' as const }],
])('Azure DevOps that %s leaves everything as it was: 503 within three seconds', async (_what, fault) => {
  scene.azureDevOps.faults.add(fault);
  const check = scene.waiting();
  const began = performance.now();
  const answer = await scene.send(check);
  expect(performance.now() - began).toBeLessThan(3_000);
  expectProblem(answer, 503, 'unavailable');
  expectProblem(await sendInVain(check), 503, 'unavailable');
  scene.azureDevOps.faults.clear();
  await accepted(check);
});

test('when Azure DevOps asks for patience, so do we', async () => {
  scene.azureDevOps.faults.add(throttled(/builds/, 17));
  const answer = await sendInVain(scene.waiting());
  expectProblem(answer, 503, 'unavailable');
  expect(answer.headers.get('retry-after')).toBe('17');
});

test('a store that does not answer takes nothing, and nothing is acknowledged', async () => {
  const check = scene.waiting();
  await scene.app.core.idle();
  scene.tables.down = true;
  const answer = await scene.send(check);
  expectProblem(answer, 503, 'unavailable');
  expect(answer.headers.get('retry-after')).toBe('5');
  scene.tables.down = false;
  await accepted(check);
});

test('a pipeline may speak for its own service only', async () => {
  const check = scene.waiting('payments-api');
  const body = { runId: check.run.id, stage: 'Deploy', environment: 'prod' };
  for (const service of ['orders-api', 'nobody', 'Payments-API', '__proto__']) {
    const answer = await sendInVain(check, { body: { ...body, service } });
    expectProblem(answer, 400, 'service-mismatch');
    expect(answer.json['field']).toBe('service');
  }
  const stranger = scene.waiting('unheard-of', { environment: 'prod' });
  const unnamed = { runId: stranger.run.id, stage: 'Deploy', environment: 'prod' };
  expectProblem(await sendInVain(stranger, { body: unnamed }), 400, 'service-mismatch');
});

test('an environment that the contract does not have is refused', async () => {
  for (const environment of ['qa', 'PROD', 'prod ', 'toString', '-']) {
    const answer = await sendInVain(scene.waiting('payments-api', { environment }));
    expectProblem(answer, 400, 'unknown-environment');
    expect(answer.json['field']).toBe('environment');
  }
});

test('a delivery that fails is logged without its token and without a secret', async () => {
  const check = scene.waiting();
  scene.tables.down = true;
  const { json } = await scene.send(check);
  const line = scene.lines.find((one) => one.includes(String(json['instance'])));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ msg: 'request failed', path: '/api/azure-devops/checks' });
  const log = scene.lines.join('\n');
  for (const secret of [check.token, CHECK_KEY, OTHER_CHECK_KEY, API_KEY, scene.azureDevOps.pat]) {
    expect(log).not.toContain(secret);
  }
});
