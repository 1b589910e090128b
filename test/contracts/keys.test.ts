import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { headLine, readExportLine, readKeys } from '../../services/domain/evidence-export.ts';
import { type Signer, SignerUnavailableError } from '../../services/ports/signer.ts';
import { type Vault, VaultUnavailableError } from '../../services/ports/vault.ts';
import { createAesVault } from '../../services/vault/aes-vault.ts';
import { createEd25519Signer } from '../../services/vault/ed25519-signer.ts';
import { createKeyVaultClient } from '../../services/vault/key-vault-client.ts';
import { createKeyVaultSigner } from '../../services/vault/key-vault-signer.ts';
import { createKeyVaultVault } from '../../services/vault/key-vault-vault.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { type FakeKeyVault, startKeyVault } from '../fakes/key-vault.ts';

// What the bot seals and signs with: a key in memory, and one that never leaves Azure Key Vault.

const random = { bytes: (count: number) => Uint8Array.from(randomBytes(count)) };
const KIND = 'countersign-decision+jwt';
const HOUR = 3_600_000;

let keyVault: FakeKeyVault;
/** Milliseconds; since 1970 for the signer, of any beginning for the vault. */
let now = Date.parse('2026-11-24T09:00:00.000Z');
beforeAll(async () => {
  keyVault = await startKeyVault(() => now);
});
afterAll(() => keyVault.close());
beforeEach(() => keyVault.faults.clear());

const clientOf = (name: string, budgetMs?: number) =>
  createKeyVaultClient({
    ...{ keyId: keyVault.keyId(name), credential: keyVault.credential, allowLoopback: true },
    ...(budgetMs === undefined ? {} : { budgetMs }),
  });
const aKeyVault = (over: { readonly before?: Vault; readonly budgetMs?: number } = {}) =>
  createKeyVaultVault({
    ...{ client: clientOf('tokens', over.budgetMs), random, now: () => now },
    ...(over.before === undefined ? {} : { before: over.before }),
  });
const aKeySigner = (retired?: Signer) =>
  createKeyVaultSigner({
    ...{ client: clientOf('evidence'), now: () => now },
    ...(retired === undefined ? {} : { retired }),
  });
const aLocalVault = () => createAesVault({ key: random.bytes(32), random });
const aLocalSigner = () => createEd25519Signer(generateKeyPairSync('ed25519').privateKey);

describe.each([
  ['in memory', aLocalVault],
  ['of Key Vault', () => aKeyVault()],
])('a vault %s', (_where, vaultOf: () => Vault) => {
  test('opens what it sealed, in the same context only', async () => {
    const vault = vaultOf();
    const text = fc.string({ unit: 'binary' });
    await fc.assert(
      fc.asyncProperty(text, text, async (secret, context) => {
        const sealed = await vault.seal(secret, context);
        expect(await vault.open(sealed, context)).toBe(secret);
        await expect(vault.open(sealed, `${context}x`)).rejects.toThrow('key, context or bytes differ');
      }),
    );
  });

  test('writes a text for a table property that holds neither secret nor context, each time another one', async () => {
    const vault = vaultOf();
    const sealed = await vault.seal('job-token-of-the-run', 'request-7');
    expect(sealed).toMatch(/^[\w.-]{1,2000}$/);
    expect(sealed).not.toMatch(/job-token|request-7/);
    expect(await vault.seal('job-token-of-the-run', 'request-7')).not.toBe(sealed);
  });

  test('opens no text with a character changed, added or cut off, and none of another key', async () => {
    const vault = vaultOf();
    const sealed = await vault.seal('token', 'r');
    const places = [0, 1, 2, 5, sealed.indexOf('.v1') - 1, sealed.length - 1, sealed.length - 30].filter(
      (at) => at >= 0,
    );
    for (const at of places) {
      for (const other of ['A', 'B', '.', '']) {
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
        if (changed !== sealed) await expect(vault.open(changed, 'r'), `${at}${other}`).rejects.toThrow();
      }
    }
    await expect(vault.open(`${sealed}A`, 'r')).rejects.toThrow();
    await expect(aLocalVault().open(sealed, 'r')).rejects.toThrow();
  });
});

describe.each([
  ['in memory', aLocalSigner],
  ['of Key Vault', () => aKeySigner()],
])('a signer %s', (_where, signerOf: () => Signer) => {
  test('signs what its published keys verify, of this kind and to the last character', async () => {
    const signer = signerOf();
    const { keys } = await signer.jwks();
    const jws = await signer.sign(KIND, { sub: 'a' });
    expect(await verifySigned.payloadOf(KIND, jws, keys)).toBe('{"sub":"a"}');
    expect(await verifySigned.payloadOf('countersign-checkpoint+jws', jws, keys)).toBeUndefined();
    expect(await verifySigned.payloadOf(KIND, jws, (await aLocalSigner().jwks()).keys)).toBeUndefined();
    for (const at of [3, jws.indexOf('.') + 3, jws.length - 2, jws.length - 1]) {
      const changed = jws.slice(0, at) + (jws[at] === 'A' ? 'B' : 'A') + jws.slice(at + 1);
      expect(await verifySigned.payloadOf(KIND, changed, keys), String(at)).toBeUndefined();
    }
  });

  test('publishes public halves alone, which whoever verifies offline takes as they are', async () => {
    const jwks = JSON.stringify(await signerOf().jwks());
    expect(readKeys(jwks)).toEqual((JSON.parse(jwks) as { keys: unknown[] }).keys);
    expect(jwks).not.toMatch(/"d":|"k":/);
  });

  test('an export that names its keys is read with them', async () => {
    const keys = readKeys(JSON.stringify(await signerOf().jwks())) ?? [];
    const head = { v: 1, tenant: 't', at: '2026-11-24T09:00:00.000Z' } as const;
    expect(readExportLine(headLine(head, keys))).toEqual({ kind: 'head', head, keys });
  });

  test('a key is believed for its own algorithm only, and by its own thumbprint', async () => {
    const signer = signerOf();
    const [key] = (await signer.jwks()).keys;
    if (key === undefined) throw new Error('no key is published');
    const jws = await signer.sign(KIND, { a: 1 });
    const other = key.alg === 'EdDSA' ? 'ES256' : 'EdDSA';
    expect(await verifySigned.payloadOf(KIND, jws, [{ ...key, alg: other }])).toBeUndefined();
    for (const wrong of [
      { ...key, alg: other },
      { ...key, kid: `${key.kid}x` },
      { ...key, use: 'enc' },
      { ...key, x: 7 },
    ])
      expect(readKeys(JSON.stringify({ keys: [wrong] }))).toBeUndefined();
  });
});

test('an hour of texts share a data key: Key Vault is asked once to wrap it, and once by each process that opens', async () => {
  const vault = aKeyVault();
  const before = keyVault.requests.length;
  const sealed = [await vault.seal('a', 'r'), await vault.seal('b', 'r')];
  for (const text of sealed) await vault.open(text, 'r');
  expect(keyVault.requests.slice(before).map((one) => one.replace(/\?.*/, '').split('/').at(-1))).toEqual([
    'wrapkey',
    'unwrapkey',
  ]);
  now += HOUR;
  const later = await vault.seal('c', 'r');
  expect(later.split('.')[2]).not.toBe(sealed[0]?.split('.')[2]);
});

test('what an older version sealed opens after the key was rotated, until that version is disabled', async () => {
  const sealed = await aKeyVault().seal('token', 'r');
  keyVault.rotate('tokens');
  const renewed = await aKeyVault().seal('token', 'r');
  expect(renewed.split('.')[1]).not.toBe(sealed.split('.')[1]);
  expect(await aKeyVault().open(sealed, 'r')).toBe('token');
  keyVault.disable('tokens', sealed.split('.')[1] ?? '');
  await expect(aKeyVault().open(sealed, 'r')).rejects.toThrow(/answered 403 Forbidden for .*Key Vault Crypto User/);
});

test('what TOKEN_KEY sealed opens beside a key in Key Vault, and nothing is sealed with it any more', async () => {
  const local = aLocalVault();
  const vault = aKeyVault({ before: local });
  expect(await vault.open(await local.seal('token', 'r'), 'r')).toBe('token');
  const sealed = await vault.seal('token', 'r');
  await expect(local.open(sealed, 'r')).rejects.toThrow();
  await expect(aKeyVault().open(await local.seal('token', 'r'), 'r')).rejects.toThrow('not a text sealed as k1');
});

test.each([
  ['429 with a Retry-After', { status: 429, headers: { 'retry-after': '0.05' } }],
  ['503', { status: 503 }],
  ['a connection that breaks', { cut: 'before' as const }],
])('%s is tried again, within the time that there is', async (_what, fault) => {
  keyVault.faults.add({ on: /wrapkey/, times: 2, ...fault });
  expect(await aKeyVault().seal('token', 'r')).toMatch(/^k1\./);
});

test.each([
  ['says 503 again and again', { status: 503 }],
  ['asks to wait for a minute', { status: 429, headers: { 'retry-after': '60' } }],
  ['never answers', { delayMs: 1 }],
])('while Key Vault %s nothing is sealed, opened or said to be', async (_what, fault) => {
  const sealed = await aKeyVault().seal('token', 'r');
  const vault = aKeyVault({ budgetMs: 500 });
  const mend = keyVault.faults.add({ on: /./, ...fault });
  await expect(vault.seal('token', 'r')).rejects.toBeInstanceOf(VaultUnavailableError);
  await expect(vault.open(sealed, 'r')).rejects.toBeInstanceOf(VaultUnavailableError);
  mend();
  expect(await vault.open(sealed, 'r')).toBe('token');
  expect(await vault.seal('token', 'r')).toMatch(/^k1\./);
});

test('a refusal is told with its code and the way out, without what Key Vault wrote', async () => {
  const strangers = createKeyVaultClient({
    ...{ keyId: keyVault.keyId('nowhere'), credential: keyVault.credential, allowLoopback: true },
  });
  const failure = await strangers.operate('wrapkey', 'RSA-OAEP-256', random.bytes(32)).catch(String);
  expect(failure).toMatch(/answered 404 KeyNotFound for keys\/nowhere\/wrapkey: there is no such key or version/);
  expect(failure).not.toContain('not for the log');
});

test.each(['http://vault.example/keys/a', 'https://vault.example/secrets/a', 'https://vault.example/keys/a/b/c'])(
  '%s is no key that is called',
  (href) => {
    const options = { keyId: new URL(href), credential: keyVault.credential, allowLoopback: true };
    expect(() => createKeyVaultClient(options)).toThrow('is no key of a vault');
  },
);

test('a new version signs once every process has published it, and what the old one signed stays verifiable', async () => {
  const signer = aKeySigner();
  const old = await signer.sign(KIND, { n: 1 });
  const kidOf = (jws: string) =>
    (JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  keyVault.rotate('evidence');
  now += 301_000;
  const { keys } = await signer.jwks();
  expect(keys).toHaveLength(2);
  expect(kidOf(await signer.sign(KIND, { n: 2 }))).toBe(kidOf(old));
  now += 300_000;
  const renewed = await signer.sign(KIND, { n: 3 });
  expect(kidOf(renewed)).toBe(keys[0]?.kid);
  expect(kidOf(renewed)).not.toBe(kidOf(old));
  for (const jws of [old, renewed]) expect(await verifySigned.payloadOf(KIND, jws, keys)).toBeDefined();
});

test('the public half of SIGNING_KEY stays published beside a key in Key Vault', async () => {
  const before = aLocalSigner();
  const { keys } = await aKeySigner(before).jwks();
  expect(keys.map(({ alg }) => alg).sort()).toEqual(expect.arrayContaining(['ES256', 'EdDSA']));
  expect(await verifySigned.payloadOf(KIND, await before.sign(KIND, { a: 1 }), keys)).toBe('{"a":1}');
});

test('while Key Vault is out nothing is signed, and the keys that were read once are still published', async () => {
  const signer = aKeySigner();
  await signer.jwks();
  keyVault.faults.add({ on: /./, status: 503 });
  now += HOUR;
  await expect(signer.sign(KIND, { a: 1 })).rejects.toBeInstanceOf(SignerUnavailableError);
  expect((await signer.jwks()).keys.length).toBeGreaterThan(0);
  await expect(aKeySigner().jwks()).rejects.toBeInstanceOf(SignerUnavailableError);
});

test('a signature that its own public key does not verify is never given out', async () => {
  const real = clientOf('evidence');
  const wrong = { ...real, operate: async () => ({ value: random.bytes(64), version: '0' }) };
  const signer = createKeyVaultSigner({ client: wrong, now: () => now });
  await expect(signer.sign(KIND, { a: 1 })).rejects.toThrow('did not sign');
});

test('a key that is no EC key of the curve P-256 signs nothing', async () => {
  const signer = createKeyVaultSigner({ client: clientOf('tokens'), now: () => now });
  await expect(signer.jwks()).rejects.toHaveProperty('cause.message', expect.stringContaining('P-256'));
});
