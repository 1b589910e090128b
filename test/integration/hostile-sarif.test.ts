import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';

let scene: CheckScene;
let number = 0;
/** Each test has a commit of its own. */
let commit: string;
beforeAll(async () => {
  scene = await setCheckScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  number += 1;
  commit = number.toString(16).padStart(40, 'd');
});
afterEach(async () => {
  expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
});

type Body = string | Uint8Array<ArrayBuffer>;

const address = () => `${scene.url}/api/findings?service=payments-api&commit=${commit}`;

async function send(body: Body, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const options = { method: 'POST', headers: { 'X-Api-Key': API_KEY, ...headers }, body };
  return answerOf(await fetch(address(), options));
}

/** Sends what must be refused: no row of any table comes, goes or changes. */
async function refused(body: Body, status: number, reason: string, headers = {}): Promise<string> {
  const before = await scene.rows();
  const answer = await send(body, headers);
  expect(await scene.rows()).toEqual(before);
  expectProblem(answer, status, 'report-refused');
  expect(answer.json['reason']).toBe(reason);
  return String(answer.json['detail']);
}

const problem = { ruleId: 'aws-key', message: { text: 'A key was found' } };

function logOf(run: object, tool = 'gitleaks'): string {
  const runs = [{ tool: { driver: { name: tool } }, ...run }];
  return JSON.stringify({ version: '2.1.0', runs });
}

const LOG = logOf({ results: [problem] });
const CLEAN = logOf({ results: [] });

test.each([
  ['two lists of results, the last one empty', LOG.replace(']}]}', '],"results":[]}]}'), 'at /runs/0'],
  ['two lists of results, the first one empty', LOG.replace('"results":', '"results":[],"results":'), 'at /runs/0'],
  ['two lists of runs', LOG.replace(']}]}', ']}],"runs":[]}'), 'at /'],
  ['two tools', LOG.replace('"results"', '"tool":{"driver":{"name":"trivy"}},"results"'), 'at /runs/0'],
  ['two names of its tool', LOG.replace('"name"', '"name":"trivy","name"'), 'at /runs/0/tool/driver'],
  ['two versions', LOG.replace('"version"', '"version":"2.1.0","version"'), 'at /'],
  ['escaped results', LOG.replace('"results"', '"res\\u0075lts"'), 'at /runs/0'],
  ['escaped and plain results', LOG.replace('"results":', '"res\\u0075lts":[],"results":'), 'at /runs/0'],
  ['escaped runs', LOG.replace('"runs"', '"run\\u0073"'), 'at /'],
  ['null for a run', '{"version":"2.1.0","runs":[null]}', 'runs[0]'],
  ['null for a result', logOf({ results: [problem, null] }), 'runs[0].results.1'],
  ['an object for its results', logOf({ results: { 0: problem } }), 'runs[0].results'],
  ['a broken result after a good one', LOG.replace('}]}]}', '},{"ruleId":}]}]}'), 'at /runs/0/results/1'],
  ['its last byte missing', CLEAN.slice(0, -1), 'cut off'],
])(
  'a report with %s is refused as malformed, by its place, and nothing of it is stored',
  async (_what, body, place) => {
    expect(await refused(body, 400, 'malformed')).toContain(place);
  },
);

test.each([
  ['null', 'null', 'unknown-format'],
  ['no runs, but null', '{"version":"2.1.0","runs":null}', 'no-scan'],
  ['no results, but null', logOf({ results: null }), 'no-scan'],
  ['no results', logOf({}), 'no-scan'],
  [
    'results in another file',
    logOf({ results: [], externalPropertyFileReferences: { results: [{ location: { uri: 'r.sarif' } }] } }),
    'no-scan',
  ],
  [
    'results apart from their run',
    CLEAN.replace('"runs"', `"inlineExternalProperties":[{"results":[${JSON.stringify(problem)}]}],"runs"`),
    'no-scan',
  ],
  ['results in a list of other files', logOf({ results: [], externalPropertyFileReferences: [{}] }), 'no-scan'],
  [
    'results apart from their run, in no list',
    CLEAN.replace('"runs"', `"inlineExternalProperties":{"results":[${JSON.stringify(problem)}]},"runs"`),
    'no-scan',
  ],
  ['a failure and no results', logOf({ invocations: [{ executionSuccessful: false }], results: [] }), 'scan-failed'],
])('a report that says %s proves nothing clean', async (_what, body, reason) => {
  await refused(body, 422, reason);
});

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

test.each([
  ['UTF-16 with half a character at its end', utf16(CLEAN).subarray(0, -1)],
  ['UTF-16 with half a surrogate pair', utf16(LOG.replace('key was', 'key \uD800 was'))],
  ['UTF-8 with bytes of Latin-1', Buffer.from(LOG.replace('key was', 'k\u00EBy was'), 'latin1')],
  ['UTF-8 that ends in the middle of a character', Buffer.from(`${CLEAN}\u20AC`).subarray(0, -1)],
  ['UTF-8 with a byte order mark in the middle', Buffer.from(CLEAN.replace('"runs"', '\uFEFF"runs"'))],
])('%s is refused, and nothing of it is stored', async (_what, body) => {
  await refused(body, 400, 'malformed');
});

test('in every encoding that tools write it is the same report', async () => {
  const text = LOG.replace('A key', 'A k\u00EBy \u{1F511}');
  const first = await send(Buffer.from(text));
  expect(first).toMatchObject({ status: 200, json: { findings: 1, new: 1 } });
  const stored = await scene.rows();
  const marked = `\uFEFF${text}`;
  for (const body of [Buffer.from(marked), utf16(text), utf16(marked), utf16(text).swap16(), utf16(marked).swap16()]) {
    expect(await send(body)).toMatchObject({ status: 200, json: { reportId: first.json['reportId'], known: 1 } });
    expect(await scene.rows()).toEqual(stored);
  }
});

test("Black Duck's fingerprints, objects against the standard, do no harm: its findings are known again", async () => {
  const result = (key: string, value: string) => ({ ...problem, fingerprints: { [key]: { value } } });
  const report = (...results: readonly object[]) => logOf({ results }, 'Black Duck');
  const first = await send(report(result('csvRowSha256', '0a'), result('componentId', '0b')));
  expect(first).toMatchObject({ status: 200, json: { tool: 'black-duck', findings: 2, new: 2 } });
  // The checksum of a row is another one when any column changes: it tells nothing.
  const next = await send(report(result('csvRowSha256', '0c'), result('componentId', '0d')));
  expect(next).toMatchObject({ status: 200, json: { new: 1, known: 1, gone: 1 } });
});

/** Sends the pieces until it is answered, then goes away: the status. */
async function sendOn(pieces: Iterable<string>, headers: Readonly<Record<string, string | number>>): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const sending = request(address(), { method: 'POST', headers: { 'X-Api-Key': API_KEY, ...headers } });
    sending.on('error', (error) => (answered ? undefined : reject(error)));
    sending.on('response', ({ statusCode = 0 }) => {
      answered = true;
      resolve(statusCode);
      sending.destroy();
    });
    const left = pieces[Symbol.iterator]();
    const write = (): void => {
      const { done, value } = left.next();
      if (done !== true && !answered) sending.write(value, () => setImmediate(write));
    };
    write();
  });
}

function* endless(): Generator<string> {
  yield `${LOG.slice(0, -4)},{"graphs":`;
  for (;;) yield '['.repeat(65_536);
}

test('a report without end is answered while it is still being sent, and nothing of it is stored', async () => {
  const before = await scene.rows();
  expect(await sendOn(endless(), {})).toBe(400);
  expect(await scene.rows()).toEqual(before);
});

test('a report whose sender goes away in the middle leaves nothing', async () => {
  const before = await scene.rows();
  const headers = { 'X-Api-Key': API_KEY, 'Content-Length': String(LOG.length) };
  await new Promise<void>((resolve) => {
    const sending = request(address(), { method: 'POST', headers });
    sending.on('error', () => resolve());
    sending.write(LOG.slice(0, -1), () => sending.destroy(new Error('gone')));
  });
  // Whatever is still being done with the part that came is done before another report is answered.
  await refused('', 400, 'malformed');
  expect(await scene.rows()).toEqual(before);
});

test('a report that says it is larger than 512 MiB is answered before it is read', async () => {
  const before = await scene.rows();
  expect(await sendOn([LOG], { 'Content-Length': 512 * 1024 * 1024 + 1 })).toBe(413);
  expect(await scene.rows()).toEqual(before);
});

test('a broken report is refused compressed as it is plain', async () => {
  const twice = LOG.replace('"results":', '"results":[],"results":');
  await refused(gzipSync(twice), 400, 'malformed', { 'Content-Encoding': 'gzip' });
});
