import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { type PublicKey, type Signer, SignerUnavailableError } from '../ports/signer.ts';
import type { KeyVaultClient, KeyVersion } from './key-vault-client.ts';
import { verifySigned } from './verify-signed.ts';

const ALGORITHM = 'ES256';
/** As long as others may keep what is published (jwks.ts). */
const KEPT_MS = 300_000;
/** So long every process has published a version before one signs with it. */
const PUBLISHED_SECONDS = 600;

interface Needs {
  readonly client: KeyVaultClient;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The key that signed before: what it signed stays verifiable at the address. */
  readonly retired?: Pick<Signer, 'jwks'>;
}

interface Published {
  readonly version: string;
  readonly created: number;
  readonly key: PublicKey;
}

/**
 * Signs by a key of Key Vault that never leaves it: EC P-256, for Key Vault has no Ed25519. The public halves of all enabled versions are
 * published, and kept: an outage of Key Vault ends signing, not verifying. A signature that its own public key does not verify is never given out.
 */
export function createKeyVaultSigner({ client, now, retired }: Needs): Signer {
  let known: { readonly at: number; readonly all: readonly Published[] } | undefined;
  let reading: Promise<readonly Published[]> | undefined;

  async function read(): Promise<readonly Published[]> {
    const all = (await Promise.all((await client.versions()).map(publishedOf))).filter((one) => one !== undefined);
    if (all.length === 0) throw new Error('SIGNING_KEY_ID names no enabled key of type EC with curve P-256');
    known = { at: now(), all };
    return all;
  }

  async function versions(): Promise<readonly Published[]> {
    if (known !== undefined && now() - known.at < KEPT_MS) return known.all;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    return reading.catch((error: unknown) => {
      if (known !== undefined) return known.all;
      throw new SignerUnavailableError('the public keys of the signing key could not be read', { cause: error });
    });
  }

  return {
    sign: async (kind, payload) => {
      try {
        const all = await versions();
        const isKnownEverywhere = ({ created }: Published) => created + PUBLISHED_SECONDS <= now() / 1_000;
        const signing = all.find(isKnownEverywhere) ?? all.at(-1);
        if (signing === undefined) throw new Error('there is no key to sign with');
        const { kid } = signing.key;
        const text = [{ alg: ALGORITHM, kid, typ: kind }, payload].map(encoded).join('.');
        const digest = createHash('sha256').update(text).digest();
        const { value } = await client.operate('sign', ALGORITHM, digest, signing.version);
        const jws = `${text}.${Buffer.from(value).toString('base64url')}`;
        if ((await verifySigned.payloadOf(kind, jws, [signing.key])) === undefined)
          throw new Error('what came back is no signature by this key');
        return jws;
      } catch (cause) {
        throw new SignerUnavailableError('the signing key in Key Vault did not sign', { cause });
      }
    },
    jwks: async () => {
      const before = await retired?.jwks();
      return { keys: [...(await versions()).map(({ key }) => key), ...(before?.keys ?? [])] };
    },
  };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function publishedOf({ version, created, key }: KeyVersion): Promise<Published | undefined> {
  const { kty, crv, x, y } = key;
  if (!/^EC(?:-HSM)?$/.test(kty) || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return undefined;
  const half = { kty: 'EC', crv, x, y };
  const kid = await calculateJwkThumbprint(half);
  return { version, created, key: { ...half, kid, alg: ALGORITHM, use: 'sig' } };
}
