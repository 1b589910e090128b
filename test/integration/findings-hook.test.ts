import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';

let scene: CheckScene;
let number = 0;
/** Each test has a commit of its own, so that none sees another's scans. */
let commit: string;
beforeAll(async () => {
  scene = await setCheckScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  number += 1;
  commit = number.toString(16).padStart(40, 'c');
});
afterEach(async () => {
  scene.azureDevOps.faults.clear();
  scene.tables.down = false;
  expect((await fetch(`${scene.url}/livez`)).status).toBe(200);
});

type Query = Readonly<Record<string, string | undefined>>;
type Content = string | Uint8Array<ArrayBuffer>;

async function submit(body: Content, query: Query = {}, headers: Query = {}): Promise<Answer> {
  const given = (values: Query) =>
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const search = new URLSearchParams(given({ service: 'payments-api', commit, ...query }));
  return answerOf(
    await fetch(`${scene.url}/api/findings?${search}`, {
      method: 'POST',
      headers: given({ 'X-Api-Key': API_KEY, 'Content-Type': 'application/json', ...headers }),
      body,
    }),
  );
}

/** Sends it and shows that no row of any table came, went or changed. */
async function submitInVain(body: Content, query: Query = {}, headers: Query = {}): Promise<Answer> {
  const before = await scene.rows();
  const answer = await submit(body, query, headers);
  expect(await scene.rows()).toEqual(before);
  return answer;
}

const fixture = (name: string) => readFile(new URL(`../fixtures/sarif/${name}`, import.meta.url), 'utf8');

/** A gitleaks log with one secret of each rule. */
function leaksOf(...rules: readonly string[]): string {
  const results = rules.map((ruleId) => ({
    ruleId,
    message: { text: `${ruleId} was found` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/${ruleId}.ts` }, region: { startLine: 7 } } }],
  }));
  return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'gitleaks' } }, results }] });
}

/** What gates read of this commit; sent without a run, so nobody confirmed it. */
async function headsOf(of = commit): Promise<readonly string[]> {
  return (await scene.rows()).filter((row) => row.includes(`"s~${of}~secret~gitleaks~unverified"`));
}

test.each([
  ['no key', { 'X-Api-Key': undefined }],
  ['a wrong key', { 'X-Api-Key': `${API_KEY}x` }],
  ["a check's key", { 'X-Api-Key': undefined, 'X-Countersign-Key': CHECK_KEY }],
  ["a check's key for the local one", { 'X-Api-Key': CHECK_KEY }],
])('a report with %s is answered 401, unread', async (_what, headers) => {
  const calls = scene.tables.calls;
  expectProblem(await submit('no report', { service: '' }, headers), 401, 'unauthenticated');
  expect(scene.tables.calls).toBe(calls);
});

test('a report is answered with its counts and with what they mean, and nothing else', async () => {
  const answer = await submit(await fixture('gitleaks-orders.sarif'), { service: 'orders-api' });
  expect(answer.status).toBe(200);
  const { reportId, problems, ...counts } = answer.json;
  expect(reportId).toMatch(/^[0-9a-f]{32}$/);
  expect(problems).toEqual([expect.stringMatching(/^unverified: /)]);
  expect(counts).toEqual({
    tool: 'gitleaks',
    results: 1,
    findings: 1,
    new: 1,
    known: 0,
    gone: 0,
    reopened: 0,
    decisions: { block: 1, warn: 0, monitor: 0 },
    environments: [
      { environment: 'prod', block: 1, warn: 0, monitor: 0 },
      { environment: 'staging', block: 1, warn: 0, monitor: 0 },
    ],
    releases: [],
  });
});

test.each<[string, Query]>([
  ['service', { service: undefined }],
  ['service', { service: '' }],
  ['service', { service: 'x'.repeat(201) }],
  ['service', { service: 'a\u0000b' }],
  ['commit', { commit: undefined }],
  ['commit', { commit: 'main' }],
  ['commit', { commit: '3f2c9a1' }],
  ['commit', { commit: `${'c'.repeat(40)}/../x` }],
  ['environment', { environment: '' }],
  ['branch', { branch: 'x'.repeat(401) }],
  ['runId', { runId: 'latest' }],
  ['runId', { runId: '$(Build.BuildId)' }],
  ['runId', { runId: '0' }],
  ['runId', { runId: '4294967296' }],
  ['timing', { timing: 'sometimes' }],
  ['format', { format: 'x'.repeat(41) }],
  ['category', { category: 'feelings' }],
  ['verified', { verified: 'true' }],
  ['__proto__', { ['__proto__']: 'x' }],
  ['service[admin]', { 'service[admin]': 'x' }],
])('parameter %s of %j is answered 400, naming it', async (field, query) => {
  const answer = await submitInVain(leaksOf(), query);
  expectProblem(answer, 400, 'field-invalid');
  expect(answer.json['field']).toBe(field);
});

test.each([
  ['service', { service: '' }, 'is empty'],
  ['timing', { timing: 'sometimes' }, 'must be one of pre-merge, build, pre-deploy, post-deploy'],
  ['format', { format: 'x'.repeat(41) }, 'is longer than 40 characters'],
])('what is wrong with parameter %s of %j is said in plain words', async (field, query, wrong) => {
  const answer = await submitInVain(leaksOf(), query);
  expect(answer.json['detail']).toBe(`parameter ${field}: ${wrong}`);
});

test('a parameter that is given twice is answered 400', async () => {
  const address = `${scene.url}/api/findings?service=payments-api&service=orders-api&commit=${commit}`;
  const answer = await fetch(address, { method: 'POST', headers: { 'X-Api-Key': API_KEY }, body: leaksOf() });
  expect(await answerOf(answer)).toMatchObject({ status: 400, json: { field: 'service' } });
});

test('an environment that the contract does not have is answered 400', async () => {
  expectProblem(await submitInVain(leaksOf('a'), { environment: 'qa' }), 400, 'unknown-environment');
});

test.each([
  ['another commit', (run: { commit: string }) => ({ service: 'payments-api', commit: run.commit.replace(/^./, '0') })],
  ['another service', (run: { commit: string }) => ({ service: 'orders-api', commit: run.commit })],
])('a report for %s than its run built is answered 422', async (_what, query) => {
  const { run } = scene.waiting('payments-api');
  const sent = { ...query({ commit: `f${run.commit.slice(1)}` }), runId: String(run.id) };
  expectProblem(await submitInVain(leaksOf('a'), sent), 422, 'run-mismatch');
});

test('a report of a run that nobody has is answered 422', async () => {
  expectProblem(await submitInVain(leaksOf('a'), { runId: '999999' }), 422, 'run-not-found');
});

test('a report that agrees with its run is verified', async () => {
  const { run } = scene.waiting('payments-api');
  const answer = await submit(leaksOf('a'), { commit: run.commit.toUpperCase(), runId: String(run.id) });
  expect(answer).toMatchObject({ status: 200, json: { problems: [] } });
});

test('while Azure DevOps does not answer, a report that names its run is answered 503', async () => {
  const { run } = scene.waiting('payments-api');
  const query = { commit: run.commit, runId: String(run.id) };
  scene.azureDevOps.faults.add({ on: /builds/, status: 429, headers: { 'retry-after': '9' } });
  const answer = await submitInVain(leaksOf('a'), query);
  expectProblem(answer, 503, 'unavailable');
  expect(answer.headers.get('retry-after')).toBe('9');
});

test('while the store does not answer, a report is answered 503', async () => {
  scene.tables.down = true;
  expectProblem(await submitInVain(leaksOf('a')), 503, 'unavailable');
});

test('a report of an unknown service is taken, and says that it will never block by itself', async () => {
  const answer = await submit(leaksOf('a'), { service: 'nobody-knows' });
  expect(answer.status).toBe(200);
  expect(answer.json['problems']).toContainEqual(expect.stringMatching(/^no-context: .*nobody-knows/));
});

const SARIF = leaksOf('a');

test.each<[string, () => Promise<Content> | Content, number, string]>([
  ['empty', () => '', 400, 'malformed'],
  ['cut off', () => SARIF.slice(0, -3), 400, 'malformed'],
  ['not JSON', () => `${SARIF},`, 400, 'malformed'],
  ['a page of HTML', () => '<!DOCTYPE html><title>Sign in</title>', 422, 'unknown-format'],
  ['no UTF-8', () => Buffer.from(SARIF.replace('was', 'w\u00e4s'), 'latin1'), 400, 'malformed'],
  ['SARIF 2.0.0', () => SARIF.replace('2.1.0', '2.0.0'), 422, 'unsupported-version'],
  ['SARIF 1.0.0', () => SARIF.replace('2.1.0', '1.0.0'), 422, 'unsupported-version'],
  ['of a failed scan', () => fixture('failed-scan.sarif'), 422, 'scan-failed'],
  ['of no scan', () => fixture('no-scan.sarif'), 422, 'no-scan'],
  ['of no runs', () => '{"version":"2.1.0","runs":[]}', 422, 'no-scan'],
  ["another tool's own format", () => '{"spdxVersion":"SPDX-2.3","packages":[]}', 422, 'unknown-format'],
  ['an inventory', () => '{"bomFormat":"CycloneDX","components":[]}', 422, 'no-scan'],
  ['too deep', () => SARIF.replace('"a was found"', `${'['.repeat(70)}${']'.repeat(70)}`), 400, 'too-deep'],
  ['one entry of 9 MiB', () => leaksOf('x'.repeat(9 * 1024 * 1024)), 413, 'too-large'],
])('a report that is %s is refused, and nothing of it is stored', async (_what, content, status, reason) => {
  const answer = await submitInVain(await content());
  expectProblem(answer, status, 'report-refused');
  expect(answer.json['reason']).toBe(reason);
});

test('whoever floods a commit with invented tools is refused, whole, and keeps out no report of a confirmed run', async () => {
  const run = (name: string) => ({ tool: { driver: { name } }, results: [] });
  const invented = (from: number) =>
    JSON.stringify({ version: '2.1.0', runs: Array.from({ length: 25 }, (_, n) => run(`invented-${from + n}`)) });
  const { run: built } = scene.waiting('payments-api');
  for (let from = 0; from < 200; from += 25)
    expect((await submit(invented(from), { commit: built.commit, category: 'sast' })).status).toBe(200);

  const refused = await submitInVain(leaksOf('generic-api-key'), { commit: built.commit });
  expectProblem(refused, 422, 'report-refused');
  expect(refused.json).toMatchObject({ reason: 'too-many-tools', detail: expect.stringContaining('runId') });
  expect(
    (await submit(leaksOf('generic-api-key'), { commit: built.commit, runId: String(built.id) })).json,
  ).toMatchObject({ findings: 1 });
});

test('a format that is not read is refused by name', async () => {
  const answer = await submitInVain(SARIF, { format: 'excel' });
  expectProblem(answer, 422, 'report-refused');
  expect(answer.json).toMatchObject({ reason: 'unknown-format', detail: expect.stringContaining('"excel"') });
});

test('a scan that ended tomorrow is refused: it would never be too old', async () => {
  const endTimeUtc = new Date(Date.now() + 86_400_000).toISOString();
  const late = SARIF.replace(
    '"results"',
    `"invocations":[{"executionSuccessful":true,"endTimeUtc":"${endTimeUtc}"}],"results"`,
  );
  expectProblem(await submitInVain(late), 422, 'scan-in-future');
});

test('a report may be sent as gzip, and is the same report', async () => {
  const plain = await submit(SARIF);
  const zipped = await submitInVain(gzipSync(SARIF), {}, { 'Content-Encoding': 'gzip' });
  expect(zipped.json['reportId']).toBe(plain.json['reportId']);
});

test.each<[string, Content, string, number, string]>([
  ['another encoding', SARIF, 'br', 415, 'unsupported-encoding'],
  ['gzip that is none', SARIF, 'gzip', 400, 'broken-gzip'],
  ['gzip that is cut off', gzipSync(SARIF).subarray(0, -9), 'gzip', 400, 'broken-gzip'],
  ['gzip of a thousand times its size', gzipSync(Buffer.alloc(32 << 20, 0x20)), 'gzip', 413, 'body-ratio'],
])('a report in %s is refused, and nothing of it is stored', async (_what, body, encoding, status, reason) => {
  const answer = await submitInVain(body, {}, { 'Content-Encoding': encoding });
  expect(answer).toMatchObject({ status, json: { reason } });
});

test('the same bytes again are the same report, and nothing is written', async () => {
  const first = await submit(leaksOf('a', 'b'));
  const again = await submitInVain(leaksOf('a', 'b'));
  expect(again).toMatchObject({ status: 200, json: { reportId: first.json['reportId'], new: 0, known: 2, gone: 0 } });
});

test('a report is compared with the last one of its tool, branch and service', async () => {
  const service = 'counted-api';
  const count = async (content: string, branch: string) => {
    const { json } = await submit(content, { service, branch });
    return [json['new'], json['known'], json['gone']];
  };
  expect(await count(leaksOf('a', 'b'), 'main')).toEqual([2, 0, 0]);
  expect(await count(leaksOf('b', 'c', 'd'), 'main')).toEqual([2, 1, 1]);
  expect(await count(leaksOf('a'), 'topic')).toEqual([1, 0, 0]);
  expect(await count(leaksOf(), 'main')).toEqual([0, 0, 3]);
});

test('an earlier report that is sent again counts again', async () => {
  const first = await submit(leaksOf('a'));
  const heads = await headsOf();
  const second = await submit(leaksOf('b', 'c'));
  expect(second.json['reportId']).not.toBe(first.json['reportId']);
  const third = await submit(leaksOf('a'));
  expect(third.json).toMatchObject({ reportId: first.json['reportId'], new: 1, known: 0, gone: 2 });
  const [before, after] = [heads, await headsOf()].map((rows) => rows.join('\n'));
  for (const text of [before, after]) expect(text).toContain(String(first.json['reportId']));
  expect(after).not.toContain(String(second.json['reportId']));
});

test('five equal reports at once are one report', async () => {
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => submit(leaksOf('a', 'b'))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(new Set(answers.map(({ json }) => json['reportId'])).size).toBe(1);
  expect(await headsOf()).toHaveLength(1);
});

test('another method is answered 405', async () => {
  expectProblem(await answerOf(await fetch(`${scene.url}/api/findings`)), 405, 'method-not-allowed');
});
