import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';

export const CONNECTOR_ISSUER = 'https://api.botframework.com';

export interface TokenOverrides {
  readonly claims?: JWTPayload;
  /** Seconds from now. */
  readonly expiresIn?: number;
  /** Signed with a key that is not published, under the published key's id. */
  readonly forged?: boolean;
  /** Key id in the header; default is the published one. */
  readonly keyId?: string;
}

export interface TeamsTokens {
  /** A token as the Bot Connector would send it for this bot and service url, unless overridden. */
  sign(serviceUrl: string, overrides?: TokenOverrides): Promise<string>;
  /** The same claims, `alg: none`, no signature. */
  unsigned(serviceUrl: string): string;
  /** Members of the JSON Web Key Set. */
  keys(): Promise<object>;
}

/** Keys and tokens of a Bot Connector of our own, endorsed for Teams. */
export async function createTeamsTokens(botId: string): Promise<TeamsTokens> {
  const published = await generateKeyPair('RS256', { extractable: true });
  const rogue = await generateKeyPair('RS256');
  const keyId = `key-${botId}`;
  const claims = (serviceUrl: string) => ({ iss: CONNECTOR_ISSUER, aud: botId, serviceurl: serviceUrl });
  return {
    async sign(serviceUrl, { claims: overrides = {}, expiresIn = 3600, forged = false, keyId: kid = keyId } = {}) {
      const key: CryptoKey = forged ? rogue.privateKey : published.privateKey;
      const now = Math.floor(Date.now() / 1000);
      return new SignJWT({ ...claims(serviceUrl), ...overrides })
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setNotBefore(now - 7200)
        .setExpirationTime(now + expiresIn)
        .sign(key);
    },
    unsigned(serviceUrl) {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const exp = Math.floor(Date.now() / 1000) + 3600;
      return `${part({ alg: 'none', typ: 'JWT', kid: keyId })}.${part({ ...claims(serviceUrl), exp })}.`;
    },
    async keys() {
      const jwk = await exportJWK(published.publicKey);
      return { keys: [{ ...jwk, kid: keyId, use: 'sig', alg: 'RS256', endorsements: ['msteams'] }] };
    },
  };
}
