import { generateKeyPairSync } from 'node:crypto';
import { type Config, cannotStart, readConfig } from '../../bot/config.ts';

export type Env = Record<string, string>;

export const TENANT = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
export const BOT = '11111111-2222-4333-8444-555555555555';
export const TOKEN_KEY = Buffer.alloc(32, 7).toString('base64');
export const signingKey = generateKeyPairSync('ed25519').privateKey;
export const PEM = signingKey.export({ type: 'pkcs8', format: 'pem' }).toString();

export const local: Env = {
  COUNTERSIGN_LOCAL: 'true',
  BOT_TENANT_ID: TENANT,
  AZURE_DEVOPS_ORGS: 'http://127.0.0.1:4000/contoso',
  TOKEN_KEY,
};
export const production: Env = {
  PUBLIC_URL: 'https://countersign.contoso.com',
  BOT_ID: BOT,
  BOT_TENANT_ID: TENANT,
  BOT_PASSWORD: 'the-password-of-the-bot',
  TABLES_URL: 'https://contoso.table.core.windows.net',
  AZURE_DEVOPS_ORGS: 'https://dev.azure.com/contoso',
  CHECK_SECRETS: 'sixteen-characters',
  POLICY_DIR: '/policy',
  TOKEN_KEY,
  SIGNING_KEY: PEM,
};

export function configOf(env: Env): Config {
  const reading = readConfig(env);
  if ('problems' in reading) throw new Error(cannotStart(reading.problems));
  return reading.config;
}

/** Each as `NAME: what is wrong`. */
export function problemsOf(env: Env): readonly string[] {
  const reading = readConfig(env);
  return 'problems' in reading ? reading.problems.map((line) => line.replace(/ {2,}/, ': ')) : [];
}

export const without = (env: Env, ...names: readonly string[]) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
