import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { aBlockedGate, EXCEPTION_TERMS } from '../fakes/blocked-gate.ts';
import { answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, type Claims, createEntra, type Entra } from '../fakes/entra.ts';
import { actor, nextOp } from '../fakes/exception-scene.ts';

// People ask for exceptions over HTTP with their own token, on the whole product.

const SECOND = '8e2a4d63-1b5f-4b46-8b68-4a1d0e8c9f22';

let entra: Entra;
let scene: CheckScene;
let blocked: Awaited<ReturnType<typeof aBlockedGate>>;
let one: string;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene(
    { API_AUDIENCE: AUDIENCE, API_TENANTS: `${TENANT},${SECOND}` },
    { entraKeys: entra.keys, level: 'trace' },
  );
  blocked = await aBlockedGate(scene);
  [one = ''] = blocked.prints;
});
afterAll(() => scene.close());

/** What was asked for is refused: each test begins with none. Nobody takes back as much as these ask for. */
const asked = new Set<string>();
afterEach(async () => {
  for (const id of asked)
    await scene.app.core.exceptionDecisions.decide({
      ...{ id, by: actor(PEOPLE.megan), op: nextOp() },
      ...{ verdict: 'reject', comment: 'test' },
    });
  asked.clear();
});

async function post(headers: Readonly<Record<string, string>>, body: unknown) {
  const response = await fetch(`${scene.url}/api/exceptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const answer = await answerOf(response);
  await scene.app.core.idle();
  const id = answer.json['exceptionId'];
  if (typeof id === 'string') asked.add(id);
  return answer;
}

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const wish = (over: Readonly<Record<string, unknown>> = {}) => ({
  service: 'payments-api',
  environment: 'prod',
  control: 'secret-scanning',
  fingerprint: one,
  ...EXCEPTION_TERMS,
  ...over,
});
const as = async (oid: string, over: Readonly<Record<string, unknown>> = {}, claims: Claims = {}) =>
  post(bearer(await entra.person(oid, claims)), wish(over));
const stored = async (id: unknown) => await scene.app.core.exceptionViews.view(actor(PEOPLE.adele), String(id));

test('a person asks with their own token: recorded under the name of the directory, and nothing is let through by it', async () => {
  const answer = await as(PEOPLE.adele, { ticket: 'SEC-7', mitigation: 'the key is revoked' });
  expect(answer).toMatchObject({ status: 201, json: { state: 'requested', joined: false } });
  expect(Object.keys(answer.json).sort()).toEqual(['exceptionId', 'joined', 'state', 'until']);
  expect(await stored(answer.json['exceptionId'])).toMatchObject({
    state: 'requested',
    target: { control: 'secret-scanning', service: 'payments-api', environment: 'prod', fingerprints: [one] },
    terms: {
      owner: 'group:payments-owners',
      until: answer.json['until'],
      ticket: 'SEC-7',
      mitigation: 'the key is revoked',
    },
    askers: [{ by: { kind: 'person', tenant: TENANT, oid: PEOPLE.adele, name: 'Adele Vance' } }],
  });
  expect((await scene.app.core.approvals.find(blocked.id))?.state).toBe('blocked');
});

test('from a blocked request exactly what blocks it is meant', async () => {
  const { fingerprint: _, ...rest } = wish({ requestId: blocked.id });
  const answer = await post(bearer(await entra.person(PEOPLE.adele)), rest);
  expect(answer.status).toBe(201);
  expect(await stored(answer.json['exceptionId'])).toMatchObject({
    target: { fingerprints: [...blocked.prints].sort() },
    askers: [{ requestId: blocked.id }],
  });
});

test('a second person who asks for the same joins the first, whatever terms they name', async () => {
  const first = await as(PEOPLE.adele);
  const second = await as(PEOPLE.isaiah, { until: 'tomorrow' });
  expect(second).toMatchObject({ status: 200, json: { ...first.json, joined: true } });
  expect(await stored(first.json['exceptionId'])).toMatchObject({
    askers: [{ by: { oid: PEOPLE.adele } }, { by: { oid: PEOPLE.isaiah } }],
  });
});

test('the same call again, five at once and one later, is one request with equal answers', async () => {
  const token = bearer(await entra.person(PEOPLE.adele));
  const send = () => post(token, wish());
  const answers = await Promise.all([send(), send(), send(), send(), send()]);
  const all = [...answers, await send()];
  expect(new Set(all.map(({ status, json }) => JSON.stringify([status, json]))).size).toBe(1);
  expect(all[0]?.status).toBe(201);
});

test('after it was withdrawn the same is asked for anew, but by the very same call, which says what became of it', async () => {
  const token = { ...bearer(await entra.person(PEOPLE.adele)), 'Idempotency-Key': 'one' };
  const first = await post(token, wish());
  const id = String(first.json['exceptionId']);
  await scene.app.core.exceptionDecisions.withdraw({ id, by: actor(PEOPLE.adele), op: nextOp(), why: 'not now' });
  expect(await post(token, wish())).toMatchObject({ status: 201, json: { exceptionId: id, state: 'withdrawn' } });
  const anew = await post({ ...token, 'Idempotency-Key': 'two' }, wish());
  expect(anew).toMatchObject({ status: 201, json: { state: 'requested' } });
  expect(anew.json['exceptionId']).not.toBe(id);
  // The key of another person is another call.
  const other = { ...bearer(await entra.person(PEOPLE.isaiah)), 'Idempotency-Key': 'one' };
  expect(await post(other, wish())).toMatchObject({ status: 200, json: { joined: true } });
  expectProblem(await post({ ...token, 'Idempotency-Key': 'x'.repeat(201) }, wish()), 400, 'field-invalid');
});

test('a renewal is for the same as before, and says what else it was told as its refusal', async () => {
  const first = await as(PEOPLE.adele);
  const id = String(first.json['exceptionId']);
  const granted = { id, by: actor(PEOPLE.megan), op: nextOp(), verdict: 'approve', comment: '' } as const;
  expect(await scene.app.core.exceptionDecisions.decide(granted)).toMatchObject({ kind: 'done' });
  const {
    fingerprint: _,
    owner: __,
    reasonClass: ___,
    reviewEvery: ____,
    ...renewal
  } = wish({ renews: id, until: 'in 5 days' });
  const token = bearer(await entra.person(PEOPLE.adele));
  expectProblem(await post(token, { ...renewal, environment: 'staging' }), 404, 'unknown-exception');
  expectProblem(await post(token, { ...renewal, control: 'sast' }), 404, 'unknown-exception');
  expectProblem(await post(token, { ...renewal, fingerprint: one }), 400, 'field-invalid');
  expectProblem(await post(token, { ...renewal, until: undefined }), 422, 'field-missing');
  const second = await post(token, renewal);
  expect(second.status).toBe(201);
  expect(await stored(second.json['exceptionId'])).toMatchObject({
    target: { fingerprints: [one] },
    terms: { owner: 'group:payments-owners', reasonClass: 'fix-scheduled', review: { everyDays: 2 } },
    renewal: { number: 1, renews: id },
  });
  await scene.app.core.exceptionReviews.revoke({ id, by: actor(PEOPLE.megan), op: nextOp(), why: 'end of the test' });
});

test.each<[string, Readonly<Record<string, unknown>>, number, string, string | undefined]>([
  ['a finding that is not open there', { fingerprint: 'f'.repeat(32) }, 404, 'unknown-finding', 'fingerprint'],
  ['a finding of another control', { control: 'sast' }, 422, 'other-control', 'control'],
  ['every secret that may come', { fingerprint: undefined }, 422, 'scope-too-wide', 'fingerprint'],
  ['all secrets as the service comes in', { fingerprint: undefined, baseline: true }, 409, 'no-baseline', undefined],
  ['a service that the catalog does not have', { service: 'nobody-s' }, 400, 'unknown-service', 'service'],
  ['a name that would be a query', { service: "x' or true or '" }, 400, 'unknown-service', 'service'],
  ['a prototype as service', { service: 'constructor' }, 400, 'unknown-service', 'service'],
  [
    'an environment that the contract does not have',
    { environment: 'moon' },
    400,
    'unknown-environment',
    'environment',
  ],
  ['a forged request', { requestId: 'aaaaaaaaaaaaaaaa' }, 404, 'unknown-request', undefined],
  [
    'an exception that is not there',
    { renews: 'EX-999999', fingerprint: undefined },
    404,
    'unknown-exception',
    'renews',
  ],
])('%s is refused, and nothing is recorded', async (_what, over, status, code, field) => {
  const before = await scene.rows();
  const answer = await as(PEOPLE.adele, over);
  expectProblem(answer, status, code);
  expect(answer.json['field']).toBe(field);
  expect(await scene.rows()).toEqual(before);
});

test('a request of another service does not lend its findings', async () => {
  expectProblem(await as(PEOPLE.adele, { service: 'orders-api', requestId: blocked.id }), 404, 'unknown-request');
});

test.each([
  ['a guest', '78f1bdf8-c249-4648-bb9a-88502761ba65', 'guest'],
  ['somebody whom the directory does not know', '00000000-0000-4000-8000-0000000000ff', 'not-in-directory'],
])('%s asks for nothing, and reads nothing', async (_who, oid, refusal) => {
  const answer = await as(oid);
  expectProblem(answer, 403, refusal);
  expect(answer.text).not.toContain('payments');
});

test.each<[string, () => Promise<Readonly<Record<string, string>>>, number, string]>([
  ['nobody', async () => ({}), 401, 'unauthenticated'],
  ['the local key', async () => ({ 'X-Api-Key': API_KEY }), 403, 'person-required'],
  ["a check's secret", async () => ({ 'X-Countersign-Key': CHECK_KEY }), 403, 'person-required'],
  [
    'an application with every role',
    async () => bearer(await entra.application(['Checks.Submit', 'Findings.Submit', 'Evidence.Read'])),
    403,
    'person-required',
  ],
  [
    'an application that claims a scope',
    async () => bearer(await entra.application([], { oid: PEOPLE.adele, scp: 'user_impersonation' })),
    403,
    'person-required',
  ],
  ['no delegation', async () => bearer(await entra.person(PEOPLE.adele, { scp: 'openid' })), 403, 'person-required'],
  ['another tenant', async () => bearer(await entra.person(PEOPLE.adele, { tid: SECOND })), 403, 'wrong-tenant'],
  ['a forged token', async () => bearer(await entra.forged(PEOPLE.adele)), 401, 'unauthenticated'],
  ['an unsigned token', async () => bearer(entra.unsigned(PEOPLE.adele)), 401, 'unauthenticated'],
])('%s asks for nothing, and neither row nor token is written anywhere', async (_who, headers, status, code) => {
  const before = await scene.rows();
  const logged = scene.lines.length;
  const sent = await headers();
  expectProblem(await post(sent, wish()), status, code);
  expect(await scene.rows()).toEqual(before);
  const log = scene.lines.slice(logged).join('\n');
  for (const part of Object.values(sent).flatMap((value) => value.replace(/^Bearer /, '').split('.'))) {
    if (part.length > 20) expect(log.includes(part)).toBe(false);
  }
});

test.each<[string, (good: object) => unknown, number, string]>([
  ['no service', (good) => ({ ...good, service: undefined }), 400, 'field-invalid'],
  ['a field that is none', (good) => ({ ...good, approvers: 'group:payments-owners' }), 400, 'field-invalid'],
  ['an actor of its own', (good) => ({ ...good, oid: PEOPLE.megan }), 400, 'field-invalid'],
  ['a state of its own', (good) => ({ ...good, state: 'active' }), 400, 'field-invalid'],
  ['an exception id of its own', (good) => ({ ...good, exceptionId: 'EX-1' }), 400, 'field-invalid'],
  ['a forged id to renew', (good) => ({ ...good, renews: '../EX-1' }), 400, 'field-invalid'],
  ['an id to renew that is too long', (good) => ({ ...good, renews: `EX-${'9'.repeat(40)}` }), 400, 'field-invalid'],
  ['half a fingerprint', (good) => ({ ...good, fingerprint: 'abcdef' }), 400, 'field-invalid'],
  ['no fingerprint at all in a list', (good) => ({ ...good, fingerprints: [] }), 400, 'field-invalid'],
  ['101 findings', (good) => ({ ...good, fingerprints: Array(101).fill('f'.repeat(32)) }), 400, 'field-invalid'],
  ['a reason that is no text', (good) => ({ ...good, reason: { $ne: '' } }), 400, 'field-invalid'],
  ['a control character in a name', (good) => ({ ...good, service: 'payments\u0000api' }), 400, 'field-invalid'],
  ['no object', () => '[]', 400, 'field-invalid'],
  ['no JSON', () => '{', 400, 'body-invalid'],
  ['a way to a prototype', () => '{"service":"x","__proto__":{"x":1}}', 400, 'body-invalid'],
  ['more than 64 KiB', (good) => ({ ...good, reason: 'x'.repeat(70_000) }), 413, 'body-too-large'],
])('a body with %s is refused', async (_what, body, status, code) => {
  const before = await scene.rows();
  expectProblem(await post(bearer(await entra.person(PEOPLE.adele)), body(wish())), status, code);
  expect(await scene.rows()).toEqual(before);
});

test('what somebody wrote is neither in the answer nor in the log', async () => {
  const logged = scene.lines.length;
  const canary = 'a canary of 27 characters !';
  const answer = await as(PEOPLE.adele, { reason: canary });
  const refused = await as(PEOPLE.adele, { reason: canary, until: canary });
  for (const text of [answer.text, refused.text, ...scene.lines.slice(logged)]) expect(text).not.toContain(canary);
});

test('while the store does not answer nothing is claimed', async () => {
  scene.tables.down = true;
  expectProblem(await as(PEOPLE.adele), 503, 'unavailable');
  scene.tables.down = false;
});
