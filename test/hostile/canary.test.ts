import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAesVault } from '../../services/vault/aes-vault.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { type WatchedSockets, watchSockets } from '../fakes/watched-sockets.ts';
import { aGateThatAsks, alex, approvalOf } from './asked-gate.ts';
import { BOT, FORGED } from './forged-activities.ts';
import { CANARIES, formsOf, leaksIn } from './secrets.ts';

// Canaries on the whole product: every secret that comes in is a canary, and nothing that goes out holds one.

const TOKEN_KEY = 'canary-token-key-9f3c5a7e1b2d-32';

let sockets: WatchedSockets;
let scene: CheckScene;
/** What the product answered over HTTP, with headers. */
const answers: string[] = [];

beforeAll(async () => {
  sockets = watchSockets();
  const env = {
    CHECK_SECRETS: `${CANARIES.checkKey},${CANARIES.otherCheckKey}`,
    LOCAL_API_KEY: CANARIES.apiKey,
    TOKEN_KEY: Buffer.from(TOKEN_KEY).toString('base64'),
  };
  scene = await setCheckScene(env, { pat: CANARIES.azureDevOpsToken, level: 'trace' });
  scene.app.server.prependListener('request', listenIn);
  await scene.teams.install(alex);
});
afterAll(async () => {
  await scene.close();
  sockets.stop();
});

function listenIn(_request: IncomingMessage, response: ServerResponse): void {
  const { write, end } = response;
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) answers.push(Buffer.from(chunk as string).toString());
  };
  response.write = ((...given: Parameters<typeof write>) => {
    keep(given[0]);
    return write.apply(response, given);
  }) as typeof write;
  response.end = ((...given: Parameters<typeof end>) => {
    keep(given[0]);
    answers.push(JSON.stringify(response.getHeaders()));
    return end.apply(response, given);
  }) as typeof end;
}

/** Every row of every table. */
async function allRows(): Promise<readonly string[]> {
  const { connectionString } = scene.tables;
  const options = { allowInsecureConnection: true };
  const rows: string[] = [];
  for await (const { name = '' } of TableServiceClient.fromConnectionString(connectionString, options).listTables()) {
    for await (const row of TableClient.fromConnectionString(connectionString, name, options).listEntities()) {
      rows.push(`${name} ${JSON.stringify(row)}`);
    }
  }
  return rows;
}

const secrets = () => {
  const accountKey = /AccountKey=([^;]+)/.exec(scene.tables.connectionString)?.[1] ?? '';
  return { ...CANARIES, tokenKey: TOKEN_KEY, accountKey };
};

async function expectNoLeaks(): Promise<void> {
  const places = {
    log: scene.lines,
    rows: await allRows(),
    answers,
    cards: scene.teams.requests.map(({ body, path }) => `${path} ${JSON.stringify(body)}`),
    runPages: checks.flatMap((check) => [...scene.azureDevOps.feedOf(check), scene.azureDevOps.logOf(check) ?? '']),
    paths: scene.azureDevOps.requests.map(({ path }) => path),
  };
  for (const [place, texts] of Object.entries(places)) expect(leaksIn(texts.join('\n'), secrets()), place).toEqual([]);
  for (const texts of [places.rows, places.answers, places.cards]) expect(texts.length).toBeGreaterThan(0);
}

const checks: Parameters<CheckScene['azureDevOps']['feedOf']>[0][] = [];
const tokenRows = async (id: string) =>
  (await allRows()).filter((row) => row.includes(`~r~${id}"`) && row.includes('"rowKey":"s"'));

test('a canary is found in every form that it can take', () => {
  const all = secrets();
  for (const [name, secret] of Object.entries(all)) {
    for (const form of formsOf(secret)) expect(leaksIn(`before ${form} after`, all), `${name} ${form}`).toContain(name);
    for (const before of ['', 'a', 'ab', 'abc']) {
      const basic = Buffer.from(`${before}${secret}:x`).toString('base64');
      expect(leaksIn(basic, all)).toContain(name);
    }
  }
});

test('an approved deployment leaves no secret anywhere, and its sealed token is gone once the verdict was told', async () => {
  const { id, check } = await aGateThatAsks(scene, {}, { token: CANARIES.jobToken });
  checks.push(check);
  const [sealed, ...more] = await tokenRows(id);
  expect(more).toEqual([]);
  // By design the one place that has the token, and only for who has the key.
  const { token } = JSON.parse(sealed?.slice(sealed.indexOf(' ') + 1) ?? '{}');
  expect(leaksIn(String(token), secrets())).toEqual([]);
  const vault = createAesVault({ key: Buffer.from(TOKEN_KEY), random: { bytes: (count) => new Uint8Array(count) } });
  expect(await vault.open(token, id)).toBe(CANARIES.jobToken);

  expect((await scene.teams.send(approvalOf(scene, id))).status).toBe(200);
  await expect.poll(() => scene.azureDevOps.verdictOf(check), { timeout: 10_000 }).toBe('succeeded');
  await scene.app.core.idle();
  expect(await tokenRows(id)).toEqual([]);
  await expectNoLeaks();
});

test('a deployment that a leaked secret blocks shows and keeps nothing of the secret', async () => {
  const text = await readFile(new URL('../fixtures/sarif/gitleaks-orders.sarif', import.meta.url), 'utf8');
  const sarif = JSON.parse(text) as { runs: [{ results: SarifResult[] }] };
  const [result] = sarif.runs[0].results;
  if (result === undefined) throw new Error('the fixture has no result');
  const region = { startLine: 3, snippet: { text: `API_KEY="${CANARIES.snippet}"` } };
  const leaking = {
    ...result,
    message: { text: `${result.message.text} It is ${CANARIES.snippet}.` },
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'config/orders.env' }, region, contextRegion: region } },
    ],
  };
  const { azureDevOps } = scene;
  const pipeline = azureDevOps.addPipeline({ name: 'orders-api', repository: 'orders-api' });
  const run = azureDevOps.queueRun({ pipeline });
  const answer = await fetch(`${scene.url}/api/findings?service=orders-api&commit=${run.commit}`, {
    method: 'POST',
    headers: { 'x-api-key': CANARIES.apiKey, cookie: `session=${CANARIES.cookie}` },
    body: JSON.stringify({ ...sarif, runs: [{ ...sarif.runs[0], results: [leaking] }] }),
  });
  expect(answer.status).toBe(200);
  const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'orders-api' });
  checks.push(check);
  const { json } = await scene.send(check);
  await scene.app.core.idle();
  expect(await scene.app.core.approvals.find(String(json['requestId']))).toMatchObject({ state: 'blocked' });
  await scene.teams.say(alex, `why ${json['requestId']}`);
  expect(JSON.stringify(scene.teams.messages().at(-1)?.activity)).toContain('config/orders.env');
  await expectNoLeaks();
});

interface SarifResult {
  readonly message: { readonly text: string };
}

test('what is refused is neither repeated nor logged', async () => {
  const { refusedCheckKey, refusedApiKey, refusedJobToken, bearer, cookie } = CANARIES;
  const authorization = `Bearer ${bearer}`;
  const basic = `Basic ${Buffer.from(`user:${bearer}`).toString('base64')}`;
  const waiting = scene.waiting();
  checks.push(waiting);
  for (const headers of [
    { 'X-Countersign-Key': refusedCheckKey },
    { 'X-Countersign-Key': undefined, Authorization: authorization, Cookie: cookie },
    { 'X-Countersign-Key': undefined, 'X-Api-Key': refusedApiKey },
    { AuthToken: refusedJobToken },
    { AuthToken: refusedJobToken, PlanUrl: `https://user:${bearer}@evil.example/` },
    { AuthToken: refusedJobToken, PlanId: bearer },
    { Authorization: basic, PlanId: 'x' },
  ]) {
    expect((await scene.send(waiting, { headers })).status).toBeGreaterThanOrEqual(400);
  }
  for (const headers of [{ authorization }, { authorization: basic }, { 'x-api-key': refusedApiKey }]) {
    expect((await fetch(`${scene.url}/api/findings?service=a`, { method: 'POST', headers })).status).toBe(401);
    expect((await fetch(`${scene.url}/health`, { headers })).status).toBe(401);
    expect((await fetch(`${scene.url}/${bearer}`, { headers })).status).toBe(404);
  }
  await expectNoLeaks();
});

test('what fails is logged without the secrets that were under way', async () => {
  const { azureDevOps, teams } = scene;
  const { id, check } = await aGateThatAsks(scene, {}, { token: CANARIES.jobToken });
  checks.push(check);
  const logged = scene.lines.length;
  scene.tables.down = true;
  await scene.send(check);
  await scene.teams.send(approvalOf(scene, id));
  await fetch(`${scene.url}/health`, { headers: { 'x-api-key': CANARIES.apiKey } });
  await scene.report('gitleaks-clean.sarif', { service: 'payments-api', commit: check.run.commit });
  scene.tables.down = false;
  azureDevOps.faults.add({ on: /events/, times: 1, status: 500, body: { message: 'broken' } });
  azureDevOps.faults.add({ on: /feed|logs/, times: 3, cut: 'before' });
  teams.fail({ status: 500 });
  teams.fail({ cut: 'before' });
  await scene.teams.send(approvalOf(scene, id));
  await scene.app.core.idle();
  for (const fault of [{ status: 500 }, { cut: 'before' as const }, { cut: 'body' as const }, { status: 403 }]) {
    azureDevOps.faults.add({ on: /builds/, times: 1, ...fault });
    await scene.send(scene.waiting());
  }
  expect(scene.lines.length).toBeGreaterThan(logged + 3);
  await expectNoLeaks();
});

test("neither the bot's password nor the connector's tokens are logged, kept or told, let in or not", async () => {
  const own = await setCheckScene({ BOT_PASSWORD: CANARIES.botPassword }, { botId: BOT, level: 'trace' });
  try {
    const valid = (await own.teams.tokens?.sign(own.teams.url)) ?? '';
    const sent = [valid, ...(await Promise.all(FORGED.map(({ token }) => token(own.teams))))];
    const { id } = await aGateThatAsks(own);
    // To answer or send a card, the bot asks for a token with its password; here nobody gives it one.
    await own.teams.send(own.teams.activity(alex, { type: 'message', text: 'help' }), valid);
    const said: string[] = [];
    for (const token of sent) said.push((await own.teams.send(approvalOf(own, id), token)).text);
    await own.app.core.idle();
    expect(sockets.elsewhere.join()).toContain('login.microsoftonline.com');
    const signatures = sent.map((token) => token.split('.')[2] ?? '').filter((part) => part.length > 20);
    const everything = [...own.lines, ...said, ...(await own.rows())].join('\n');
    expect(leaksIn(everything, { ...Object.fromEntries(signatures.entries()), ...CANARIES })).toEqual([]);
    expect(own.lines.filter((line) => line.includes('"level":50')).length).toBeGreaterThan(0);
  } finally {
    await own.close();
  }
});
