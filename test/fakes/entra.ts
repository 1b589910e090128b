import {
  type CryptoKey,
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { TENANT } from '../builders.ts';

export const AUDIENCE = 'api://countersign';

/** Undefined leaves a claim out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Entra {
  readonly keys: (tenant: string) => JWTVerifyGetKey;
  /** Tenants whose keys were asked for. */
  readonly asked: string[];
  /** A person's own token for this API, but for what is said otherwise. */
  person(oid: string, over?: Claims): Promise<string>;
  /** A token of an application with these roles, but for what is said otherwise. */
  application(roles: readonly string[], over?: Claims): Promise<string>;
  /** The claims of a person, signed by somebody else under the same key id. */
  forged(oid: string): Promise<string>;
  unsigned(oid: string): string;
}

/** Tokens as Entra issues them (access tokens, version 2), signed by keys of our own. */
export async function createEntra(): Promise<Entra> {
  const pair = await generateKeyPair('RS256', { extractable: true });
  const rogue = await generateKeyPair('RS256');
  const keySet = createLocalJWKSet({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'key-1' }] });
  const asked: string[] = [];
  const sign = (payload: JWTPayload, key: CryptoKey = pair.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ: 'JWT' }).sign(key);
  return {
    asked,
    keys: (tenant) => {
      asked.push(tenant);
      return keySet;
    },
    person: (oid, over = {}) => sign(ofPerson(oid, over)),
    application: (roles, over = {}) => sign({ ...issued(over), roles, idtyp: 'app', oid: APPLICATION, ...over }),
    forged: (oid) => sign(ofPerson(oid), rogue.privateKey),
    unsigned: (oid) => new UnsecuredJWT(ofPerson(oid)).encode(),
  };
}

const APPLICATION = '0a1b2c3d-0000-4000-8000-00000000000a';

function ofPerson(oid: string, over: Claims = {}): JWTPayload {
  return { ...issued(over), oid, scp: 'openid user_impersonation', name: 'as the token says', ...over };
}

function issued(over: Claims): JWTPayload {
  const tid = over['tid'] ?? TENANT;
  const now = Math.floor(Date.now() / 1_000);
  const iss = `https://login.microsoftonline.com/${String(tid)}/v2.0`;
  return { iss, aud: AUDIENCE, tid, iat: now, nbf: now - 5, exp: now + 600 };
}
