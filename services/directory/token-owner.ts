import type { TokenCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import type { Actor } from '../domain/person.ts';

/** The resource that opens tables: its token is asked for anyway. */
const SCOPE = 'https://storage.azure.com/.default';

/**
 * Whom Azure takes a credential for, by the claims of the token that it gives (access token claims reference of the Microsoft identity
 * platform: `oid`, `tid`, `name`, `upn`, `appid`, `idtyp`). Rejects when there is no token, or when it names nobody.
 */
export function createTokenOwner(credential: TokenCredential): () => Promise<Actor> {
  return async () => {
    const got = await credential.getToken(SCOPE);
    if (got === null) throw new Error(`no token for ${SCOPE}: sign in by "az login"`);
    const { oid, tid, name, upn, appid, idtyp } = decodeJwt(got.token);
    const called = [name, upn, appid, oid].find((one) => typeof one === 'string' && one !== '');
    if (typeof oid !== 'string' || typeof tid !== 'string') throw new Error('the token for the tables names nobody');
    const isApp = idtyp === 'app' || (upn === undefined && name === undefined);
    return isApp
      ? { kind: 'pipeline', name: `${called}` }
      : { kind: 'person', tenant: tid.toLowerCase(), oid: oid.toLowerCase(), name: `${called}` };
  };
}
