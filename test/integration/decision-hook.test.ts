import { afterAll, beforeAll, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, type Claims, createEntra, type Entra } from '../fakes/entra.ts';
import { aGateThatAsks, alex, evidenceOf } from '../hostile/asked-gate.ts';

// People decide over HTTP with their own token, on the whole product.

const SECOND = '8e2a4d63-1b5f-4b46-8b68-4a1d0e8c9f22';

let entra: Entra;
let scene: CheckScene;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene(
    { API_AUDIENCE: AUDIENCE, API_TENANTS: `${TENANT},${SECOND}` },
    { entraKeys: entra.keys, level: 'trace' },
  );
  await scene.teams.install(alex);
});
afterAll(() => scene.close());

interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

async function post(id: string, { headers = {}, body = { verdict: 'approve' } }: Sent = {}) {
  const response = await fetch(`${scene.url}/api/requests/${id}/decision`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = await answerOf(response);
  await scene.app.core.idle();
  return answer;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const as = async (oid: string, id: string, body: unknown = { verdict: 'approve' }, over: Claims = {}) =>
  post(id, { headers: bearer(await entra.person(oid, over)), body });
const stateOf = async (id: string) => (await scene.app.core.approvals.find(id))?.state;
const decidedIn = async (id: string) => (await evidenceOf(scene, id)).filter(({ kind }) => kind === 'decided');

test('an approver decides with their own token: recorded under the name of the directory, told to Azure DevOps', async () => {
  const { id, check } = await aGateThatAsks(scene);
  const answer = await as(PEOPLE.alex, id, { verdict: 'approve', comment: 'checked', revision: 1 });
  expect(answer).toMatchObject({ status: 200, json: { id, state: 'approved', environment: 'prod' } });
  expect(answer.json['decisions']).toEqual([
    { verdict: 'approve', by: { oid: PEOPLE.alex, name: 'Alex Wilber' }, at: expect.any(String) },
  ]);
  expect(answer.text).not.toContain('checked');
  expect(await scene.app.core.approvals.find(id)).toMatchObject({
    decision: { by: { kind: 'person', tenant: TENANT, oid: PEOPLE.alex, name: 'Alex Wilber' }, comment: 'checked' },
  });
  const told = scene.azureDevOps.events.filter(({ taskId }) => taskId === check.taskInstanceId);
  expect(told).toMatchObject([{ result: 'succeeded' }]);
});

test('a rejection stops the stage', async () => {
  const { id, check } = await aGateThatAsks(scene);
  expect(await as(PEOPLE.megan, id, { verdict: 'reject', comment: 'not today' })).toMatchObject({ status: 200 });
  const told = scene.azureDevOps.events.filter(({ taskId }) => taskId === check.taskInstanceId);
  expect(told).toMatchObject([{ result: 'failed' }]);
});

test.each([
  ['the requester', PEOPLE.adele, 403, 'own-deployment'],
  ['somebody who is asked for nothing here', PEOPLE.isaiah, 403, 'not-an-approver'],
  ['somebody whose membership is not active', PEOPLE.lee, 403, 'activate-membership'],
  ['a guest', '78f1bdf8-c249-4648-bb9a-88502761ba65', 403, 'guest'],
  ['somebody whom the directory does not know', '00000000-0000-4000-8000-0000000000ff', 403, 'not-in-directory'],
] as const)('%s decides nothing, as by a click', async (_who, oid, status, refusal) => {
  const { id } = await aGateThatAsks(scene);
  const answer = await as(oid, id);
  expectProblem(answer, status, refusal);
  expect(await stateOf(id)).toBe('asked');
  const isStranger = refusal === 'guest' || refusal === 'not-in-directory';
  expect(answer.text.includes('payments-api')).toBe(!isStranger);
});

test('a card that is out of date, a missing comment and a settled request are conflicts with the request', async () => {
  const { id } = await aGateThatAsks(scene);
  expectProblem(await as(PEOPLE.alex, id, { verdict: 'approve', revision: 7 }), 409, 'stale-revision');
  expectProblem(await as(PEOPLE.alex, id, { verdict: 'reject' }), 409, 'comment-required');
  const long = { verdict: 'reject', comment: 'x'.repeat(1_001) };
  expectProblem(await as(PEOPLE.alex, id, long), 409, 'comment-too-long');
  expect(await stateOf(id)).toBe('asked');
  await as(PEOPLE.alex, id);
  const late = await as(PEOPLE.megan, id);
  expectProblem(late, 409, 'already-decided');
  expect(late.json['detail']).toContain('Alex Wilber approved it');
});

test('a request that nobody knows is not found', async () => {
  for (const id of ['aaaaaaaaaaaaaaaa', '..%2f..', 'x'.repeat(2_000), "'%20or%20true"]) {
    expectProblem(await as(PEOPLE.alex, id), 404, 'unknown-request');
  }
});

test('the same call again, five at once and one later, is one decision with equal answers', async () => {
  const { id } = await aGateThatAsks(scene);
  const token = await entra.person(PEOPLE.alex);
  const send = () => post(id, { headers: bearer(token) });
  const answers = await Promise.all([send(), send(), send(), send(), send()]);
  const again = await send();
  expect([...answers, again].map(({ status, json }) => [status, json['state']])).toEqual(
    Array(6).fill([200, 'approved']),
  );
  expect(await decidedIn(id)).toHaveLength(1);
});

test('two calls that an Idempotency-Key tells apart are two: the second finds the first', async () => {
  const { id } = await aGateThatAsks(scene);
  const token = bearer(await entra.person(PEOPLE.alex));
  const send = (key: string) => post(id, { headers: { ...token, 'Idempotency-Key': key } });
  expect((await send('one')).status).toBe(200);
  expect((await send('one')).status).toBe(200);
  expectProblem(await send('two'), 409, 'already-decided');
  expectProblem(await send('x'.repeat(201)), 400, 'field-invalid');
});

test.each<[string, () => Promise<Readonly<Record<string, string>>>, number, string]>([
  ['nobody', async () => ({}), 401, 'unauthenticated'],
  ['the local key', async () => ({ 'X-Api-Key': API_KEY }), 403, 'person-required'],
  ["a check's secret", async () => ({ 'X-Countersign-Key': CHECK_KEY }), 403, 'person-required'],
  [
    'an application with every role',
    async () => bearer(await entra.application(['Checks.Submit', 'Evidence.Read'])),
    403,
    'person-required',
  ],
  [
    "an application with an approver's object id",
    async () => bearer(await entra.application(['Checks.Submit'], { oid: PEOPLE.alex })),
    403,
    'person-required',
  ],
  [
    'an application that claims a scope',
    async () => bearer(await entra.application([], { oid: PEOPLE.alex, scp: 'user_impersonation' })),
    403,
    'person-required',
  ],
  ['no delegation', async () => bearer(await entra.person(PEOPLE.alex, { scp: 'openid' })), 403, 'person-required'],
  ['another tenant', async () => bearer(await entra.person(PEOPLE.alex, { tid: SECOND })), 403, 'wrong-tenant'],
  ['a forged token', async () => bearer(await entra.forged(PEOPLE.alex)), 401, 'unauthenticated'],
  ['an unsigned token', async () => bearer(entra.unsigned(PEOPLE.alex)), 401, 'unauthenticated'],
  [
    'a token for another API',
    async () => bearer(await entra.person(PEOPLE.alex, { aud: 'https://graph.microsoft.com' })),
    401,
    'unauthenticated',
  ],
  [
    'an expired token',
    async () => bearer(await entra.person(PEOPLE.alex, { exp: Math.floor(Date.now() / 1_000) - 1 })),
    401,
    'unauthenticated',
  ],
])('%s decides nothing, and neither row nor token is written anywhere', async (_who, headers, status, code) => {
  const { id } = await aGateThatAsks(scene);
  const before = await scene.rows();
  const logged = scene.lines.length;
  const sent = await headers();
  expectProblem(await post(id, { headers: sent }), status, code);
  expect(await scene.rows()).toEqual(before);
  expect(await stateOf(id)).toBe('asked');
  const log = scene.lines.slice(logged).join('\n');
  for (const part of Object.values(sent).flatMap((value) => value.replace(/^Bearer /, '').split('.'))) {
    if (part.length > 20) expect(log.includes(part)).toBe(false);
  }
});

test.each<[string, unknown, number, string]>([
  ['no verdict', {}, 400, 'field-invalid'],
  ['another verdict', { verdict: 'Approve' }, 400, 'field-invalid'],
  ['a field that is none', { verdict: 'approve', by: PEOPLE.megan }, 400, 'field-invalid'],
  ['an actor of its own', { verdict: 'approve', oid: PEOPLE.megan }, 400, 'field-invalid'],
  ['a revision as text', { verdict: 'approve', revision: '1' }, 400, 'field-invalid'],
  ['a comment that is no text', { verdict: 'approve', comment: ['x'] }, 400, 'field-invalid'],
  ['no object', '[]', 400, 'field-invalid'],
  ['no JSON', '{', 400, 'body-invalid'],
  ['a way to a prototype', '{"verdict":"approve","__proto__":{"x":1}}', 400, 'body-invalid'],
  ['more than 64 KiB', { verdict: 'approve', comment: 'x'.repeat(70_000) }, 413, 'body-too-large'],
])('a body with %s is refused', async (_what, body, status, code) => {
  const { id } = await aGateThatAsks(scene);
  expectProblem(await as(PEOPLE.alex, id, body), status, code);
  expect(await stateOf(id)).toBe('asked');
});

test('while the store does not answer nothing is claimed', async () => {
  const { id } = await aGateThatAsks(scene);
  scene.tables.down = true;
  expectProblem(await as(PEOPLE.alex, id), 503, 'unavailable');
  scene.tables.down = false;
  expect(await stateOf(id)).toBe('asked');
});
