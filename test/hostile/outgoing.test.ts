import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { personalConversation } from '../fakes/teams.ts';
import { wordsOf } from '../fakes/teams-card.ts';
import { type WatchedSockets, watchSockets } from '../fakes/watched-sockets.ts';
import { FOREIGN_PLAN_URLS, SERVICE_URLS } from './addresses.ts';
import { aGateThatAsks, alex, aReportedRun } from './asked-gate.ts';
import { OTHER_TENANT } from './forged-activities.ts';

// Hostile addresses on the whole product: where its sockets go while callers name addresses of their own.

const megan = { oid: PEOPLE.megan, name: 'Megan Bowen' };

let sockets: WatchedSockets;
let scene: CheckScene;
/** A server on this machine that nobody configured, with all that it was ever sent. */
const stranger = { url: '', received: [] as string[], close: async (): Promise<unknown> => undefined };

beforeAll(async () => {
  sockets = watchSockets();
  const server = createServer((request, response) => {
    stranger.received.push(`${request.url} ${JSON.stringify(request.headers)}`);
    response.end('{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  stranger.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stranger.close = () => new Promise((closed) => server.close(closed).closeAllConnections());
  scene = await setCheckScene({ API_AUDIENCE: 'api://countersign', API_TENANTS: TENANT });
  await scene.teams.install(alex);
});
afterEach(async () => {
  scene.azureDevOps.faults.clear();
  await scene.app.core.idle();
  expect([sockets.elsewhere, stranger.received]).toEqual([[], []]);
});
afterAll(async () => {
  await scene.close();
  await stranger.close();
  sockets.stop();
});

test('no PlanUrl but that of the configured organization makes the product call anybody', async () => {
  const { port } = new URL(scene.azureDevOps.url);
  const tables = new URL(/TableEndpoint=([^;]+)/.exec(scene.tables.connectionString)?.[1] ?? '').host;
  const known = new Set([new URL(scene.url).host, tables, scene.tables.address]);
  const likeOurs = [
    'localhost',
    '127.1',
    '0x7f000001',
    '2130706433',
    '127.0.0.2',
    '[::ffff:127.0.0.1]',
    '127.0.0.1.',
  ].map((host) => `http://${host}:${port}/contoso/`);
  const nearOurs = ['otherorg', 'contoso/../otherorg', 'contoso%2f', '/contoso', '%63ontoso'].map(
    (path) => `http://127.0.0.1:${port}/${path}/`,
  );
  const [asked, begun] = [scene.azureDevOps.requests.length, sockets.here.length];
  for (const PlanUrl of [...FOREIGN_PLAN_URLS, ...likeOurs, ...nearOurs, `${stranger.url}/contoso/`]) {
    expectProblem(await scene.send(scene.waiting(), { headers: { PlanUrl } }), 403, 'unknown-organization');
  }
  expect(scene.azureDevOps.requests).toHaveLength(asked);
  const strange = sockets.here.slice(begun).filter((to) => !known.has(to));
  expect(strange).toEqual([]);
});

test.each(SERVICE_URLS.filter((address) => !/^https?:\/\/(?:127|localhost|2130706433|0x7f|\[::1])/.test(address)))(
  'an activity from %s is neither answered nor remembered',
  async (serviceUrl) => {
    const before = await scene.rows();
    const message = { type: 'message', text: 'approvals', serviceUrl };
    const answered = await scene.teams.send(scene.teams.activity(megan, message));
    expect([answered.status, answered.text]).toEqual([401, '']);
    expect(await scene.rows()).toEqual(before);
  },
);

test.each([301, 302, 303, 307, 308])('a redirect with %s from Azure DevOps is followed nowhere', async (status) => {
  for (const to of [stranger.url, 'https://evil.example']) {
    const headers = { location: `${to}/contoso/_apis/build/builds/1` };
    for (const on of [/builds/, /plans/, /timelines/]) {
      scene.azureDevOps.faults.add({ on, status, headers });
      expectProblem(await scene.send(scene.waiting()), 403, 'run-unproven');
      scene.azureDevOps.faults.clear();
    }
  }
});

test('a redirect of what a run ships, and of the verdict, is followed nowhere', async () => {
  const run = await aReportedRun(scene);
  const check = scene.azureDevOps.startCheck(run, { environment: 'staging', stage: 'Deploy', service: 'payments-api' });
  const headers = { location: `${stranger.url}/contoso` };
  for (const on of [/\/changes/, /pipelines\/\d+\/runs/, /\/commits\//, /\/events/, /\/feed/, /\/logs/]) {
    scene.azureDevOps.faults.add({ on, times: 1, status: 307, headers });
  }
  expect((await scene.send(check)).status).toBe(200);
  await scene.app.core.idle();
});

test('a redirect from Teams is followed nowhere', async () => {
  scene.teams.fail({ status: 307, location: `${stranger.url}/v3/conversations`, times: 2 });
  scene.teams.fail({ status: 302, location: 'https://evil.example/v3/conversations' });
  await aGateThatAsks(scene);
});

test('addresses within answers of Azure DevOps are never called, and no person is shown one', async () => {
  const run = await aReportedRun(scene);
  const { azureDevOps } = scene;
  for (const address of [
    stranger.url,
    'https://evil.example',
    'https://169.254.169.254',
    '//evil.example',
    '../../x',
  ]) {
    const told = await fetch(`${azureDevOps.organizationUrl()}/_apis/build/builds/${run.id}`, {
      headers: { authorization: `Basic ${btoa(`:${azureDevOps.pat}`)}` },
    });
    const build = (await told.json()) as Record<string, unknown> & { project: object; repository: object };
    const named = { url: `${address}/a`, _links: { web: { href: `${address}/b` }, self: { href: `${address}/c` } } };
    const body = {
      ...build,
      ...named,
      project: { ...build.project, ...named },
      repository: { ...build.repository, ...named },
    };
    const pipeline = { pipeline: { id: 1, ...named }, version: '1' };
    const resources = { repositories: {}, pipelines: { 'built-elsewhere': pipeline } };
    azureDevOps.faults.add({ on: /builds\/\d+\?/, status: 200, body });
    azureDevOps.faults.add({ on: /pipelines\/\d+\/runs/, status: 200, body: { id: run.id, ...named, resources } });
    azureDevOps.faults.add({
      on: /\/changes/,
      times: 1,
      headers: { 'x-ms-continuationtoken': `${address}&api-version=0` },
    });
    azureDevOps.faults.add({ on: /ResourceAreas/i, status: 200, body: { value: [{ id: 'x', locationUrl: address }] } });
    const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
    const { json } = await scene.send(check);
    await scene.app.core.idle();
    const gate = await scene.app.core.approvals.find(String(json['requestId']));
    expect(gate?.run.url).toContain(azureDevOps.organizationUrl());
    await scene.teams.say(alex, `why ${gate?.id}`);
    azureDevOps.faults.clear();
  }
  const shown = JSON.stringify(scene.teams.messages().map(({ versions }) => versions));
  const links = shown.match(/"url":"[^"]*"/g) ?? [];
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(link).toContain(`"url":"${azureDevOps.organizationUrl()}/`);
  const pages = azureDevOps.requests.filter(({ path }) => path.includes('continuationToken'));
  expect(pages.length).toBeGreaterThan(0);
  for (const { path } of pages) expect(path).toMatch(/^\/contoso\/[^/?]+\/_apis\/build\/builds\/\d+\/changes\?/);
});

test('a token that names its own keys, issuer or another tenant makes the product read no keys', async () => {
  const elsewhere = `${stranger.url}/keys`;
  for (const tid of [OTHER_TENANT, 'common', `${TENANT}/../${OTHER_TENANT}`, '../..', undefined]) {
    const token = await new SignJWT({ roles: ['Findings.Submit'], ...(tid !== undefined && { tid }) })
      .setProtectedHeader({ alg: 'HS256', kid: elsewhere, jku: elsewhere, x5u: elsewhere })
      .setIssuer(`${stranger.url}/v2.0`)
      .setAudience('api://countersign')
      .setExpirationTime('1h')
      .sign(new Uint8Array(32));
    const answer = await fetch(`${scene.url}/health`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  }
});

test('a conversation that somebody wrote into the store is called by nobody; the card waits for the true one', async () => {
  const options = { allowInsecureConnection: true };
  const table = TableClient.fromConnectionString(scene.tables.connectionString, 'countersignconv', options);
  const id = personalConversation(megan);
  const written = { id, serviceUrl: 'https://evil.example/', tenantId: TENANT, kind: 'personal', botId: 'bot' };
  await table.upsertEntity({
    partitionKey: `${TENANT}~u~${megan.oid}`,
    rowKey: 'ref~-',
    conversation: JSON.stringify(written),
  });
  const { id: requestId } = await aGateThatAsks(scene);
  expect(sockets.elsewhere).toEqual([]);
  const refusals = scene.lines.filter((line) => line.includes('card not sent: service url not allowed'));
  expect(refusals.length).toBeGreaterThan(0);
  for (const line of refusals) {
    expect(JSON.parse(line)).toMatchObject({ conversation: id, serviceUrl: 'https://evil.example/' });
  }
  expect((await scene.rows()).join('\n')).not.toContain('evil.example');
  expect(scene.teams.messages(id)).toEqual([]);

  await scene.teams.say(megan, 'approvals');
  const card = await scene.teams.until(() =>
    scene.teams.messages(id).find(({ activity }) => JSON.stringify(activity).includes(`"requestId":"${requestId}"`)),
  );
  expect(wordsOf(scene.teams.cardOf(card))).toContain('payments-api');
});
