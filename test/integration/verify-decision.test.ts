import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createEd25519Signer } from '../../services/vault/ed25519-signer.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { type AnsweringServer, type Ended, startAnswering, verifyDecision } from '../fakes/verify-decision.ts';
import { aGateThatAsks, alex, approvalOf } from '../hostile/asked-gate.ts';

// The script of manifest/pipelines as a process, against the product and against servers that lie.

vi.setConfig({ testTimeout: 60_000 });

let scene: CheckScene;
let liar: AnsweringServer;
/** Approved, for those who only read it. */
let shared: Asked;
beforeAll(async () => {
  scene = await setCheckScene();
  await scene.teams.install(alex);
  shared = await approved();
  liar = await startAnswering();
});
afterAll(() => Promise.all([scene.close(), liar.close()]));
beforeEach(() => liar.answers.clear());

type Variables = Readonly<Record<string, string>>;
type Asked = Awaited<ReturnType<typeof aGateThatAsks>>;

/** The variables of the deploy job behind this check. */
const jobOf = ({ check }: Asked): Variables => ({
  COUNTERSIGN_URL: scene.url,
  COUNTERSIGN_API_KEY: API_KEY,
  COUNTERSIGN_ENVIRONMENT: 'prod',
  // As Azure Pipelines leaves those that nobody set.
  COUNTERSIGN_KEY_IDS: '$(countersignKeyIds)',
  COUNTERSIGN_SERVICE: '',
  SYSTEM_COLLECTIONURI: `${scene.azureDevOps.organizationUrl()}/`,
  BUILD_BUILDID: String(check.run.id),
  SYSTEM_STAGENAME: 'Deploy',
  BUILD_SOURCEVERSION: check.run.commit,
});

async function approved(): Promise<Asked> {
  const asked = await aGateThatAsks(scene);
  expect((await scene.teams.send(approvalOf(scene, asked.id))).status).toBe(200);
  await scene.app.core.idle();
  return asked;
}

async function kidOf(): Promise<string> {
  const { keys } = (await (await fetch(`${scene.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  return keys[0]?.kid ?? '';
}

/** Nothing is deployed, and the log says why on one line. */
function expectRefused(ended: Ended, code: 1 | 2, why: string | RegExp): void {
  expect(ended).toMatchObject({ code, out: '', error: expect.stringMatching(why) });
  expect(ended.error.trim().split('\n')).toHaveLength(1);
}

test('an approved deployment goes on, found by run, stage and environment', async () => {
  const ended = await verifyDecision(jobOf(shared));
  expect(ended).toMatchObject({ code: 0, error: '', out: expect.stringContaining(`request "${shared.id}"`) });
  expect(ended.out).toContain('not pinned');
});

test('with a pinned key, a service and the request id it goes on without a remark', async () => {
  const pins = `another-thumbprint, ${await kidOf()}`;
  const args = ['--key-id', pins, '--service', 'payments-api', '--request', shared.id];
  const ended = await verifyDecision(jobOf(shared), args);
  expect(ended).toMatchObject({ code: 0, error: '' });
  expect(ended.out).not.toContain('not pinned');
});

test('keys from a file take the place of those at the address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-keys-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [own, others] = [join(folder, 'own.json'), join(folder, 'others.json')];
  await writeFile(own, await (await fetch(`${scene.url}/.well-known/jwks.json`)).text());
  await writeFile(others, JSON.stringify(await createEd25519Signer(newKey()).jwks()));
  expect(await verifyDecision(jobOf(shared), ['--jwks', own])).toMatchObject({ code: 0 });
  expectRefused(await verifyDecision(jobOf(shared), ['--jwks', others]), 1, 'not among the keys');
  expectRefused(await verifyDecision(jobOf(shared), ['--jwks', join(folder, 'none.json')]), 2, 'cannot be read');
});

test('a deployment that waits, was rejected, or was asked anew does not go on', async () => {
  const waiting = await aGateThatAsks(scene);
  expectRefused(await verifyDecision(jobOf(waiting)), 1, 'is "pending" \\("asked"\\)');
  const data = { verb: 'approval.decide', requestId: waiting.id, revision: 1, verdict: 'reject', comment: 'no' };
  const value = { action: { type: 'Action.Execute', verb: 'approval.decide', data } };
  await scene.teams.send(approvalOf(scene, waiting.id, { value }));
  await scene.app.core.idle();
  expectRefused(await verifyDecision(jobOf(waiting)), 1, 'is "failed" \\("rejected"\\)');
  const repeated = await approved();
  scene.azureDevOps.rerunCheck(repeated.check);
  await scene.send(repeated.check);
  await scene.app.core.idle();
  expectRefused(await verifyDecision(jobOf(repeated)), 1, 'is "pending"');
  expectRefused(await verifyDecision(jobOf(repeated), ['--request', repeated.id]), 1, 'superseded');
});

test.each<[string, Variables, 1 | 2, string]>([
  ['another run', { BUILD_BUILDID: '999999' }, 1, 'never asked'],
  ['another stage', { SYSTEM_STAGENAME: 'Other' }, 1, 'never asked'],
  ['another environment', { COUNTERSIGN_ENVIRONMENT: 'staging' }, 1, 'never asked'],
  ['another service', { COUNTERSIGN_SERVICE: 'orders-api' }, 1, 'never asked'],
  ['another commit', { BUILD_SOURCEVERSION: 'f'.repeat(40) }, 1, 'commit is'],
  ['another artifact', { COUNTERSIGN_ARTIFACT: 'payments-api:2' }, 1, 'artifact is missing'],
  ['another subject', { COUNTERSIGN_SUBJECT_CHECKSUM: 'ab'.repeat(32) }, 1, 'subject checksum is'],
  ['another pinned key', { COUNTERSIGN_KEY_IDS: 'x'.repeat(43) }, 1, 'none of --key-id'],
  ['another organization', { SYSTEM_COLLECTIONURI: 'https://dev.azure.com/other/' }, 2, 'answered 403'],
  ['a key that is not taken', { COUNTERSIGN_API_KEY: 'wrong' }, 2, 'answered 401'],
  ['no key', { COUNTERSIGN_API_KEY: '$(countersignToken)' }, 2, 'COUNTERSIGN_TOKEN'],
  ['no commit', { BUILD_SOURCEVERSION: '' }, 2, '--commit \\(BUILD_SOURCEVERSION\\) must be given'],
  ['no environment', { COUNTERSIGN_ENVIRONMENT: '$(environment)' }, 2, '--environment'],
  ['an address without TLS', { COUNTERSIGN_URL: 'http://countersign.contoso.com' }, 2, 'https://'],
  ['no address', { COUNTERSIGN_URL: 'countersign' }, 2, 'https://'],
  ['a server that is down', { COUNTERSIGN_URL: 'http://127.0.0.1:9' }, 2, 'did not answer'],
])('a job with %s does not go on', async (_what, over, code, why) => {
  expectRefused(await verifyDecision({ ...jobOf(shared), ...over }), code, why);
});

test('a request id of another deployment does not help', async () => {
  const own = await aGateThatAsks(scene);
  expectRefused(await verifyDecision(jobOf(own), ['--request', shared.id]), 1, 'run is .*, not');
});

test('an option that is none could not run', async () => {
  expectRefused(await verifyDecision({}, ['--skip']), 2, 'skip');
});

const KIND = 'countersign-decision+jwt';
const newKey = () => generateKeyPairSync('ed25519').privateKey;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What a liar answers: the keys at the address and a signed text, from claims that would let the job go on. */
interface Lie {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly signedBy?: KeyObject;
  /** In place of the one that signed. */
  readonly keys?: readonly object[];
  /** The finished text, changed. */
  readonly changed?: (jws: string) => string;
}

const JOB: Variables = {
  COUNTERSIGN_TOKEN: 'a-token',
  COUNTERSIGN_ENVIRONMENT: 'prod',
  SYSTEM_COLLECTIONURI: 'https://dev.azure.com/contoso/',
  BUILD_BUILDID: '7',
  SYSTEM_STAGENAME: 'Deploy',
  BUILD_SOURCEVERSION: 'c'.repeat(40),
};

async function told({ claims = {}, header = {}, signedBy, changed = (jws) => jws, ...lie }: Lie): Promise<Ended> {
  const key = newKey();
  const { keys } = await createEd25519Signer(key).jwks();
  const now = Math.floor(Date.now() / 1_000);
  const good = {
    iss: liar.url,
    sub: 'request-1',
    iat: now,
    exp: now + 900,
    validUntil: 'soon',
    result: 'succeeded',
    reason: 'approved',
    subjectChecksum: 'ab'.repeat(32),
    sealedAt: '2026-11-23T10:00:00.000Z',
    organization: 'https://dev.azure.com/contoso',
    run: { id: 7 },
    stage: 'Deploy',
    environment: 'prod',
    services: ['payments-api'],
    commit: 'c'.repeat(40),
  };
  const head = part({ alg: 'EdDSA', kid: keys[0]?.kid, typ: KIND, ...header });
  const body = part({ ...good, ...claims });
  const signer = signedBy ?? key;
  const digest = signer.asymmetricKeyType === 'ec' ? 'sha256' : null;
  const bytes = sign(digest, Buffer.from(`${head}.${body}`), { key: signer, dsaEncoding: 'ieee-p1363' });
  const signature = bytes.toString('base64url');
  liar.answers.set('/api/requests', JSON.stringify({ requests: [{ id: 'request-1', services: ['payments-api'] }] }));
  liar.answers.set('/api/requests/request-1/decision', changed(`${head}.${body}.${signature}`));
  liar.answers.set('/.well-known/jwks.json', JSON.stringify({ keys: lie.keys ?? keys }));
  return verifyDecision({ ...JOB, COUNTERSIGN_URL: liar.url });
}

test('what every lie below is made from would let the job go on', async () => {
  expect(await told({})).toMatchObject({ code: 0, error: '' });
});

test('a decision that a key of Key Vault signed is taken, pinned by its thumbprint or not, and a changed one is not', async () => {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = key.publicKey.export({ format: 'jwk' });
  const half = { crv: 'P-256', kty: 'EC', x, y };
  const kid = createHash('sha256').update(JSON.stringify(half)).digest('base64url');
  const es256 = { keys: [{ ...half, kid, alg: 'ES256', use: 'sig' }], header: { alg: 'ES256', kid } };
  const signedBy = key.privateKey;
  expect(await told({ ...es256, signedBy })).toMatchObject({ code: 0, error: '' });
  const pinned = await verifyDecision({ ...JOB, COUNTERSIGN_URL: liar.url, COUNTERSIGN_KEY_IDS: kid });
  expect(pinned).toMatchObject({ code: 0, error: '' });
  expectRefused(
    await told({ ...es256, signedBy, changed: replaced({ validUntil: 'x' }) }),
    1,
    'signature of the decision',
  );
  expectRefused(await told({ ...es256, signedBy, header: { alg: 'EdDSA', kid } }), 1, 'not among the keys');
  const another = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  expectRefused(await told({ ...es256, signedBy: another }), 1, 'signature of the decision is wrong');
});

const replaced = (over: object) => (jws: string) => {
  const [head, body = '', signature] = jws.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  return [head, part({ ...claims, ...over }), signature].join('.');
};

test.each<[string, Lie, string]>([
  ['signed with another key under the same id', { signedBy: newKey() }, 'signature of the decision is wrong'],
  ['changed after it was signed', { changed: replaced({ validUntil: 'later' }) }, 'signature of the decision is wrong'],
  ['without its signature', { changed: (jws) => jws.replace(/[^.]+$/, '') }, 'signature of the decision is wrong'],
  ['with a part more', { changed: (jws) => `${jws}.x` }, 'no signed decision'],
  ['not signed at all', { header: { alg: 'none' } }, 'no signed decision'],
  ['signed by a shared secret', { header: { alg: 'HS256' } }, 'no signed decision'],
  ['signed for something else', { header: { typ: 'countersign-evidence+jwt' } }, 'no signed decision'],
  ['with a condition that is not known', { header: { crit: ['b64'], b64: false } }, 'no signed decision'],
  ['signed by a key that is not published', { header: { kid: 'another' } }, 'not among the keys'],
  ['expired', { claims: { exp: Math.floor(Date.now() / 1_000) - 1 } }, 'valid until "soon" only'],
  ['without an end', { claims: { exp: undefined } }, 'valid until'],
  ['with an end as text', { claims: { exp: '9999999999' } }, 'valid until'],
  ['of the future', { claims: { iat: Math.floor(Date.now() / 1_000) + 600 } }, 'from the future'],
  ['failed', { claims: { result: 'failed', reason: 'expired' } }, 'is "failed"'],
  ['pending', { claims: { result: 'pending' } }, 'is "pending"'],
  ['of a result that is nearly right', { claims: { result: ['succeeded'] } }, 'the decision is'],
  ['not sealed', { claims: { sealedAt: null } }, 'what was approved'],
  ['about nothing', { claims: { subjectChecksum: null } }, 'what was approved'],
  ['about another request', { claims: { sub: 'request-2' } }, 'request is "request-2", not "request-1"'],
  ['of another bot', { claims: { iss: 'https://other.contoso.com' } }, 'issuer is'],
  ['of another organization', { claims: { organization: 'https://dev.azure.com/other' } }, 'organization is'],
  ['of another run', { claims: { run: { id: 8 } } }, 'run is "8", not "7"'],
  ['of another stage', { claims: { stage: 'deploy' } }, 'stage is'],
  ['of another environment', { claims: { environment: 'Prod' } }, 'environment is'],
  ['of another commit', { claims: { commit: 'd'.repeat(40) } }, 'commit is'],
])('a decision that is %s does not let the job go on', async (_what, lie, why) => {
  expectRefused(await told(lie), 1, why);
});

test.each<[string, string, string | number]>([
  ['a page in place of the decision', '/api/requests/request-1/decision', '<html>sign in</html>'],
  ['a redirect in place of the decision', '/api/requests/request-1/decision', 302],
  ['an error in place of the decision', '/api/requests/request-1/decision', 404],
  ['a page in place of the keys', '/.well-known/jwks.json', '<html>'],
  ['keys that are none', '/.well-known/jwks.json', '{"keys":7}'],
  ['a page in place of the requests', '/api/requests', '<html>'],
])('%s does not let the job go on', async (_what, path, answer) => {
  await told({});
  liar.answers.set(path, answer);
  const { code, out } = await verifyDecision({ ...JOB, COUNTERSIGN_URL: liar.url });
  expect({ code: code === 0, out }).toEqual({ code: false, out: '' });
});

test('a stage that asked for several services must say which one it deploys', async () => {
  await told({});
  const requests = ['payments-api', 'orders-api'].map((service, n) => ({
    id: `request-${n + 1}`,
    services: [service],
  }));
  liar.answers.set('/api/requests', JSON.stringify({ requests }));
  expectRefused(await verifyDecision({ ...JOB, COUNTERSIGN_URL: liar.url }), 2, '--service');
});

test('no text of a server becomes a command to the agent', async () => {
  const ended = await told({ claims: { result: 'failed', reason: '##vso[task.complete result=Succeeded;]' } });
  expect(ended.code).toBe(1);
  expect(ended.error).not.toContain('##');
});
