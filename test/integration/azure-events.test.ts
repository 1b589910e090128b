import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { DeliveryHealth } from '../../services/domain/delivery-health.ts';
import { answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';
import { basic, HOOK_SECRET } from '../fakes/hook-scene.ts';
import { edited } from '../fakes/policy-folder.ts';
import { anEvent, PAYMENTS, vault } from '../fakes/signal-scene.ts';

// What Event Grid and workflows of Defender send, on the whole product; the catalog names the subscription by its id.

let scene: CheckScene;
let entra: Entra;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  await cp('manifest/policy', folder, { recursive: true });
  await edited(folder, ['catalog.yaml', 'subscription: payments-prod', `subscription: ${PAYMENTS}`]);
  entra = await createEntra();
  const env = {
    POLICY_DIR: folder,
    HOOK_SECRETS: HOOK_SECRET,
    PUBLIC_URL: 'https://countersign.example',
    API_AUDIENCE: AUDIENCE,
  };
  scene = await setCheckScene(env, { entraKeys: entra.keys });
});
afterAll(async () => {
  await scene.close();
  await rm(folder, { recursive: true });
});
afterEach(() => {
  scene.tables.down = false;
});

const JSON_TYPE = { 'Content-Type': 'application/json' };

async function post(body: unknown, headers: Readonly<Record<string, string>> = basic('countersign', HOOK_SECRET)) {
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  return answerOf(
    await fetch(`${scene.url}/api/azure/events`, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: sent }),
  );
}

/** Heads of Azure Policy that the store has now. */
const heads = async () => (await scene.rows()).filter((row) => /s~-~policy~azure-policy/.test(row));

const VALIDATION = [
  {
    id: '1',
    topic: '/subscriptions/x',
    subject: '',
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    data: { validationCode: '512d38b6', validationUrl: 'https://rp-eastus.eventgrid.azure.net/x' },
  },
];

test.each([
  ['nothing', async () => ({})],
  ['another password', async () => basic('countersign', 'not-a-hook-secret-of-ours')],
  ['another user', async () => basic('admin', HOOK_SECRET)],
  ["a check's key", async () => ({ 'X-Countersign-Key': CHECK_KEY })],
  ['a token that somebody forged', async () => ({ Authorization: `Bearer ${await entra.forged('x')}` })],
])('a caller with %s is answered 401, also one that asks to be confirmed', async (_what, headers) => {
  const before = await heads();

  expectProblem(await post([anEvent('NonCompliant', '2026-11-20T08:00:00Z')], await headers()), 401, 'unauthenticated');
  const asked = await post(VALIDATION, await headers());
  expectProblem(asked, 401, 'unauthenticated');
  expect(asked.text).not.toContain('512d38b6');
  expect(await heads()).toEqual(before);
});

test('a token without the role is answered 403, one with it is taken', async () => {
  const token = async (role: string) => ({ Authorization: `Bearer ${await entra.application([role])}` });
  const event = [anEvent('NonCompliant', '2026-11-20T08:00:00Z', vault('by-token'))];

  expectProblem(await post(event, await token('Checks.Submit')), 403, 'forbidden');
  expect(await post(event, await token('Findings.Submit'))).toMatchObject({ status: 200 });
});

test('a new subscription of Event Grid is confirmed with its own code', async () => {
  expect(await post(VALIDATION)).toMatchObject({ status: 200, json: { validationResponse: '512d38b6' } });
});

test.each([
  ['a batch of Event Grid', [anEvent('NonCompliant', '2026-11-20T08:00:00Z', vault('grid'))], {}],
  [
    'one CloudEvent',
    { ...cloud(vault('cloud')), specversion: '1.0' },
    { 'Content-Type': 'application/cloudevents+json; charset=utf-8' },
  ],
  [
    'a batch of CloudEvents',
    [cloud(vault('cloud-batch'))],
    { 'Content-Type': 'application/cloudevents-batch+json; charset=utf-8' },
  ],
])('%s is placed by its asset and known before it is answered', async (_what, body, headers) => {
  const answer = await post(body, { ...basic('countersign', HOOK_SECRET), ...headers });

  expect(answer).toMatchObject({
    status: 200,
    json: { sources: ['azure-policy'], services: ['payments-api'], strangers: 0 },
  });
  expect((await heads()).join()).toContain('payments-api');
});

function foreign(eventType: string) {
  return { ...anEvent('x', '2026-11-20T08:00:00Z'), eventType };
}

function cloud(resourceId: string) {
  const { eventType: type, ...rest } = anEvent('NonCompliant', '2026-11-20T08:00:00Z', resourceId);
  return { ...rest, type, specversion: '1.0', source: '/subscriptions/x' };
}

test('an alert and a recommendation, as workflows of Defender send them, are taken', async () => {
  const alert = {
    VendorName: 'Microsoft',
    AlertType: 'SUSPECT_SVCHOST',
    TimeGenerated: '2026-11-20T08:00:00Z',
    Severity: 'High',
    Status: 'New',
    SystemAlertId: '2342409243234234',
    AzureResourceId: vault('alerted'),
    AlertDisplayName: 'Suspicious process detected',
  };
  const assessment = {
    AssessmentEventDataEnrichment: { Action: 'Insert', ApiVersion: '2019-01-01' },
    id: `${vault('assessed')}/providers/Microsoft.Security/assessments/151e82c5`,
    name: '151e82c5',
    type: 'Microsoft.Security/assessments',
    properties: {
      resourceDetails: { source: 'Azure', id: vault('assessed') },
      displayName: 'Enable MFA',
      status: { code: 'Unhealthy' },
      metadata: { severity: 'High' },
    },
  };
  const taken = { status: 200, json: { sources: ['defender'], services: ['payments-api'] } };

  expect(await post(alert)).toMatchObject(taken);
  expect(await post(assessment)).toMatchObject(taken);
});

test.each([
  ['no JSON', '{', 'body-invalid'],
  ['nested too deep', `${'['.repeat(400_000)}${']'.repeat(400_000)}`, 'body-invalid'],
  ['out for a prototype', '[{"__proto__":{"isOwner":true}}]', 'body-invalid'],
  ['nothing', [], 'report-refused'],
  ['a list of no events', [1, { a: 1 }], 'report-refused'],
  [
    'something beside an event of somebody else',
    [foreign('Microsoft.Storage.BlobCreated'), { eventType: 'Microsoft.Storage.BlobCreated' }],
    'report-refused',
  ],
  [
    'more events than come together',
    Array.from({ length: 5_001 }, () => ({ id: '', eventType: 'x', subject: '' })),
    'report-refused',
  ],
  [
    'a state that is about nothing',
    [{ ...anEvent('NonCompliant', '2026-11-20T08:00:00Z'), subject: '' }],
    'report-refused',
  ],
  [
    'the report of a scanner',
    { version: '2.1.0', runs: [{ tool: { driver: { name: 'x' } }, results: [] }] },
    'report-refused',
  ],
])('a body that is %s is answered 400 with the reason, and nothing of it is stored', async (_what, body, code) => {
  const before = await heads();

  expectProblem(await post(body), 400, code);
  expect(await heads()).toEqual(before);
});

const healthOf = async () =>
  (await answerOf(await fetch(`${scene.url}/health`, { headers: { 'X-Api-Key': API_KEY } }))).json;

test('what is known in a batch is taken, whatever stands beside it; what is not, operators see', async () => {
  const at = '2026-11-20T08:00:00Z';
  const broken = { ...anEvent('NonCompliant', at), subject: '' };
  const batch = [
    foreign('Microsoft.Storage.BlobCreated'),
    anEvent('NonCompliant', at, vault('beside-1')),
    ...[broken, 7, { ...cloud(vault('x')), type: 'com.example.Other' }],
    anEvent('NonCompliant', at, vault('beside-2')),
  ];
  const answer = await post(batch);

  expect(answer).toMatchObject({ status: 200, json: { sources: ['azure-policy'], services: ['payments-api'] } });
  const words = String(answer.json['passedOver']);
  expect(words).toContain('of 6 events that came together 4 said nothing that is kept');
  expect(words).toContain('Microsoft.Storage.BlobCreated, com.example.Other');
  const stored = (await scene.rows()).join();
  for (const name of ['beside-1', 'beside-2']) expect(stored).toContain(name);
  const signals = (await healthOf())['signals'] as NonNullable<DeliveryHealth['signals']>;
  expect(signals).toContainEqual(
    expect.objectContaining({ source: 'azure-events', failure: expect.objectContaining({ why: words }) }),
  );
  expect(scene.lines.join()).toContain('events of Azure not taken');
});

/** Findings of Azure Policy that are open now. */
const open = async () =>
  (await heads())
    .flatMap((row) => [...row.matchAll(/"count\W*(\d+)/g)])
    .reduce((sum, [, count]) => sum + Number(count), 0);

test('in a batch the latest word about one thing counts, in whatever order they stand', async () => {
  const before = await open();
  const [bad, good] = [vault('turned-bad'), vault('turned-good')];
  const [early, late] = ['2026-11-20T08:00:00Z', '2026-11-20T09:00:00Z'];
  const words = [
    ...[anEvent('NonCompliant', late, bad), anEvent('Compliant', early, bad)],
    ...[anEvent('NonCompliant', early, good), foreign('x.y'), anEvent('Compliant', late, good)],
  ];
  expect(await post(words)).toMatchObject({ status: 200 });

  expect(await open()).toBe(before + 1);
});

test('signals of two sources in one batch are both taken', async () => {
  const assessment = {
    id: `${vault('both')}/providers/Microsoft.Security/assessments/151e82c6`,
    name: '151e82c6',
    type: 'Microsoft.Security/assessments',
    properties: {
      resourceDetails: { source: 'Azure', id: vault('both') },
      displayName: 'Enable MFA',
      status: { code: 'Unhealthy' },
    },
  };
  const answer = await post([anEvent('NonCompliant', '2026-11-20T08:00:00Z', vault('both')), assessment]);
  expect(answer).toMatchObject({ status: 200, json: { sources: ['azure-policy', 'defender'] } });
  expect(answer.json).not.toHaveProperty('passedOver');
});

test.each([
  [
    'a batch of Event Grid',
    [foreign('Microsoft.Storage.BlobCreated'), foreign('Microsoft.Resources.ResourceWriteSuccess')],
  ],
  ['one CloudEvent', { ...cloud(vault('x')), type: 'Microsoft.Storage.BlobCreated' }],
])('%s that is all somebody else’s is answered 200, changes nothing and is seen by operators', async (_what, body) => {
  const before = await heads();
  const answer = await post(body);

  expect(answer).toMatchObject({ status: 200, json: { sources: [], services: [], strangers: 0 } });
  expect(await heads()).toEqual(before);
  const signals = (await healthOf())['signals'] as NonNullable<DeliveryHealth['signals']>;
  const note = signals.find(({ source }) => source === 'azure-events');
  expect(note).toMatchObject({ isSent: true, isStale: false, failure: { why: answer.json['passedOver'] } });
});

test('a body beyond 1 MiB is refused', async () => {
  expectProblem(await post(`["${'x'.repeat(1024 * 1024)}"]`), 413, 'body-too-large');
});

test('while the store is down nothing is taken, so that it comes again', async () => {
  const events = [anEvent('NonCompliant', '2026-11-20T08:00:00Z', vault('down'))];
  scene.tables.down = true;
  expectProblem(await post(events), 503, 'unavailable');

  scene.tables.down = false;
  expect(await post(events)).toMatchObject({ status: 200 });
});

test('an asset that is nobody’s is answered 200, and operators see it', async () => {
  const shared = vault('keys', 'rg-shared');

  expect(await post([anEvent('NonCompliant', '2026-11-20T08:00:00Z', shared)])).toMatchObject({
    status: 200,
    json: { services: [], strangers: 1 },
  });
  const health = await answerOf(await fetch(`${scene.url}/health`, { headers: { 'X-Api-Key': API_KEY } }));
  const signals = health.json['signals'] as NonNullable<DeliveryHealth['signals']>;
  const note = signals.find(({ source }) => source === 'azure-policy');
  expect(note?.strangers.samples).toEqual([{ asset: shared }]);
});

test('only Event Grid is told that it may send CloudEvents here', async () => {
  const options = (headers: Readonly<Record<string, string>>) =>
    fetch(`${scene.url}/api/azure/events`, { method: 'OPTIONS', headers });
  const allowed = await options({ 'WebHook-Request-Origin': 'eventgrid.azure.net' });

  expect([allowed.status, allowed.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
  for (const origin of ['eventgrid.azure.net.evil.example', 'evil.example', '']) {
    const refused = await options({ 'WebHook-Request-Origin': origin });
    expect([refused.status, refused.headers.get('webhook-allowed-origin')]).toEqual([403, null]);
  }
});
