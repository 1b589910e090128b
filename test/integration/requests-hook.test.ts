import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';
import { aGateThatAsks, alex, approvalOf } from '../hostile/asked-gate.ts';

let entra: Entra;
let scene: CheckScene;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
  await scene.teams.install(alex);
});
afterAll(() => scene.close());
afterEach(() => {
  scene.tables.down = false;
});

const KEY = { 'X-Api-Key': API_KEY };
const get = async (path: string, headers: Readonly<Record<string, string>> = KEY) =>
  answerOf(await fetch(`${scene.url}${path}`, { headers }));

async function approve(id: string): Promise<void> {
  expect((await scene.teams.send(approvalOf(scene, id))).status).toBe(200);
  await scene.app.core.idle();
}

/** The claims, if the published keys signed them as a decision. */
async function claimsOf(jws: string) {
  const { json } = await get('/.well-known/jwks.json', {});
  const keySet = createLocalJWKSet(json as unknown as JSONWebKeySet);
  // What is no permission is over at once, so that time is not looked at here.
  const options = { typ: 'countersign-decision+jwt', algorithms: ['EdDSA'], clockTolerance: 60 };
  return (await jwtVerify(jws, keySet, options)).payload;
}

const decisionOf = async (id: string) => claimsOf(String((await get(`/api/requests/${id}/decision`)).json['decision']));

test('a request is told as facts, without comments and texts of tools', async () => {
  const { id, check } = await aGateThatAsks(scene);
  const { status, json, text } = await get(`/api/requests/${id}`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    id,
    state: 'asked',
    revision: 1,
    environment: 'prod',
    stage: 'Deploy',
    attempt: 1,
    services: ['payments-api'],
    requester: 'Adele Vance',
    run: { id: check.run.id },
    counts: { block: 0 },
    decisions: [],
    verdict: null,
    links: { self: `/api/requests/${id}`, decision: `/api/requests/${id}/decision` },
  });
  expect(text).not.toContain(check.token);
  await scene.teams.send(
    approvalOf(scene, id, {
      value: {
        action: {
          type: 'Action.Execute',
          verb: 'approval.decide',
          data: {
            verb: 'approval.decide',
            requestId: id,
            revision: 1,
            verdict: 'approve',
            comment: 'a-secret-comment',
          },
        },
      },
    }),
  );
  await scene.app.core.idle();
  const after = await get(`/api/requests/${id}`);
  expect(after.json).toMatchObject({ state: 'approved', verdict: { result: 'succeeded', reason: 'approved' } });
  expect(after.json['decisions']).toMatchObject([{ verdict: 'approve', by: { oid: alex.oid, name: 'Alex Wilber' } }]);
  expect(after.text).not.toContain('a-secret-comment');
});

test('a signed decision is pending until the verdict is sealed, then permission for this deployment alone', async () => {
  const { id, check } = await aGateThatAsks(scene);
  const before = await decisionOf(id);
  expect(before).toMatchObject({ sub: id, result: 'pending', reason: 'asked', sealedAt: null, approvers: [] });
  expect(before.exp).toBe(before.iat);
  await approve(id);
  const after = await decisionOf(id);
  expect(after).toMatchObject({
    sub: id,
    result: 'succeeded',
    reason: 'approved',
    organization: scene.azureDevOps.organizationUrl(),
    run: { id: check.run.id },
    commit: check.run.commit,
    commits: [check.run.commit],
    stage: 'Deploy',
    environment: 'prod',
    services: ['payments-api'],
    approvers: [{ oid: alex.oid, at: expect.any(String) }],
    contract: { version: expect.any(Number), checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(after['subjectChecksum']).toBe((await get(`/api/requests/${id}`)).json['subjectChecksum']);
  expect(Number(after.exp) - Number(after.iat)).toBe(900);
  expect(JSON.stringify(after)).not.toContain('Alex');
});

test('who asks for it gets the signed text alone', async () => {
  const { id } = await aGateThatAsks(scene);
  const raw = await get(`/api/requests/${id}/decision`, { ...KEY, Accept: 'application/jose' });
  expect(raw.headers.get('content-type')).toMatch(/^application\/jose/);
  expect(raw.headers.get('cache-control')).toBe('no-store');
  expect(await claimsOf(raw.text)).toMatchObject({ sub: id });
  const either = await get(`/api/requests/${id}/decision`, { ...KEY, Accept: '*/*' });
  expect(either.headers.get('content-type')).toMatch(/^application\/json/);
});

test('a rejected, a bypassed and a repeated deployment are no permission', async () => {
  const rejected = await aGateThatAsks(scene);
  const data = { verb: 'approval.decide', requestId: rejected.id, revision: 1, verdict: 'reject', comment: 'no' };
  const value = { action: { type: 'Action.Execute', verb: 'approval.decide', data } };
  await scene.teams.send(approvalOf(scene, rejected.id, { value }));
  await scene.app.core.idle();
  expect(await decisionOf(rejected.id)).toMatchObject({ result: 'failed', reason: 'rejected' });

  const bypassed = await aGateThatAsks(scene);
  scene.azureDevOps.completeCheckByItself(bypassed.check, 'succeeded');
  expect(await decisionOf(bypassed.id)).toMatchObject({ result: 'pending', reason: 'asked' });

  const repeated = await aGateThatAsks(scene);
  await approve(repeated.id);
  expect(await decisionOf(repeated.id)).toMatchObject({ result: 'succeeded' });
  scene.azureDevOps.rerunCheck(repeated.check);
  const second = String((await scene.send(repeated.check)).json['requestId']);
  expect(second).not.toBe(repeated.id);
  await scene.app.core.idle();
  expect(await decisionOf(repeated.id)).toMatchObject({ result: 'failed', reason: 'superseded' });
  expect(await decisionOf(second)).toMatchObject({ result: 'pending', attempt: 2 });
});

test('the requests of a run are found by it, the latest first', async () => {
  const { id, check } = await aGateThatAsks(scene);
  scene.azureDevOps.rerunCheck(check);
  const second = String((await scene.send(check)).json['requestId']);
  await scene.app.core.idle();
  const of = async (over: Readonly<Record<string, string>> = {}) => {
    const organization = `${scene.azureDevOps.organizationUrl()}/`;
    const query = new URLSearchParams({ organization, runId: String(check.run.id), ...over });
    const { status, json } = await get(`/api/requests?${query}`);
    expect(status).toBe(200);
    return (json['requests'] as { id: string }[]).map((request) => request.id);
  };
  expect(await of()).toEqual([second, id]);
  expect(await of({ stage: 'Deploy', environment: 'prod', service: 'payments-api' })).toEqual([second, id]);
  for (const other of [{ stage: 'deploy' }, { environment: 'staging' }, { service: 'orders-api' }, { runId: '1' }]) {
    expect(await of(other)).toEqual([]);
  }
});

test.each([
  ['no run', { organization: 'ORG' }, 400, 'field-invalid'],
  ['no organization', { runId: '7' }, 400, 'field-invalid'],
  ['a run that is no number', { organization: 'ORG', runId: '7 or 1' }, 400, 'field-invalid'],
  ['another organization', { organization: 'https://dev.azure.com/other', runId: '7' }, 403, 'unknown-organization'],
  ['a parameter that is none', { organization: 'ORG', runId: '7', x: '1' }, 400, 'field-invalid'],
])('a search with %s is refused', async (_what, query, status, code) => {
  const given = new URLSearchParams(query as Record<string, string>);
  if (given.get('organization') === 'ORG') given.set('organization', scene.azureDevOps.organizationUrl());
  expectProblem(await get(`/api/requests?${given}`), status, code);
});

test.each(['/api/requests/ID', '/api/requests/ID/decision', '/api/requests?organization=ORG&runId=1'])(
  '%s is for who reads evidence or submits checks, by role or by the local key',
  async (path) => {
    const { id } = await aGateThatAsks(scene);
    const address = path.replace('ID', id).replace('ORG', encodeURIComponent(scene.azureDevOps.organizationUrl()));
    const token = async (...roles: readonly string[]) => ({
      Authorization: `Bearer ${await entra.application(roles)}`,
    });
    expect((await get(address)).status).toBe(200);
    for (const role of ['Evidence.Read', 'Checks.Submit']) {
      expect((await get(address, await token(role))).status).toBe(200);
    }
    expectProblem(await get(address, await token('Findings.Submit', 'Operations.Read')), 403, 'forbidden');
    const person = { Authorization: `Bearer ${await entra.person(alex.oid)}` };
    expectProblem(await get(address, person), 403, 'forbidden');
    expectProblem(await get(address, {}), 401, 'unauthenticated');
    expectProblem(await get(address, { 'X-Countersign-Key': CHECK_KEY }), 401, 'unauthenticated');
  },
);

test.each(['aaaaaaaaaaaaaaaa', '..%2f..', '%00', "'%20or%20true", 'x'.repeat(2_000), '__proto__'])(
  'there is no request %s',
  async (id) => {
    expectProblem(await get(`/api/requests/${id}`), 404, 'unknown-request');
    expectProblem(await get(`/api/requests/${id}/decision`), 404, 'unknown-request');
  },
);

test('without the store nothing is said of a request, but the keys are there', async () => {
  const { id } = await aGateThatAsks(scene);
  scene.tables.down = true;
  for (const path of [`/api/requests/${id}`, `/api/requests/${id}/decision`]) {
    expectProblem(await get(path), 503, 'unavailable');
  }
  expect((await get('/readyz')).status).toBe(503);
  expect((await get('/.well-known/jwks.json', {})).status).toBe(200);
});

test('the keys are for anybody, for a short time, and only their public half', async () => {
  const { status, headers, json, text } = await get('/.well-known/jwks.json', {});
  expect(status).toBe(200);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(json['keys']).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }]);
  expect(text).not.toContain('"d"');
});
