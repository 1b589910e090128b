import { Buffer } from 'node:buffer';
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { CompactSign, calculateJwkThumbprint } from 'jose';
import { type PublicKey, type Signer, SignerUnavailableError } from '../ports/signer.ts';

/** PKCS#8 of an Ed25519 key up to its 32 bytes (RFC 8410 section 7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_BYTES = 32;

/** A signer with one Ed25519 key in memory. Throws a RangeError for a key of another kind. */
export function createEd25519Signer(key: KeyObject): Signer {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'ed25519')
    throw new RangeError('decisions are signed with an Ed25519 private key');
  return {
    sign: async (kind, payload) => {
      try {
        const { kid } = await publicKeyOf(key);
        return await new CompactSign(Buffer.from(JSON.stringify(payload)))
          .setProtectedHeader({ alg: 'EdDSA', kid, typ: kind })
          .sign(key);
      } catch (cause) {
        throw new SignerUnavailableError('the signing key did not sign', { cause });
      }
    },
    jwks: async () => ({ keys: [await publicKeyOf(key)] }),
  };
}

async function publicKeyOf(key: KeyObject): Promise<PublicKey> {
  const { kty = '', crv = '', x = '' } = createPublicKey(key).export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint({ kty, crv, x });
  return { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' };
}

/** For a developer's machine: always the same key for the same secret, which it does not give away (RFC 5869). */
export function localSigningKey(secret: Uint8Array): KeyObject {
  const seed = hkdfSync('sha256', secret, '', 'countersign local signing key', SEED_BYTES);
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, Buffer.from(seed)]), format: 'der', type: 'pkcs8' });
}
