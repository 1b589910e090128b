import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startStranger } from '../contracts/azure-devops-scene.ts';
import { answerOf, type CheckScene, expectProblem, OTHER_CHECK_KEY, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { sendRaw } from '../fakes/hostile-http.ts';

// Everything here is refused before anybody is asked: no check of this file ever reaches Azure DevOps or the store.
let scene: CheckScene;
let calls: number;
beforeAll(async () => {
  scene = await setCheckScene({}, { clock: byNight() });
  // The contract that a new store has never seen is noted once, by night too.
  const isNoted = async () => expect((await scene.tables.rows()).join('\n')).toContain('contract-in-force');
  await vi.waitFor(isNoted, { timeout: 15_000 });
  calls = scene.tables.calls;
});
afterAll(() => scene.close());
afterEach(async () => {
  expect(scene.azureDevOps.requests).toEqual([]);
  expect(scene.tables.calls).toBe(calls);
  expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
});

/** Begins at three in the morning in Berlin: what is done once a day, in working hours, is not done meanwhile. */
function byNight() {
  const ahead = Date.parse(`${new Date().toISOString().slice(0, 10)}T01:00:00.000Z`) - Date.now();
  return { now: () => new Date(Date.now() + ahead).toISOString() };
}

const RUN = { runId: 7, stage: 'Deploy', environment: 'prod' };

test.each([
  ['no key', {}],
  ['a wrong key', { 'X-Countersign-Key': `${CHECK_KEY}x` }],
  ['the beginning of a key', { 'X-Countersign-Key': CHECK_KEY.slice(0, -1) }],
  ['an empty key', { 'X-Countersign-Key': '' }],
  ['both keys in one header', { 'X-Countersign-Key': `${CHECK_KEY},${OTHER_CHECK_KEY}` }],
  ['the key as a bearer token', { Authorization: `Bearer ${CHECK_KEY}` }],
  ['the local key in the wrong header', { 'X-Countersign-Key': API_KEY }],
  ['a wrong local key', { 'X-Api-Key': `${API_KEY}x` }],
])('a check with %s is answered 401, and nothing else happens', async (_what, headers) => {
  const check = scene.waiting();
  const answer = await scene.send(check, { headers: { 'X-Countersign-Key': undefined, ...headers } });
  expectProblem(answer, 401, 'unauthenticated');
  expect(answer.headers.get('www-authenticate')).toBe('Bearer');
});

test('who is not let in is answered at once: no body is waited for, however long it was announced', async () => {
  for (const announced of ['Content-Length: 100000000', 'Transfer-Encoding: chunked']) {
    const answer = await sendRaw(
      scene.url,
      `POST /api/azure-devops/checks HTTP/1.1\r\nHost: x\r\nX-Countersign-Key: wrong\r\n${announced}\r\n\r\n`,
    );
    expect(answer.status).toBe(401);
  }
});

test('who is not let in learns nothing about what else is wrong', async () => {
  const sent = { headers: { 'X-Countersign-Key': 'wrong', PlanUrl: 'https://evil.example/' }, body: 'no JSON' };
  expectProblem(await scene.send(scene.waiting(), sent), 401, 'unauthenticated');
});

test('a server that PlanUrl names is not called, whatever it is', async () => {
  const stranger = await startStranger();
  const { host } = new URL(scene.azureDevOps.url);
  for (const PlanUrl of [
    `${stranger.url}/contoso/`,
    `http://${host}@${new URL(stranger.url).host}/contoso/`,
    `${scene.azureDevOps.url}/otherorg/`,
    `${scene.azureDevOps.url}/contoso/../otherorg/`,
    `${scene.azureDevOps.url}/%63ontoso/`,
    scene.azureDevOps.organizationUrl().replace('127.0.0.1', 'localhost'),
    scene.azureDevOps.organizationUrl().replace('http:', 'https:'),
  ]) {
    expectProblem(await scene.send(scene.waiting(), { headers: { PlanUrl } }), 403, 'unknown-organization');
  }
  expect(stranger.received).toEqual([]);
});

test.each(['PlanUrl', 'ProjectId', 'HubName', 'PlanId', 'JobId', 'TimelineId', 'TaskInstanceId', 'AuthToken'])(
  'header %s is needed, and the answer names it',
  async (header) => {
    for (const value of [undefined, '']) {
      const answer = await scene.send(scene.waiting(), { headers: { [header]: value } });
      expectProblem(answer, 400, 'field-invalid');
      expect(answer.json['field']).toBe(header);
    }
  },
);

test.each([
  ['ProjectId', 'Shop'],
  ['ProjectId', '../../otherorg'],
  ['PlanId', '$(system.PlanId)'],
  ['PlanId', '{11111111-1111-4111-8111-111111111111}'],
  ['JobId', '11111111-1111-4111-8111-11111111111'],
  ['TimelineId', '11111111-1111-4111-8111-111111111111, 11111111-1111-4111-8111-111111111111'],
  ['TaskInstanceId', "11111111-1111-4111-8111-111111111111' or 1 eq 1"],
  ['HubName', 'checks/../build'],
  ['HubName', 'elsewhere'],
  ['PlanUrl', `https://dev.azure.com/${'x'.repeat(500)}`],
  ['AuthToken', 'x'.repeat(16_001)],
])('header %s of another form (%s) is answered 400, and what it held is not repeated', async (header, value) => {
  const answer = await scene.send(scene.waiting(), { headers: { [header]: value } });
  expectProblem(answer, 400, 'field-invalid');
  expect(answer.json['field']).toBe(header);
  expect(answer.text).not.toContain(value.slice(0, 30));
});

test.each([
  ['runId', { ...RUN, runId: undefined }],
  ['runId', { ...RUN, runId: '$(Build.BuildId)' }],
  ['runId', { ...RUN, runId: '' }],
  ['runId', { ...RUN, runId: '0' }],
  ['runId', { ...RUN, runId: 0 }],
  ['runId', { ...RUN, runId: -7 }],
  ['runId', { ...RUN, runId: 7.5 }],
  ['runId', { ...RUN, runId: '7e2' }],
  ['runId', { ...RUN, runId: '0x7' }],
  ['runId', { ...RUN, runId: ' 7' }],
  ['runId', { ...RUN, runId: '7/../8' }],
  ['runId', { ...RUN, runId: '٧' }],
  ['runId', { ...RUN, runId: 2_147_483_648 }],
  ['runId', { ...RUN, runId: '9999999999' }],
  ['runId', { ...RUN, runId: 1e300 }],
  ['runId', { ...RUN, runId: null }],
  ['runId', { ...RUN, runId: [7] }],
  ['runId', { ...RUN, runId: { $gt: 0 } }],
  ['stage', { ...RUN, stage: undefined }],
  ['stage', { ...RUN, stage: '' }],
  ['stage', { ...RUN, stage: 1 }],
  ['stage', { ...RUN, stage: 'x'.repeat(201) }],
  ['stage', { ...RUN, stage: 'a\u0000b' }],
  ['stage', '{"runId":7,"stage":"\\ud800","environment":"prod"}'],
  ['environment', { ...RUN, environment: undefined }],
  ['environment', { ...RUN, environment: ['prod'] }],
  ['environment', { ...RUN, environment: null }],
  ['service', { ...RUN, service: null }],
  ['service', { ...RUN, service: 'a\nb' }],
  ['artifact', { ...RUN, artifact: 'x'.repeat(501) }],
  ['artifact', { ...RUN, artifact: {} }],
  ['approved', { ...RUN, approved: true }],
  ['Stage', { ...RUN, Stage: 'Deploy' }],
])('field %s of %j is answered 400, naming it', async (field, body) => {
  const answer = await scene.send(scene.waiting(), { body });
  expectProblem(answer, 400, 'field-invalid');
  expect(answer.json['field']).toBe(field);
});

test.each([
  ['stage', { ...RUN, stage: '' }, 'field stage: is empty'],
  ['stage', { ...RUN, stage: ' \t ' }, 'field stage: is empty'],
  ['stage', { ...RUN, stage: undefined }, 'field stage: is missing'],
  ['stage', { ...RUN, stage: 1 }, 'field stage: must be text'],
  ['stage', { ...RUN, stage: 'x'.repeat(201) }, 'field stage: is longer than 200 characters'],
  ['service', { ...RUN, service: null }, 'field service: must be text'],
  ['artifact', { ...RUN, artifact: 'x'.repeat(501) }, 'field artifact: is longer than 500 characters'],
])('what is wrong with field %s of %j is said in plain words', async (_field, body, detail) => {
  expect((await scene.send(scene.waiting(), { body })).json['detail']).toBe(detail);
});

test.each([
  ['PlanId', undefined, 'header PlanId: is missing'],
  ['PlanId', 'x', 'header PlanId: must be a GUID'],
  ['HubName', undefined, 'header HubName: is missing'],
  ['AuthToken', '', 'header AuthToken: is empty'],
  ['PlanUrl', 'x'.repeat(501), 'header PlanUrl: is longer than 500 characters'],
])('what is wrong with header %s (%s) is said in plain words', async (header, value, detail) => {
  expect((await scene.send(scene.waiting(), { headers: { [header]: value } })).json['detail']).toBe(detail);
});

test('an unknown field is named by its beginning only', async () => {
  const answer = await scene.send(scene.waiting(), { body: { ...RUN, [`x${'y'.repeat(5_000)}`]: 1 } });
  expectProblem(answer, 400, 'field-invalid');
  expect(answer.text.length).toBeLessThan(500);
});

test.each([['[]'], ['null'], ['7'], ['"text"'], ['[{"runId":7}]']])('the body %s is no object', async (body) => {
  const answer = await scene.send(scene.waiting(), { body });
  expectProblem(answer, 400, 'field-invalid');
  expect(answer.json['detail']).toContain('must be an object');
});

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

test.each<[string, unknown, number, string, string]>([
  ['nothing', '', 400, 'body-invalid', 'body-missing'],
  ['no JSON', '{"runId":7', 400, 'body-invalid', 'not-json'],
  ['more than 64 KiB', { ...RUN, artifact: 'x'.repeat(64 * 1024) }, 413, 'body-too-large', 'body-too-large'],
  ['65 levels', deep(65), 400, 'body-invalid', 'json-too-deep'],
  ['10,000 levels', deep(10_000), 400, 'body-invalid', 'json-too-deep'],
  ['__proto__', '{"__proto__":{"admin":true},"runId":7}', 400, 'body-invalid', 'forbidden-key'],
  ['an escaped __proto__', '{"\\u005f_proto__":{"admin":true}}', 400, 'body-invalid', 'forbidden-key'],
  ['constructor', '{"constructor":{"prototype":{"admin":true}}}', 400, 'body-invalid', 'forbidden-key'],
  ['a __proto__ within', '{"runId":{"__proto__":{"admin":true}}}', 400, 'body-invalid', 'forbidden-key'],
  ['a __proto__ in a list', '[{"prototype":{"admin":true}}]', 400, 'body-invalid', 'forbidden-key'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), 400, 'body-invalid', 'not-utf8'],
])('a body of %s is refused', async (_what, body, status, code, reason) => {
  const answer = await scene.send(scene.waiting(), { body });
  expectProblem(answer, status, code);
  expect(answer.json['reason']).toBe(reason);
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

test.each([
  ['Content-Type', 'text/plain', 'unsupported-type'],
  ['Content-Type', 'application/x-www-form-urlencoded', 'unsupported-type'],
  ['Content-Type', 'application/json; charset=utf-16', 'unsupported-type'],
  ['Content-Encoding', 'br', 'unsupported-encoding'],
  ['Content-Encoding', 'gzip, gzip', 'unsupported-encoding'],
])('%s %s is answered 415', async (header, value, reason) => {
  const answer = await scene.send(scene.waiting(), { headers: { [header]: value } });
  expectProblem(answer, 415, 'body-unsupported');
  expect(answer.json['reason']).toBe(reason);
});

test('a small body that inflates to megabytes is answered 413', async () => {
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 0x20));
  const answer = await scene.send(scene.waiting(), { headers: { 'Content-Encoding': 'gzip' }, body: bomb });
  expectProblem(answer, 413, 'body-too-large');
});

test('another method is answered 405 and names the right one', async () => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const answer = await answerOf(await fetch(`${scene.url}/api/azure-devops/checks`, { method }));
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe('POST');
  }
});
