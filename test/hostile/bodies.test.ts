import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, createEntra } from '../fakes/entra.ts';
import { sendRaw } from '../fakes/hostile-http.ts';
import { alex, approvalOf } from './asked-gate.ts';
import { HOSTILE_BODIES, PROTOTYPE_SHAPES } from './bodies.ts';

// Hostile bodies on the whole product: every route that reads a body.

const entra = await createEntra();

const ROUTES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/api/messages': {},
  '/api/azure-devops/checks': { 'x-countersign-key': CHECK_KEY },
  [`/api/findings?service=payments-api&commit=${'a'.repeat(40)}`]: { 'x-api-key': API_KEY },
  [`/api/requests/${'a'.repeat(16)}/decision`]: { authorization: `Bearer ${await entra.person(alex.oid)}` },
};
const PATHS = Object.keys(ROUTES);

let scene: CheckScene;
let before: readonly string[];
beforeAll(async () => {
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
  await scene.teams.install(alex);
  before = await scene.rows();
});
afterEach(async () => {
  expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
  expect(await scene.rows()).toEqual(before);
  expect(({} as Record<string, unknown>)['isOwner']).toBeUndefined();
});
afterAll(() => scene.close());

function begin(path: string, headers: Readonly<Record<string, string>> = {}): ClientRequest {
  const all = { 'content-type': 'application/json', ...checkHeaders(path), ...ROUTES[path], ...headers };
  return request(`${scene.url}${path}`, { method: 'POST', headers: all, agent: false });
}

/** With the headers of a true check, so that the body is what is refused. */
function checkHeaders(path: string): Readonly<Record<string, string>> {
  return path.includes('checks') ? scene.azureDevOps.deliveryOf(scene.waiting()).headers : {};
}

async function answerTo(sent: ClientRequest): Promise<{ readonly status: number; readonly text: string }> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const inUse = () => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/** How much more memory was in use at once while this ran, in bytes. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  const start = inUse();
  let most = start;
  const watch = setInterval(() => {
    most = Math.max(most, inUse());
  }, 1);
  await work().finally(() => clearInterval(watch));
  return most - start;
}

/** Without what nobody holds any more. */
function held(): number {
  collectGarbage();
  return inUse();
}

const JSON_ROUTES = PATHS.filter((path) => !path.startsWith('/api/findings'));
const ALLOWED_GROWTH = 64 * 1024 * 1024;

test.each(JSON_ROUTES.flatMap((path) => HOSTILE_BODIES.map((hostile) => ({ path, ...hostile }))))(
  '$path answers $what with $status',
  async ({ path, body, headers, status }) => {
    const bytes = body();
    const growth = await growthOf(async () => {
      const answer = await answerTo(begin(path, headers).end(bytes));
      expect(answer.status).toBe(status);
      expect(JSON.parse(answer.text)).toMatchObject({ status });
    });
    expect(growth).toBeLessThan(ALLOWED_GROWTH);
  },
);

test.each(HOSTILE_BODIES)('a report of $what is refused as a whole', async ({ body, headers, reportStatus }) => {
  const bytes = body();
  const growth = await growthOf(async () => {
    const answer = await answerTo(begin(PATHS[2] ?? '/api/messages', headers).end(bytes));
    expect(reportStatus === undefined ? [400, 413, 415, 422] : [reportStatus]).toContain(answer.status);
    expect(JSON.parse(answer.text)).toMatchObject({ status: answer.status });
  });
  expect(growth).toBeLessThan(ALLOWED_GROWTH);
});

test.each(PATHS.flatMap((path) => [false, true].map((gzip) => [path, gzip] as const)))(
  '%s ends a body that never ends (compressed: %s), and answers others meanwhile',
  async (path, gzip) => {
    const sent = begin(path, { 'transfer-encoding': 'chunked', ...(gzip && { 'content-encoding': 'gzip' }) });
    sent.on('error', () => undefined);
    // Who never stops sending may find the connection closed before reading the answer.
    const ended = answerTo(sent).then(
      ({ status }) => status,
      () => 'closed' as const,
    );
    let end: number | 'closed' | undefined;
    const finished = ended.then((value) => {
      end = value;
    });
    const piece = gzip ? gzipSync(Buffer.alloc(1024 * 1024, 0x20)) : Buffer.alloc(64 * 1024, 0x20);
    const start = held();
    let most = start;
    // Reports may be 512 MiB: of those this sends 96, and hangs up.
    for (let n = 0; n < 1_536 && end === undefined; n += 1) {
      if (!sent.write(piece)) await Promise.race([once(sent, 'drain').catch(() => finished), finished]);
      if (n % 256 !== 255) continue;
      most = Math.max(most, held());
      expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
    }
    if (gzip || JSON_ROUTES.includes(path)) {
      await finished;
      expect([413, 'closed']).toContain(end);
    } else sent.destroy();
    expect(most - start).toBeLessThan(ALLOWED_GROWTH);
  },
);

test.each(JSON_ROUTES)('%s answers a body of one byte a second with 408 after its 15 seconds', async (path) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const sent = begin(path, { 'content-length': '1000' });
    const answered = answerTo(sent);
    const received = new Promise((resolve) => scene.app.server.once('request', resolve));
    sent.write('{');
    await received;
    let status: number | undefined;
    void answered.then((answer) => {
      status = answer.status;
    });
    let seconds = 0;
    // Its seconds count from when it is read: who sends it is made sure of before.
    for (; status === undefined && seconds < 100; seconds += 1) {
      sent.write(' ');
      expect((await fetch(`${scene.url}/.well-known/jwks.json`)).status).toBe(200);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(status).toBe(408);
    expect(seconds).toBeGreaterThanOrEqual(15);
  } finally {
    vi.useRealTimers();
  }
});

test.each(PATHS)('%s stores nothing of a body that is shorter than was announced', async (path) => {
  const sent = begin(path, { 'content-length': '1000' });
  sent.on('error', () => undefined);
  const received = new Promise<IncomingMessage>((resolve) => scene.app.server.once('request', resolve));
  sent.write('{"type":"message","text":"approvals"}');
  const { socket } = await received;
  const closed = once(socket, 'close');
  sent.destroy();
  await closed;
});

test.each(PATHS)('%s takes what is longer than was announced for another request, and refuses that', async (path) => {
  const headers = Object.entries({ ...checkHeaders(path), ...ROUTES[path] }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = [`POST ${path} HTTP/1.1`, 'Host: x', ...headers.filter((line) => !/^content-/i.test(line))];
  const smuggled = 'POST /api/messages HTTP/1.1\r\n';
  const answer = await sendRaw(
    scene.url,
    [...head, 'Content-Type: application/json', 'Content-Length: 2', '', `{}${smuggled}`].join('\r\n'),
  );
  expect([400, 415, 422]).toContain(answer.status);
});

test.each(PROTOTYPE_SHAPES)('%s reaches no prototype, at whatever route', async (shape) => {
  for (const path of PATHS) {
    const { status } = await answerTo(begin(path).end(shape));
    expect([400, 422], path).toContain(status);
  }
});

test.each(PROTOTYPE_SHAPES)('%s in a part of an activity or check is refused', async (shape) => {
  const click = approvalOf(scene, 'a'.repeat(16));
  for (const part of ['value', 'channelData', 'from', 'conversation', 'entities', 'text']) {
    const body = JSON.stringify({ ...click, [part]: '@' }).replace('"@"', shape);
    expect((await answerTo(begin('/api/messages').end(body))).status, part).toBe(400);
  }
  for (const field of ['runId', 'stage', 'environment', 'service', 'artifact', 'extra']) {
    const body = JSON.stringify({ runId: 1, stage: 'x', environment: 'prod', [field]: '@' }).replace('"@"', shape);
    expect((await answerTo(begin('/api/azure-devops/checks').end(body))).status, field).toBe(400);
  }
});

test.each(['__proto__[isOwner]', 'constructor[prototype][isOwner]', '__proto__.isOwner', '__proto__', 'constructor'])(
  'the parameter %s reaches no prototype',
  async (name) => {
    const query = new URLSearchParams({ service: 'payments-api', commit: 'a'.repeat(40), [name]: 'true' });
    const headers = { 'x-api-key': API_KEY };
    const report = await fetch(`${scene.url}/api/findings?${query}`, { method: 'POST', headers, body: '{}' });
    expect(report.status).toBe(400);
    expect((await fetch(`${scene.url}/health?${query}`, { headers })).status).toBe(200);
  },
);

test('connections that send nothing do not keep others from being answered', async () => {
  const { hostname, port } = new URL(scene.url);
  const silent = Array.from({ length: 200 }, () => connect(Number(port), hostname));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  expect((await fetch(`${scene.url}/readyz`)).status).toBe(200);
  for (const socket of silent) socket.destroy();
});
