import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { PersonActor } from '../services/domain/person.ts';

/** App roles of the API's registration (interfaces.md, Environment). */
export type Role = 'Checks.Submit' | 'Findings.Submit' | 'Evidence.Read' | 'Operations.Read' | 'Auditor';

export type Authentication = 'authenticated' | 'unauthenticated' | 'forbidden' | 'unavailable';

interface Entra {
  readonly audience: string;
  readonly tenants: readonly string[];
  readonly keys: (tenant: string) => JWTVerifyGetKey;
}

interface Settings {
  /** Values of X-Countersign-Key; they open what `Checks.Submit` alone opens. */
  readonly checkSecrets: readonly string[];
  /** Value of X-Api-Key, local only; stands for all roles. */
  readonly localApiKey?: string;
  readonly entra?: Entra;
}

/** One of the roles is enough. */
export type Authenticate = (request: Request, ...roles: readonly Role[]) => Promise<Authentication>;

/** Machines only: a shared secret where one is configured, else an Entra token with the role. Makes no call for a secret. */
export function createAuthenticate(settings: Settings): Authenticate {
  return async (request, ...roles) => {
    if (hasSecret(settings, request, roles)) return 'authenticated';
    const token = bearerOf(request);
    if (token === undefined || settings.entra === undefined) return 'unauthenticated';
    const claims = await verify(settings.entra, token);
    if (typeof claims === 'string') return claims;
    const given = claims['roles'];
    return Array.isArray(given) && roles.some((role) => given.includes(role)) ? 'authenticated' : 'forbidden';
  };
}

function hasSecret({ checkSecrets, localApiKey }: Settings, request: Request, roles: readonly Role[]): boolean {
  const isCheck = roles.every((role) => role === 'Checks.Submit');
  if (isCheck && matchesOne(request.get('X-Countersign-Key'), checkSecrets)) return true;
  return localApiKey !== undefined && matchesOne(request.get('X-Api-Key'), [localApiKey]);
}

export type PersonAuthentication =
  | PersonActor
  | 'unauthenticated'
  | 'unavailable'
  /** A key, a token of an application, or one that was not made for acting here as oneself. */
  | 'not-a-person'
  | 'wrong-tenant';

export type AuthenticatePerson = (request: Request) => Promise<PersonAuthentication>;

/** People only: their own, delegated Entra token of this tenant for this API. No key stands for a person. */
export function createAuthenticatePerson({
  tenant,
  entra,
}: Pick<Settings, 'entra'> & { readonly tenant: string }): AuthenticatePerson {
  return async (request) => {
    const token = bearerOf(request);
    if (token === undefined) return hasKey(request) ? 'not-a-person' : 'unauthenticated';
    if (isOfAnother(tenant, token)) return 'wrong-tenant';
    const claims = entra === undefined ? 'unauthenticated' : await verify(entra, token);
    return typeof claims === 'string' ? claims : (personIn(claims, tenant) ?? 'not-a-person');
  };
}

/** Nobody's keys are looked at for it: a token of elsewhere is refused whether it is genuine or not. */
function isOfAnother(tenant: string, token: string): boolean {
  const named = tenantNamedIn(token);
  return typeof named === 'string' && named !== tenant;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LONGEST_NAME = 200;

/** Claims of a delegated token (Entra access tokens, `scp` and `idtyp`); an application has no `scp`. */
function personIn({ oid, scp, idtyp, name }: JWTPayload, tenant: string): PersonActor | undefined {
  const isDelegated = typeof scp === 'string' && scp.split(' ').includes('user_impersonation');
  if (!isDelegated || (idtyp !== undefined && idtyp !== 'user')) return undefined;
  if (typeof oid !== 'string' || !GUID.test(oid)) return undefined;
  const shown = typeof name === 'string' ? name.slice(0, LONGEST_NAME) : '';
  return { kind: 'person', tenant, oid: oid.toLowerCase(), name: shown };
}

function hasKey(request: Request): boolean {
  return ['X-Api-Key', 'X-Countersign-Key'].some((name) => request.get(name) !== undefined);
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.get('Authorization') ?? '')?.[1];
}

/** Constant time, whatever the lengths. */
export function matchesOne(given: string | undefined, secrets: readonly string[]): boolean {
  if (given === undefined || given === '') return false;
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return secrets.map((secret) => timingSafeEqual(hash(secret), hash(given))).includes(true);
}

/** The claims of a token for this API by a configured tenant, whoever it is for. */
async function verify(entra: Entra, token: string): Promise<JWTPayload | 'unauthenticated' | 'unavailable'> {
  const named = tenantNamedIn(token);
  const tenant = entra.tenants.find((one) => one === named);
  if (tenant === undefined) return 'unauthenticated';
  try {
    const { payload } = await jwtVerify(token, entra.keys(tenant), {
      audience: entra.audience,
      issuer: [`https://login.microsoftonline.com/${tenant}/v2.0`, `https://sts.windows.net/${tenant}/`],
      algorithms: ['RS256'],
      requiredClaims: ['exp'],
    });
    return payload;
  } catch (error) {
    return isTokenWrong(error) ? 'unauthenticated' : 'unavailable';
  }
}

/** Not yet proven: it only says whose keys to try, so that a stranger's token costs no call out. */
function tenantNamedIn(token: string): unknown {
  try {
    return decodeJwt(token)['tid'];
  } catch {
    return undefined;
  }
}

/** What else jose throws, or lets through, says that the keys could not be read: that proves nothing of the token. */
function isTokenWrong(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return !['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT'].includes(error.code);
}
