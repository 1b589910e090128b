import type { Request } from 'express';
import { errors } from 'jose';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { createAuthenticate, createAuthenticatePerson } from '../../bot/authenticate.ts';
import { TENANT } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { AUDIENCE, type Claims, createEntra, type Entra } from '../fakes/entra.ts';

const SECOND = '8e2a4d63-1b5f-4b46-8b68-4a1d0e8c9f22';
const STRANGER = '9f3b5e74-2c60-4c57-9c79-5b2e1f9d0a33';

let entra: Entra;
beforeAll(async () => {
  entra = await createEntra();
});
beforeEach(() => entra.asked.splice(0));

const requestWith = (headers: Readonly<Record<string, string>>) =>
  ({ get: (name: string) => headers[name.toLowerCase()] }) as unknown as Request;
const bearing = (token: string) => requestWith({ authorization: `Bearer ${token}` });

/** With Entra's tokens of two tenants taken, of which the first is ours. */
const personOf = (request: Request, over: Partial<Entra> = {}) =>
  createAuthenticatePerson({
    tenant: TENANT,
    entra: { audience: AUDIENCE, tenants: [TENANT, SECOND], keys: over.keys ?? entra.keys },
  })(request);

const claiming = async (over: Claims) => personOf(bearing(await entra.person(PEOPLE.alex, over)));

test('a person of our tenant with a delegated token is who the token says', async () => {
  expect(await claiming({})).toEqual({
    kind: 'person',
    tenant: TENANT,
    oid: PEOPLE.alex,
    name: 'as the token says',
  });
  expect(await claiming({ idtyp: 'user', scp: 'user_impersonation' })).toMatchObject({ oid: PEOPLE.alex });
  expect(await claiming({ oid: PEOPLE.alex.toUpperCase() })).toMatchObject({ oid: PEOPLE.alex });
});

test.each<[string, Claims]>([
  ['an application', { idtyp: 'app' }],
  ['an application that calls itself a device', { idtyp: 'device' }],
  ['no scope', { scp: undefined }],
  ['roles in place of a scope', { scp: undefined, roles: ['Checks.Submit', 'user_impersonation'] }],
  ['another scope', { scp: 'openid Checks.Submit' }],
  ['a scope that only begins like it', { scp: 'user_impersonation.read' }],
  ['scopes as a list', { scp: ['user_impersonation'] }],
  ['no object id', { oid: undefined }],
  ['an object id that is none', { oid: 'alex.wilber@contoso.example' }],
  ['an object id in a list', { oid: [PEOPLE.alex] }],
])('a genuine token with %s is no person', async (_what, over) => {
  expect(await claiming(over)).toBe('not-a-person');
});

test('a token of an application is no person, whatever its roles are', async () => {
  const token = await entra.application(['Checks.Submit', 'Evidence.Read']);
  expect(await personOf(bearing(token))).toBe('not-a-person');
});

test('a person of another tenant is not of ours, even where its machines are let in, and costs no look at any keys', async () => {
  for (const tid of [SECOND, STRANGER]) expect(await claiming({ tid })).toBe('wrong-tenant');
  expect(entra.asked).toEqual([]);
});

test('a person of our tenant is let in only where its tokens are taken', async () => {
  const only = { audience: AUDIENCE, tenants: [SECOND], keys: entra.keys };
  const authenticate = createAuthenticatePerson({ tenant: TENANT, entra: only });
  expect(await authenticate(bearing(await entra.person(PEOPLE.alex)))).toBe('unauthenticated');
  const without = createAuthenticatePerson({ tenant: TENANT });
  expect(await without(bearing(await entra.person(PEOPLE.alex)))).toBe('unauthenticated');
});

test.each<[string, Claims]>([
  ['another audience', { aud: 'https://management.azure.com' }],
  ['no tenant', { tid: undefined }],
  ['tenants in a list', { tid: [TENANT] }],
  ["another tenant's issuer", { iss: `https://login.microsoftonline.com/${SECOND}/v2.0` }],
  ['an end that has passed', { exp: Math.floor(Date.now() / 1_000) - 1 }],
  ['no end', { exp: undefined }],
  ['a beginning still to come', { nbf: Math.floor(Date.now() / 1_000) + 600 }],
])('a token with %s is nobody', async (_what, over) => {
  expect(await claiming(over)).toBe('unauthenticated');
});

test('a token that somebody else signed, or nobody, is nobody', async () => {
  for (const token of [await entra.forged(PEOPLE.alex), entra.unsigned(PEOPLE.alex), 'a.b.c']) {
    expect(await personOf(bearing(token))).toBe('unauthenticated');
  }
});

test('no key stands for a person, and no key beside a token changes who it is', async () => {
  for (const header of ['x-api-key', 'x-countersign-key']) {
    expect(await personOf(requestWith({ [header]: 'whatever' }))).toBe('not-a-person');
  }
  const both = { 'x-api-key': 'local-key', authorization: `Bearer ${await entra.person(PEOPLE.megan)}` };
  expect(await personOf(requestWith(both))).toMatchObject({ oid: PEOPLE.megan });
  expect(await personOf(requestWith({}))).toBe('unauthenticated');
});

test('keys that cannot be read prove nothing', async () => {
  const failing = () => () => Promise.reject(new errors.JWKSTimeout());
  expect(await personOf(bearing(await entra.person(PEOPLE.alex)), { keys: failing })).toBe('unavailable');
});

test("one of several roles is enough, and a check's secret is good where Checks.Submit alone is", async () => {
  const settings = { audience: AUDIENCE, tenants: [TENANT], keys: entra.keys };
  const authenticate = createAuthenticate({ checkSecrets: ['check-secret'], entra: settings });
  for (const role of ['Evidence.Read', 'Checks.Submit']) {
    const request = bearing(await entra.application([role]));
    expect(await authenticate(request, 'Evidence.Read', 'Checks.Submit')).toBe('authenticated');
  }
  const other = bearing(await entra.application(['Findings.Submit', 'Operations.Read']));
  expect(await authenticate(other, 'Evidence.Read', 'Checks.Submit')).toBe('forbidden');
  const secret = requestWith({ 'x-countersign-key': 'check-secret' });
  expect(await authenticate(secret, 'Checks.Submit')).toBe('authenticated');
  expect(await authenticate(secret, 'Evidence.Read', 'Checks.Submit')).toBe('unauthenticated');
});
