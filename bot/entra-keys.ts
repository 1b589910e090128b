import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import type { Config } from './config.ts';

/** A check has 3 s for its answer in all. */
const KEYS_MS = 1_500;

/** Keys by which Entra signs the tokens of a tenant. */
export type EntraKeys = (tenant: string) => JWTVerifyGetKey;

export function authenticateSettings(config: Config, keys: EntraKeys) {
  const { audience, tenants, localKey } = config.api;
  return {
    tenant: config.bot.tenantId,
    checkSecrets: config.checkSecrets,
    ...(localKey === undefined ? {} : { localApiKey: localKey }),
    ...(audience === undefined ? {} : { entra: { audience, tenants, keys } }),
  };
}

/** Read when first needed, then kept. */
export function remoteKeys(): EntraKeys {
  const keySets = new Map<string, JWTVerifyGetKey>();
  return (tenant) => {
    const address = new URL(`https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`);
    const known = keySets.get(tenant) ?? createRemoteJWKSet(address, { timeoutDuration: KEYS_MS });
    keySets.set(tenant, known);
    return known;
  };
}
