import type { Request } from 'express';
import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { type Authenticate, createAuthenticate, matchesOne, type Role } from '../../bot/authenticate.ts';

const TENANT = '7d1f3c52-0a4e-4a35-9a57-3f0c9d7b8e11';
const SECOND = '8e2a4d63-1b5f-4b46-8b68-4a1d0e8c9f22';
const STRANGER = '9f3b5e74-2c60-4c57-9c79-5b2e1f9d0a33';
const AUDIENCE = 'api://countersign';
const ROLES: readonly Role[] = ['Checks.Submit', 'Findings.Submit', 'Evidence.Read', 'Operations.Read'];

let pair: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey };
let other: typeof pair;
let keySet: JWTVerifyGetKey;
/** Tenants whose keys were asked for. */
let asked: string[];
let keys: (tenant: string) => JWTVerifyGetKey;
let authenticate: Authenticate;

beforeAll(async () => {
  pair = await generateKeyPair('RS256', { extractable: true });
  other = await generateKeyPair('RS256');
  keySet = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'key-1' }] });
});
beforeEach(() => {
  asked = [];
  keys = () => keySet;
  authenticate = createAuthenticate({
    checkSecrets: ['first-secret', 'second-secret'],
    entra: {
      audience: AUDIENCE,
      tenants: [TENANT, SECOND],
      keys: (tenant) => {
        asked.push(tenant);
        return keys(tenant);
      },
    },
  });
});

const requestWith = (headers: Readonly<Record<string, string>>) =>
  ({ get: (name: string) => headers[name.toLowerCase()] }) as unknown as Request;
const bearing = (token: string) => requestWith({ authorization: `Bearer ${token}` });

/** Undefined leaves a claim out. */
type Claims = Readonly<Record<string, unknown>>;

/** As Entra issues one to a pipeline's identity with role Checks.Submit, but for what is said otherwise. */
function claims(over: Claims = {}): JWTPayload {
  const tid = over['tid'] ?? TENANT;
  const iss = `https://login.microsoftonline.com/${tid}/v2.0`;
  const now = Math.floor(Date.now() / 1_000);
  return { iss, aud: AUDIENCE, tid, roles: ['Checks.Submit'], iat: now, nbf: now - 5, exp: now + 600, ...over };
}

const signed = (
  payload: JWTPayload,
  header: { readonly alg?: string; readonly kid?: string } = {},
  key = pair.privateKey,
) => new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'JWT', ...header }).sign(key);

const answerTo = async (payload: JWTPayload, role: Role = 'Checks.Submit') =>
  authenticate(bearing(await signed(payload)), role);

test('a token of a configured tenant with the role is let in', async () => {
  expect(await answerTo(claims())).toBe('authenticated');
  expect(await answerTo(claims({ tid: SECOND }))).toBe('authenticated');
  expect(asked).toEqual([TENANT, SECOND]);
});

test('a token of the first version has another issuer', async () => {
  expect(await answerTo(claims({ iss: `https://sts.windows.net/${TENANT}/` }))).toBe('authenticated');
});

test.each(ROLES)('role %s opens its own routes only', async (role) => {
  for (const wanted of ROLES) {
    expect(await answerTo(claims({ roles: [role] }), wanted)).toBe(wanted === role ? 'authenticated' : 'forbidden');
  }
});

test.each([
  ['none', undefined],
  ['an empty list', []],
  ['a text', 'Checks.Submit'],
  ['another case', ['checks.submit']],
  ['a wildcard', ['*']],
  ['a scope', [{ value: 'Checks.Submit' }]],
])('roles that are %s are no role', async (_what, roles) => {
  expect(await answerTo(claims({ roles, scp: 'Checks.Submit' }))).toBe('forbidden');
});

test.each<[string, Claims]>([
  ['another audience', { aud: 'https://management.azure.com' }],
  ['no audience', { aud: undefined }],
  ["another tenant's issuer", { iss: `https://login.microsoftonline.com/${SECOND}/v2.0` }],
  ["a stranger's issuer", { iss: `https://login.microsoftonline.com/${STRANGER}/v2.0` }],
  ['another issuer', { iss: `https://evil.example/${TENANT}/v2.0` }],
  ['no issuer', { iss: undefined }],
  ['an end that has passed', { exp: Math.floor(Date.now() / 1_000) - 1 }],
  ['no end', { exp: undefined }],
  ['a beginning still to come', { nbf: Math.floor(Date.now() / 1_000) + 600 }],
])('a token with %s is not let in', async (_what, over) => {
  expect(await answerTo(claims(over))).toBe('unauthenticated');
});

test.each<[string, Claims]>([
  ['of a tenant that is not configured', { tid: STRANGER }],
  ['without a tenant', { tid: undefined }],
  ['of every tenant', { tid: ['common', TENANT] }],
])('a token %s costs no look at any keys', async (_what, over) => {
  expect(await answerTo({ ...claims(), ...over })).toBe('unauthenticated');
  expect(asked).toEqual([]);
});

test('a token that somebody else signed is not let in, whatever key it names', async () => {
  for (const kid of ['key-1', 'key-2']) {
    const token = await signed(claims(), { kid }, other.privateKey);
    expect(await authenticate(bearing(token), 'Checks.Submit')).toBe('unauthenticated');
  }
});

test('a token without a signature, or with one by a shared secret, is not let in', async () => {
  const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(pair.publicKey)));
  const shared = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'key-1' }).sign(secret);
  for (const token of [new UnsecuredJWT(claims()).encode(), shared]) {
    expect(await authenticate(bearing(token), 'Checks.Submit')).toBe('unauthenticated');
  }
});

test('a token that the right key signed in another way is not let in', async () => {
  const privateJwk = await exportJWK(pair.privateKey);
  for (const alg of ['PS256', 'RS512']) {
    const key = (await importJWK(privateJwk, alg)) as CryptoKey;
    expect(await authenticate(bearing(await signed(claims(), { alg }, key)), 'Checks.Submit')).toBe('unauthenticated');
  }
});

test('a token that was changed after it was signed is not let in', async () => {
  const [header, , signature] = (await signed(claims({ roles: [] }))).split('.');
  const payload = Buffer.from(JSON.stringify(claims())).toString('base64url');
  expect(await authenticate(bearing(`${header}.${payload}.${signature}`), 'Checks.Submit')).toBe('unauthenticated');
});

test.each(['', 'x', 'a.b.c', '..', 'eyJhbGciOiJub25lIn0.e30.', `${'a'.repeat(10_000)}.b.c`])(
  'the token %s is none',
  async (token) => {
    expect(await authenticate(bearing(token), 'Checks.Submit')).toBe('unauthenticated');
    expect(asked).toEqual([]);
  },
);

test('a token counts as a bearer token only', async () => {
  const token = await signed(claims());
  for (const authorization of [token, `Basic ${token}`, `Bearer ${token} x`, `Bearer  ${token}`, `Bearer ${token},x`]) {
    expect(await authenticate(requestWith({ authorization }), 'Checks.Submit')).toBe('unauthenticated');
  }
  expect(await authenticate(requestWith({ authorization: `bearer ${token}` }), 'Checks.Submit')).toBe('authenticated');
});

const answering = (status: number, body: string) =>
  createRemoteJWKSet(new URL('http://127.0.0.1:9/'), {
    [customFetch]: async () => new Response(body, { status }),
  });

test('keys that cannot be read prove nothing: the caller is asked to come again', async () => {
  const token = bearing(await signed(claims()));
  const failing: readonly JWTVerifyGetKey[] = [
    answering(500, 'busy'),
    answering(302, ''),
    answering(200, '<html>'),
    answering(200, '{"keys":7}'),
    () => Promise.reject(new errors.JWKSTimeout()),
    () => Promise.reject(new TypeError('fetch failed')),
  ];
  for (const failure of failing) {
    keys = () => failure;
    expect(await authenticate(token, 'Checks.Submit')).toBe('unavailable');
  }
});

test('without an audience no token is taken', async () => {
  const local = createAuthenticate({ checkSecrets: [] });
  expect(await local(bearing(await signed(claims())), 'Checks.Submit')).toBe('unauthenticated');
});

test("a check's secret is good for checks only, and costs no look at any keys", async () => {
  for (const secret of ['first-secret', 'second-secret']) {
    const request = requestWith({ 'x-countersign-key': secret });
    const answers = await Promise.all(ROLES.map((role) => authenticate(request, role)));
    expect(answers).toEqual(['authenticated', 'unauthenticated', 'unauthenticated', 'unauthenticated']);
  }
  expect(asked).toEqual([]);
});

test('the local key stands for every role, and without one no key does', async () => {
  const local = createAuthenticate({ checkSecrets: [], localApiKey: 'local-key' });
  for (const role of ROLES) {
    expect(await local(requestWith({ 'x-api-key': 'local-key' }), role)).toBe('authenticated');
    expect(await local(requestWith({ 'x-api-key': 'local-keys' }), role)).toBe('unauthenticated');
    expect(await authenticate(requestWith({ 'x-api-key': 'undefined' }), role)).toBe('unauthenticated');
  }
});

test('a secret matches as a whole or not at all', () => {
  expect(matchesOne('abc', ['xyz', 'abc'])).toBe(true);
  for (const given of [undefined, '', 'ab', 'abcd', 'ABC', ' abc']) expect(matchesOne(given, ['abc', ''])).toBe(false);
  expect(matchesOne('abc', [])).toBe(false);
});
