import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { calculateJwkThumbprint, createLocalJWKSet, importJWK, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { SignerUnavailableError } from '../../services/ports/signer.ts';
import { createEd25519Signer, localSigningKey } from '../../services/vault/ed25519-signer.ts';

const KIND = 'countersign-decision+jwt';
const newKey = () => generateKeyPairSync('ed25519').privateKey;

test('what is signed is verified with the published keys, and says what it is', async () => {
  const signer = createEd25519Signer(newKey());
  const { keys } = await signer.jwks();
  const jws = await signer.sign(KIND, { sub: 'a', result: 'succeeded' });
  const keySet = createLocalJWKSet({ keys: keys.map((key) => ({ ...key })) });
  const { payload, protectedHeader } = await jwtVerify(jws, keySet, { typ: KIND, algorithms: ['EdDSA'] });
  expect(payload).toEqual({ sub: 'a', result: 'succeeded' });
  expect(protectedHeader).toEqual({ alg: 'EdDSA', kid: keys[0]?.kid, typ: KIND });
});

test('the signature is plain Ed25519 over the two parts before it', async () => {
  const key = newKey();
  const [head = '', body = '', signature = ''] = (await createEd25519Signer(key).sign(KIND, { a: 1 })).split('.');
  const bytes = Buffer.from(signature, 'base64url');
  expect(verify(null, Buffer.from(`${head}.${body}`), createPublicKey(key), bytes)).toBe(true);
  expect(verify(null, Buffer.from(`${head}.${body}x`), createPublicKey(key), bytes)).toBe(false);
});

test('a key is named by its thumbprint, and its private half is not published', async () => {
  const { keys } = await createEd25519Signer(newKey()).jwks();
  const [published] = keys;
  if (published === undefined) throw new Error('no key is published');
  expect(Object.keys(published).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  expect(published.kid).toBe(await calculateJwkThumbprint({ ...published }));
  await importJWK({ ...published }, 'EdDSA');
});

test('a local key is the same for the same secret and another for another', async () => {
  const kidOf = async (key: KeyObject) => (await createEd25519Signer(key).jwks()).keys[0]?.kid;
  const [one, same, other] = [7, 7, 8].map((byte) => localSigningKey(new Uint8Array(32).fill(byte)));
  if (one === undefined || same === undefined || other === undefined) throw new Error('three keys');
  expect(await kidOf(one)).toBe(await kidOf(same));
  expect(await kidOf(one)).not.toBe(await kidOf(other));
  expect(one.export({ format: 'jwk' }).d).not.toBe(Buffer.alloc(32, 7).toString('base64url'));
});

test('a key of another kind, or only a public half, signs nothing', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  for (const key of [rsa, createPublicKey(newKey())]) expect(() => createEd25519Signer(key)).toThrow(/Ed25519/);
});

test('what cannot be signed is a fault that says so', async () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  await expect(createEd25519Signer(newKey()).sign(KIND, circle)).rejects.toBeInstanceOf(SignerUnavailableError);
});
