import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { createAuthenticate } from '../../bot/authenticate.ts';
import { createEvidenceHook } from '../../bot/hooks/evidence.ts';
import { createServer } from '../../bot/server.ts';
import { createEvidenceExports } from '../../services/evidence-exports.ts';
import { CheckpointLogUnavailableError } from '../../services/ports/checkpoint-log.ts';
import type { EvidenceLog } from '../../services/ports/evidence-log.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { TENANT } from '../builders.ts';
import { AUDIENCE, createEntra } from '../fakes/entra.ts';
import { lively, NOTHING_ARCHIVED } from '../fakes/evidence-scene.ts';
import { keysOf, verified } from '../fakes/verified-export.ts';

const KEY = { 'X-Api-Key': 'a local key of the tests' };
const entra = await createEntra();
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** The server of the product with this route over evidence in memory; what else it serves answers nothing. */
async function serve(over: Partial<EvidenceLog> = {}, entries = 40) {
  const scene = await lively(entries);
  const { signer, checkpointLog, now } = scene;
  const evidenceLog = { ...scene.evidenceLog, ...over };
  const needs = {
    tenant: TENANT,
    clock: { now: () => now },
    evidenceLog,
    checkpointLog,
    signer,
    retention: NOTHING_ARCHIVED,
  };
  const settings = { audience: AUDIENCE, tenants: [TENANT], keys: entra.keys };
  const authenticate = createAuthenticate({ checkSecrets: ['check'], localApiKey: KEY['X-Api-Key'], entra: settings });
  const failed = vi.fn();
  const none = async () => {};
  const server = createServer({
    ...{ messages: none, check: none, events: none, azureEvents: none, findings: none, requestsOfRun: none },
    ...{ request: none, signedDecision: none, decide: none, requestException: none, importExceptions: none },
    ...{ jwks: none, health: none, alive: async () => true, ready: async () => true, failed, refused: () => undefined },
    evidence: createEvidenceHook({ authenticate, evidence: createEvidenceExports(needs) }),
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/evidence`;
  return {
    scene,
    url,
    server,
    failed,
    ask: (query = '', headers: Record<string, string> = KEY) => fetch(url + query, { headers }),
  };
}

test('an export of everything comes as lines of JSON and verifies with the published key', async () => {
  const { ask, scene } = await serve();
  const response = await ask();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const text = await response.text();
  const found = await verified(text, { keys: await keysOf(7), log: scene.log() });
  expect([found.fault, found.lacking, found.walked.entries]).toEqual([undefined, [], 40]);
});

test('a time and a scope narrow it, and the first line says what was asked for', async () => {
  const { ask } = await serve();
  const text = await (await ask('?from=2026-11-27&to=2026-11-27T12:00:00Z&scope=service-1/prod')).text();
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({
    export: {
      from: '2026-11-27T00:00:00.000Z',
      to: '2026-11-27T12:00:00.000Z',
      scope: 'service-1/prod',
      tenant: TENANT,
    },
  });
  expect(text).toContain('service-1 gate');
  expect(text).not.toMatch(/"entry":\{"aggregate":"\w+ service-2/);
  expect((await verified(text)).fault).toBeUndefined();
});

test.each([
  ['from=yesterday', 'from'],
  ['from=2026-02-30', 'from'],
  ['to=2026-11-27T12:00:00', 'to'],
  ['to=2026-11-27T12:00:00%2B01:00', 'to'],
  ['from=2026-11-28&to=2026-11-27', 'to'],
  ['from=2026-11-28&to=2026-11-28', 'to'],
  ['scope=', 'scope'],
  ['scope=a/b/c', 'scope'],
  ['scope=a%00', 'scope'],
  ['from=2026-11-01&from=2026-11-02', 'from'],
  ['since=2026-11-01', 'since'],
])('%s is 400 and names the parameter', async (query, field) => {
  const response = await (await serve()).ask(`?${query}`);
  expect([response.status, await response.json()]).toEqual([
    400,
    expect.objectContaining({ code: 'field-invalid', field }),
  ]);
});

test('it is for auditors: no other role, no key of a check, nobody else', async () => {
  const { ask } = await serve();
  const bearer = async (...roles: readonly string[]) => ({ Authorization: `Bearer ${await entra.application(roles)}` });
  const auditor = await ask('?scope=nobody', await bearer('Auditor'));
  expect([auditor.status, (await verified(await auditor.text())).fault]).toEqual([200, undefined]);
  const others = await bearer('Evidence.Read', 'Operations.Read', 'Checks.Submit', 'Findings.Submit', 'auditor');
  expect((await ask('', others)).status).toBe(403);
  for (const headers of [{}, { 'X-Countersign-Key': 'check' }, { 'X-Api-Key': 'wrong' }])
    expect((await ask('', headers)).status).toBe(401);
});

test('a log of checkpoints that does not answer is 503', async () => {
  const { ask, scene } = await serve();
  vi.spyOn(scene.checkpointLog, 'days').mockRejectedValue(new CheckpointLogUnavailableError('away'));
  const response = await ask();
  expect([response.status, await response.json()]).toEqual([503, expect.objectContaining({ code: 'unavailable' })]);
});

test('a store that fails on the way cuts the answer off without its last line', async () => {
  const away = new StoreUnavailableError('away');
  const { url, failed, scene } = await serve({
    changed: async function* (from, before) {
      let n = 0;
      for await (const chain of scene.evidenceLog.changed(from, before)) {
        n += 1;
        if (n > 3) throw away;
        yield chain;
      }
    },
  });
  const [response] = (await once(get(url, { headers: KEY }), 'response')) as [IncomingMessage];
  response.on('error', () => {});
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => response.once('close', resolve));
  expect(response.complete).toBe(false);
  const { fault } = await verified(Buffer.concat(chunks).toString());
  expect(fault?.why).toContain('cut off');
  expect(failed).toHaveBeenCalledWith(expect.objectContaining({ err: away }));
});

test('whoever has gone before the first line is no failure, and nothing is read for them', async () => {
  const changed = vi.fn();
  const { url, server, failed, scene } = await serve({ changed });
  const gone = Promise.withResolvers<void>();
  const { days } = scene.checkpointLog;
  const asked = vi.spyOn(scene.checkpointLog, 'days').mockImplementation(async () => {
    await gone.promise;
    return days();
  });
  const request = get(url, { headers: KEY });
  request.on('error', () => {});
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  request.destroy();
  await new Promise((resolve) => request.once('close', resolve));
  const connections = promisify(server.getConnections.bind(server));
  await vi.waitFor(async () => expect(await connections()).toBe(0));
  gone.resolve();
  await new Promise((resolve) => setImmediate(resolve));
  expect([failed.mock.calls, changed.mock.calls]).toEqual([[], []]);
});

test('whoever reads slowly is waited for, and whoever goes away ends the reading', async () => {
  let read = 0;
  const { url, failed, scene } = await serve(
    {
      changed: async function* (from, before) {
        for (let n = 0; n < 2_000; n += 1) {
          for await (const chain of scene.evidenceLog.changed(from, before)) {
            read += 1;
            yield chain;
          }
        }
      },
    },
    200,
  );
  const request = get(url, { headers: KEY });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => {});
  await once(response, 'readable');
  // Nobody takes anything: what is buffered on the way fills, and then nothing more is read.
  await vi.waitFor(async () => {
    const before = read;
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(read).toBe(before);
  }, 20_000);
  expect(read).toBeLessThan(20_000);
  request.destroy();
  await new Promise((resolve) => response.once('close', resolve));
  expect(failed).not.toHaveBeenCalled();
});
