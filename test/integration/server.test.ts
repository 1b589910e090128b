import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Request, Response as ServerAnswer } from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createServer } from '../../bot/server.ts';
import { SignerUnavailableError } from '../../services/ports/signer.ts';
import { ConflictError, StoreUnavailableError } from '../../services/ports/table.ts';
import { VaultUnavailableError } from '../../services/ports/vault.ts';
import { answerOf, expectProblem } from '../fakes/check-scene.ts';
import { sendRaw } from '../fakes/hostile-http.ts';

type Handler = (request: Request, response: ServerAnswer) => Promise<void>;

const PATHS: Readonly<Record<string, string>> = {
  '/api/messages': 'POST',
  '/api/azure-devops/checks': 'POST',
  '/api/findings': 'POST',
  '/api/requests': 'GET',
  '/api/requests/x': 'GET',
  '/.well-known/jwks.json': 'GET',
  '/livez': 'GET',
  '/readyz': 'GET',
  '/health': 'GET',
};

const fine: Handler = async (_request, response) => void response.json({});

/** What the routes do in this test, and what was reported as failed. */
let check: Handler;
let ready: boolean;
let alive: boolean;
let activities: unknown[];
let failed: { readonly requestId: string; readonly path: string; readonly err: unknown }[];
let refused: { readonly path: string; readonly status: number; readonly code: string }[];
let server: ReturnType<typeof createServer>;
let url: string;

beforeEach(async () => {
  [ready, alive, activities, failed, refused] = [true, true, [], [], []];
  check = async (_request, response) => void response.json({ fine: true });
  server = createServer({
    messages: async ({ body }, response) => {
      activities.push(body);
      response.end();
    },
    check: (request, response) => check(request, response),
    events: fine,
    azureEvents: fine,
    findings: async (_request, response) => void response.json({}),
    requestsOfRun: fine,
    request: fine,
    signedDecision: fine,
    decide: fine,
    requestException: fine,
    importExceptions: fine,
    evidence: fine,
    jwks: fine,
    alive: async () => alive,
    ready: async () => ready,
    health: async (_request, response) => void response.json({ store: 'ok' }),
    failed: (data) => failed.push(data),
    refused: (data) => refused.push(data),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  expect((await fetch(`${url}/livez`)).status).toBe(200);
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const get = async (path: string, init: RequestInit = {}) => answerOf(await fetch(`${url}${path}`, init));
const raw = (text: string) => sendRaw(url, text.replaceAll('\n', '\r\n'));

test('it is alive, whatever its store says', async () => {
  ready = false;
  expect(await get('/livez')).toMatchObject({ status: 200, json: { status: 'alive' } });
});

test('it is not alive while its event loop is late', async () => {
  alive = false;
  expect(await get('/livez')).toMatchObject({ status: 503, json: { status: 'not alive' } });
  alive = true;
});

test('it is ready when what it needs is', async () => {
  expect(await get('/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } });
  ready = false;
  expect(await get('/readyz')).toMatchObject({ status: 503, json: { status: 'not ready' } });
});

test('every answer has an id of its own, is not to be kept, and does not say what serves it', async () => {
  const answers = await Promise.all([get('/livez'), get('/livez'), get('/nowhere'), get('/api/findings')]);
  expect(new Set(answers.map(({ headers }) => headers.get('x-request-id'))).size).toBe(4);
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toBe('no-store');
    for (const name of ['x-powered-by', 'etag', 'server']) expect(headers.has(name)).toBe(false);
  }
});

test.each([
  '/',
  '/api',
  '/api/checks',
  '/%zz',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/livez/..%2fhealth',
  '/__proto__',
  '/api/findings/x',
  '/api/requests/%zz',
  '/api/requests/x/decision/y',
  '/.well-known/',
  '/favicon.ico',
])('there is nothing at %s', async (path) => {
  expectProblem(await get(path), 404, 'not-found');
});

test.each(Object.entries(PATHS))('%s takes %s and nothing else', async (path, method) => {
  for (const other of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    if (other === method) continue;
    const answer = await get(path, { method: other });
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toContain(method);
  }
});

test('a decision is read and taken at one address, and nothing else is done there', async () => {
  const path = '/api/requests/x/decision';
  for (const method of ['GET', 'POST']) expect((await get(path, { method })).status).toBe(200);
  for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const answer = await get(path, { method });
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  }
});

test('an activity reaches Teams as JSON of at most 256 KiB', async () => {
  const post = (body: string, type = 'application/json') =>
    get('/api/messages', { method: 'POST', body, headers: { 'Content-Type': type } });
  expect((await post('{"type":"message"}')).status).toBe(200);
  expectProblem(await post(`{"text":"${'x'.repeat(256 * 1024)}"}`), 413, 'body-too-large');
  expectProblem(await post('{"type":"message"'), 400, 'body-invalid');
  expectProblem(await post('{"__proto__":{"isOwner":true}}'), 400, 'body-invalid');
  expectProblem(await post('[[[[[[[['.repeat(1_000)), 400, 'body-invalid');
  expectProblem(await post('type=message', 'application/x-www-form-urlencoded'), 415, 'body-unsupported');
  expect(activities).toEqual([{ type: 'message' }]);
});

test.each([
  ['a store that does not answer', new StoreUnavailableError('AccountKey=s3cret'), 503, 'unavailable'],
  ['a key that does not seal', new VaultUnavailableError('s3cret'), 503, 'unavailable'],
  ['a key that does not sign', new SignerUnavailableError('s3cret'), 503, 'unavailable'],
  ['two writers at once', new ConflictError('row x'), 503, 'unavailable'],
  ['anything else', new TypeError('s3cret of undefined'), 500, 'internal-error'],
  ['something that is no error', 's3cret', 500, 'internal-error'],
])(
  'the fault of %s is reported under the id that the caller sees, and told without its text',
  async (_what, err, status, code) => {
    check = () => Promise.reject(err);
    const answer = await get('/api/azure-devops/checks', { method: 'POST' });
    expectProblem(answer, status, code);
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
    expect(answer.text).not.toMatch(/s3cret|row x|undefined/);
    expect(failed).toEqual([{ requestId: answer.json['instance'], path: '/api/azure-devops/checks', err }]);
  },
);

test('what is refused is told with its reason and its route, and never with its address', async () => {
  await get('/nowhere/secret');
  await get('/api/requests/secret', { method: 'PUT' });
  expect(refused).toEqual([
    { path: 'none', status: 404, code: 'not-found' },
    { path: '/api/requests/:id', status: 405, code: 'method-not-allowed' },
  ]);
  expect(failed).toEqual([]);
});

test('a fault that is thrown at once is a fault all the same', async () => {
  check = () => {
    throw new Error('at once');
  };
  expectProblem(await get('/api/azure-devops/checks', { method: 'POST' }), 500, 'internal-error');
});

test('an answer that has begun when the fault comes is cut off, never passed off as whole', async () => {
  check = async (_request, response) => {
    response.setHeader('Content-Length', '100');
    response.write('{"requestId":');
    throw new Error('in the middle');
  };
  await expect(get('/api/azure-devops/checks', { method: 'POST' })).rejects.toThrow();
  expect(failed).toHaveLength(1);
});

test.each<[string, string, number]>([
  ['no HTTP at all', 'hello\n\n', 400],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\n\n', 400],
  ['another version', 'GET /livez HTTP/9.9\n\n', 400],
  ['a header without a name', 'GET /livez HTTP/1.1\nHost: x\n: y\n\n', 400],
  ['a header on two lines', 'GET /livez HTTP/1.1\nHost: x\nA: b\n c d\n\n', 400],
  ['two lengths', 'POST /api/findings HTTP/1.1\nHost: x\nContent-Length: 1\nContent-Length: 2\n\nab', 400],
  [
    'a length and chunks',
    'POST /api/findings HTTP/1.1\nHost: x\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n',
    400,
  ],
  ['40 KiB of headers', `GET /livez HTTP/1.1\nHost: x\nA: ${'b'.repeat(40 * 1024)}\n\n`, 431],
])('%s is answered with a problem, too', async (_what, text, status) => {
  const { body, ...answer } = await raw(text);
  expectProblem({ ...answer, text: body, json: JSON.parse(body) }, status, 'request-unreadable');
  expect(answer.headers.get('connection')).toBe('close');
});

test('a job token of 16,000 characters fits into the headers, with what comes with it', async () => {
  let received = 0;
  check = async (request, response) => {
    received = request.get('AuthToken')?.length ?? 0;
    response.json({});
  };
  await get('/api/azure-devops/checks', {
    method: 'POST',
    headers: { AuthToken: 'x'.repeat(16_000), PlanUrl: 'y'.repeat(500) },
  });
  expect(received).toBe(16_000);
});

test('a body that breaks off within its chunks ends that connection alone', async () => {
  const ended = new Promise<boolean>((resolve) => {
    check = (request, response) =>
      new Promise((done) => {
        request.on('error', () => resolve(true)).resume();
        response.on('close', done);
      });
  });
  const answer = await raw('POST /api/azure-devops/checks HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\n');
  expect(await ended).toBe(true);
  expect(answer.status).toBe(0);
});

test('a slow caller is cut off: headers within 10 seconds, a whole request within 10 minutes', () => {
  expect(server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 600_000, keepAliveTimeout: 65_000 });
});
