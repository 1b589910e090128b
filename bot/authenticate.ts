import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** App roles of the API's registration (interfaces.md, Environment). */
export type Role = 'Checks.Submit' | 'Findings.Submit' | 'Evidence.Read' | 'Operations.Read';

export type Authentication = 'authenticated' | 'unauthenticated' | 'forbidden' | 'unavailable';

interface Settings {
  /** Values of X-Countersign-Key, valid for checks only. */
  readonly checkSecrets: readonly string[];
  /** Value of X-Api-Key, local only; stands for all roles. */
  readonly localApiKey?: string;
  readonly entra?: {
    readonly audience: string;
    readonly tenants: readonly string[];
    readonly keys: (tenant: string) => JWTVerifyGetKey;
  };
}

export type Authenticate = (request: Request, role: Role) => Promise<Authentication>;

/** Machines only: a shared secret where one is configured, else an Entra token with the role. Makes no call for a secret. */
export function createAuthenticate(settings: Settings): Authenticate {
  return async (request, role) => {
    if (role === 'Checks.Submit' && matchesOne(request.get('X-Countersign-Key'), settings.checkSecrets))
      return 'authenticated';
    const local = settings.localApiKey === undefined ? [] : [settings.localApiKey];
    if (matchesOne(request.get('X-Api-Key'), local)) return 'authenticated';
    const token = /^Bearer (\S+)$/i.exec(request.get('Authorization') ?? '')?.[1];
    return token === undefined || settings.entra === undefined
      ? 'unauthenticated'
      : verify(settings.entra, token, role);
  };
}

/** Constant time, whatever the lengths. */
export function matchesOne(given: string | undefined, secrets: readonly string[]): boolean {
  if (given === undefined || given === '') return false;
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return secrets.map((secret) => timingSafeEqual(hash(secret), hash(given))).includes(true);
}

async function verify(entra: NonNullable<Settings['entra']>, token: string, role: Role): Promise<Authentication> {
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
    const roles = payload['roles'];
    return Array.isArray(roles) && roles.includes(role) ? 'authenticated' : 'forbidden';
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
