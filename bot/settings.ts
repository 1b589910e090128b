import { Buffer } from 'node:buffer';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { isRepository } from './policy-repository.ts';

/** Settings whose values are never shown, not even when they are wrong. */
export const SECRETS: ReadonlySet<string> = new Set([
  'BOT_PASSWORD',
  'TABLES_CONNECTION_STRING',
  'BLOBS_CONNECTION_STRING',
  'AZURE_DEVOPS_TOKEN',
  'CHECK_SECRETS',
  'HOOK_SECRETS',
  'LOCAL_API_KEY',
  'TOKEN_KEY',
  'SIGNING_KEY',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
]);

/** What can be pulled about environments. */
const PULLED = [
  'azure-policy',
  'defender',
  'advanced-security',
  'azure-devops-platform',
  // What was done: read as it grows.
  'azure-devops-audit',
  'azure-activity',
  'deployments',
] as const;

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
const KEY_BYTES = 32;

/** Whether an address is http on this machine: allowed in local mode only. */
export function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && LOOPBACK.has(url.hostname);
}

/** Text to a value, or what it must be; zod keeps the path, the caller adds the value where it may be shown. */
function parsed<T>(mustBe: string, parse: (text: string) => T | undefined) {
  return z
    .string()
    .transform((text, context) => {
      const value = parse(text);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: mustBe });
      return z.NEVER;
    })
    .optional();
}

const text = z.string().optional();
const flag = z.enum(['true', 'false'], { error: 'must be true or false' }).optional();
const guid = parsed('must be an id such as 7d444840-9dc0-11d1-b245-5ffdce74fad2', toGuid);
const httpsUrl = parsed('must be a https:// address', (value) => toUrl(value, (url) => url.protocol === 'https:'));
const webUrl = parsed('must be a https:// address', toWebUrl);
const list = parsed('must be a comma list', (value) => toList(value, (item) => item));
const vaultKey = parsed('must be a key of a vault, https://VAULT.vault.azure.net/keys/NAME', (value) =>
  toUrl(value, ({ protocol, pathname }) => protocol === 'https:' && /^\/keys\/[^/]+(?:\/[^/]+)?$/.test(pathname)),
);

/**
 * Every setting, in the order of env.sample, with the shape of its text. What depends on other settings (required, one
 * of two, local only) is in config.ts.
 */
export const SETTINGS = z.object({
  COUNTERSIGN_LOCAL: flag,
  PORT: parsed('must be a port from 0 to 65535', toPort),
  PUBLIC_URL: webUrl,
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .optional(),
  BOT_ID: guid,
  BOT_TYPE: z
    .enum(['SingleTenant', 'UserAssignedMsi'], { error: 'must be SingleTenant or UserAssignedMsi' })
    .optional(),
  BOT_TENANT_ID: guid,
  BOT_PASSWORD: text,
  BOT_CLOUD: z.enum(['public', 'usgov', 'china'], { error: 'must be public, usgov or china' }).optional(),
  BOT_OPENID_METADATA_URL: webUrl,
  BOT_OAUTH_URL: parsed('must be a http:// address of this machine', (value) => toUrl(value, isLoopbackHttp)),
  SIGNIN_CONNECTION: text,
  TABLES_URL: httpsUrl,
  TABLES_CONNECTION_STRING: text,
  TABLES_PREFIX: parsed('must be letters and digits, a letter first, at most 58', toTablesPrefix),
  BLOBS_URL: httpsUrl,
  BLOBS_CONNECTION_STRING: text,
  RETENTION_DAYS: parsed('must be a whole number of days from 90 to 3650', toRetentionDays),
  LEGAL_HOLD: flag,
  AZURE_DEVOPS_ORGS: parsed('must be a https:// address', (value) => toList(value, toOrganization)),
  AZURE_DEVOPS_TOKEN: text,
  NATIVE_AS_SERVICE: flag,
  PULL_SIGNALS: parsed(`must be a comma list of ${PULLED.join(', ')}`, (value) =>
    toList(value, (item) => PULLED.find((one) => one === item)),
  ),
  CHECK_SECRETS: list,
  HOOK_SECRETS: list,
  API_AUDIENCE: text,
  API_TENANTS: parsed('must be a comma list of tenant ids', (value) => toList(value, toGuid)),
  LOCAL_API_KEY: text,
  POLICY_DIR: text,
  POLICY_REPO: parsed(
    'must be a repository in Azure Repos, https://dev.azure.com/ORG/PROJECT/_git/NAME, without a name before the host; ?path=/FOLDER may follow',
    toRepository,
  ),
  POLICY_REF: parsed('must be a branch such as main', toBranch),
  DIRECTORY_FILE: text,
  TOKEN_KEY: parsed('must be 32 bytes in base64; openssl rand -base64 32 makes one', toKeyBytes),
  KEY_VAULT_KEY_ID: vaultKey,
  SIGNING_KEY: parsed('must be an Ed25519 private key, PKCS#8 as PEM or base64', toSigningKey),
  SIGNING_KEY_ID: vaultKey,
  APPLICATIONINSIGHTS_CONNECTION_STRING: text,
  OTEL_EXPORTER_OTLP_ENDPOINT: parsed('must be a http:// or https:// address', (value) =>
    toUrl(value, ({ protocol }) => protocol === 'https:' || protocol === 'http:'),
  ),
});

export type Settings = z.output<typeof SETTINGS>;
export type Setting = keyof Settings;

function toGuid(value: string): string | undefined {
  return z.guid().safeParse(value).success ? value.toLowerCase() : undefined;
}

function toPort(value: string): number | undefined {
  return /^[0-9]{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined;
}

/** Audits look at a quarter at least. */
function toRetentionDays(value: string): number | undefined {
  const days = /^[0-9]{2,4}$/.test(value) ? Number(value) : 0;
  return days >= 90 && days <= 3_650 ? days : undefined;
}

function toTablesPrefix(value: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9]{0,57}$/.test(value) ? value : undefined;
}

/** Without name and password in it: those would end up in messages and logs. */
function toUrl(value: string, isFit: (url: URL) => boolean): URL | undefined {
  const url = URL.parse(value);
  return url !== null && url.username === '' && url.password === '' && isFit(url) ? url : undefined;
}

/** https, or http on this machine; config.ts refuses the latter where it is not for local use. */
function toWebUrl(value: string): URL | undefined {
  return toUrl(value, (url) => url.protocol === 'https:' || isLoopbackHttp(url));
}

function toOrganization(value: string): URL | undefined {
  const url = toWebUrl(value);
  return url === undefined || url.search !== '' || url.hash !== '' ? undefined : url;
}

function toRepository(value: string): URL | undefined {
  const url = toWebUrl(value);
  return url !== undefined && isRepository(url) ? url : undefined;
}

/** The full name of a branch; what Git allows in no name is none. */
function toBranch(value: string): string | undefined {
  const name = value.replace(/^refs\/heads\//, '');
  const isName =
    /^(?![-/.])[^\p{Cc} ~^:?*[\\]{1,200}$/u.test(name) && !/\.\.|@\{|\/[/.]|\.lock(?:\/|$)|[/.]$/.test(name);
  return isName && !name.startsWith('refs/') ? `refs/heads/${name}` : undefined;
}

/** The items of a comma list, at least one; undefined when one is not fit. */
function toList<T>(value: string, toItem: (item: string) => T | undefined): readonly T[] | undefined {
  const texts = value.split(',').map((item) => item.trim());
  const items = texts.filter((item) => item !== '').map(toItem);
  const fit = items.filter((item) => item !== undefined);
  return fit.length > 0 && fit.length === items.length ? Object.freeze(fit) : undefined;
}

/** Exactly 32 bytes and nothing that the decoder would pass over. */
function toKeyBytes(value: string): Uint8Array | undefined {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === value ? Uint8Array.from(bytes) : undefined;
}

/** Line ends of a PEM may be written as `\n`, since many stores of settings hold one line only. */
function toSigningKey(value: string): KeyObject | undefined {
  try {
    const key = value.startsWith('-----BEGIN')
      ? createPrivateKey(value.replaceAll('\\n', '\n'))
      : createPrivateKey({ key: Buffer.from(value, 'base64'), format: 'der', type: 'pkcs8' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
}
