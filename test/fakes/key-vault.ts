import { constants, generateKeyPairSync, type KeyObject, privateDecrypt, publicEncrypt } from 'node:crypto';
import type { Reply } from './azure-devops-model.ts';
import { type JsonRequest, startJsonServer } from './json-server.ts';

interface Version {
  readonly version: string;
  readonly created: number;
  enabled: boolean;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const PADDING = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
const TOKEN = 'a-token-for-key-vault';

export type FakeKeyVault = Awaited<ReturnType<typeof startKeyVault>>;

/** Azure Key Vault over its REST addresses, with real keys: `tokens` (RSA) and `evidence` (EC P-256), each with one version. */
export async function startKeyVault(now: () => number = () => Date.now()) {
  const keys = new Map<string, Version[]>();
  let last = 0;

  function rotate(name: string, created = Math.floor(now() / 1_000)): string {
    last += 1;
    const pair =
      name === 'tokens'
        ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
        : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const version = last.toString(16).padStart(32, '0');
    keys.set(name, [...(keys.get(name) ?? []), { ...pair, version, created, enabled: true }]);
    return version;
  }

  const server = await startJsonServer((request) => answerTo(keys, server.url, request));
  rotate('tokens', 0);
  rotate('evidence', 0);
  return {
    ...server,
    rotate,
    disable: (name: string, version: string) => {
      for (const one of keys.get(name) ?? []) if (one.version === version) one.enabled = false;
    },
    keyId: (name: string, version?: string) =>
      new URL(`${server.url}/keys/${name}${version === undefined ? '' : `/${version}`}`),
    credential: { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
  };
}

function answerTo(keys: ReadonlyMap<string, readonly Version[]>, origin: string, request: JsonRequest): Reply {
  const { method, url, authorization, body } = request;
  if (authorization !== `Bearer ${TOKEN}`) return fault(401, 'Unauthorized');
  if (url.searchParams.get('api-version') === null) return fault(400, 'BadParameter');
  const [, , name = '', ...rest] = url.pathname.split('/');
  const versions = keys.get(name) ?? [];
  const kid = ({ version }: Version) => `${origin}/keys/${name}/${version}`;
  const attributes = ({ enabled, created }: Version) => ({ attributes: { enabled, created } });
  if (method === 'GET' && rest.join() === 'versions')
    return {
      status: 200,
      body: { value: versions.map((one) => ({ kid: kid(one), ...attributes(one) })), nextLink: null },
    };
  const isNamed = versions.some(({ version }) => version === rest[0]);
  const one = isNamed
    ? versions.find(({ version }) => version === rest[0])
    : versions.findLast(({ enabled }) => enabled);
  const operation = isNamed ? rest[1] : rest[0];
  if (one === undefined) return fault(404, 'KeyNotFound');
  if (method === 'GET')
    return {
      status: 200,
      body: { key: { kid: kid(one), ...one.publicKey.export({ format: 'jwk' }) }, ...attributes(one) },
    };
  if (!one.enabled) return fault(403, 'Forbidden');
  const { alg, value } = JSON.parse(body) as { readonly alg: string; readonly value: string };
  const done = operate(one, `${operation} ${alg}`, Buffer.from(value, 'base64url'));
  return done === undefined
    ? fault(400, 'BadParameter')
    : { status: 200, body: { kid: kid(one), value: done.toString('base64url') } };
}

function operate({ publicKey, privateKey }: Version, operation: string, value: Buffer): Buffer | undefined {
  try {
    if (operation === 'wrapkey RSA-OAEP-256') return publicEncrypt({ key: publicKey, ...PADDING }, value);
    if (operation === 'unwrapkey RSA-OAEP-256') return privateDecrypt({ key: privateKey, ...PADDING }, value);
    if (operation === 'sign ES256') return signedDigest(privateKey, value);
  } catch {
    return undefined;
  }
  return undefined;
}

/** Order of P-256 (FIPS 186-4, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** ECDSA over a digest, which Node does not offer: a new key pair is the random number and its point (FIPS 186-4, 6.4). */
function signedDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const numberOf = (text = '') => BigInt(`0x${Buffer.from(text, 'base64url').toString('hex')}`);
  const { d } = privateKey.export({ format: 'jwk' });
  const once = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const r = numberOf(once.x) % ORDER;
  const s = (inverse(numberOf(once.d)) * (BigInt(`0x${digest.toString('hex')}`) + r * numberOf(d))) % ORDER;
  return Buffer.from([r, s].map((part) => part.toString(16).padStart(64, '0')).join(''), 'hex');
}

/** By Fermat's little theorem: the order is prime. */
function inverse(value: bigint): bigint {
  let [result, base, exponent] = [1n, value % ORDER, ORDER - 2n];
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent % 2n === 1n) result = (result * base) % ORDER;
    base = (base * base) % ORDER;
  }
  return result;
}

function fault(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'not for the log' } } };
}
