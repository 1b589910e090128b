import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';

/** Key Vault did not answer in time, or asked to wait for longer than its caller can. */
export class KeyVaultUnavailableError extends Error {
  override name = 'KeyVaultUnavailableError' as const;
}

export interface KeyVaultOptions {
  /** `https://VAULT.vault.azure.net/keys/NAME`, of all its versions or of one (`/VERSION`). */
  readonly keyId: URL;
  readonly credential: TokenCredential;
  /** Takes http on this machine as well; for tests. */
  readonly allowLoopback?: boolean;
  /** Milliseconds for one call with its at most three tries; default 2,000. */
  readonly budgetMs?: number;
}

/** One version of the key, with its public half (JWK). */
export interface KeyVersion {
  readonly version: string;
  readonly isEnabled: boolean;
  /** Seconds since 1970. */
  readonly created: number;
  readonly key: Readonly<Record<string, unknown>> & { readonly kty: string };
}

export interface KeyVaultClient {
  /** Versions that can be used, the newest first; only the one that the key's address names, if it names one. */
  versions(): Promise<readonly KeyVersion[]>;
  /** Bytes in and out; `version` is that of the key that did it. Without one the key as its address names it. */
  operate(
    operation: 'wrapkey' | 'unwrapkey' | 'sign',
    algorithm: 'RSA-OAEP-256' | 'ES256',
    value: Uint8Array,
    version?: string,
  ): Promise<{ readonly value: Uint8Array; readonly version: string }>;
}

const API = '7.4';
const TRIES = 3;
const FIRST_WAIT_MS = 200;
const MOST_VERSIONS = 100;
const LONGEST_BODY = 1024 * 1024;
const VERSION = /^[0-9a-zA-Z]{1,64}$/;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

const attributes = z.object({ enabled: z.boolean().default(true), created: z.number().default(0) });
const listed = z.object({ kid: z.string(), attributes });
const page = z.object({ value: z.array(listed), nextLink: z.string().nullish() });
const bundle = z.object({ key: z.looseObject({ kid: z.string(), kty: z.string() }), attributes });
const result = z.object({ kid: z.string(), value: z.base64url() });
const failure = z.object({ error: z.object({ code: z.string().regex(/^[A-Za-z0-9_.]{1,80}$/) }) });

/**
 * One key of Azure Key Vault over its documented REST addresses, with the identity of the host. 429, 503 and silence are tried again within
 * the budget, a `Retry-After` kept to; then KeyVaultUnavailableError. What Key Vault refuses is an Error that names the way out.
 */
export function createKeyVaultClient(options: KeyVaultOptions): KeyVaultClient {
  const { vault, name, pinned } = placeOf(options);
  const call = createCall(options, vault);
  const addressOf = (...parts: readonly string[]) => ['keys', name, ...parts].join('/');
  const versionIn = (kid: string): string => {
    const version = kid.split('/').at(-1) ?? '';
    if (!VERSION.test(version)) throw new Error(`Key Vault named a key without a version, asked for ${name}`);
    return version;
  };
  return {
    versions: async () => {
      const names = pinned === undefined ? await namesOf(call, addressOf('versions')) : [pinned];
      const all = await Promise.all(
        names.map(async (version) => {
          const { key, attributes: of } = bundle.parse(await call('GET', addressOf(version)));
          return { version: versionIn(key.kid), isEnabled: of.enabled, created: of.created, key };
        }),
      );
      return all.filter(({ isEnabled }) => isEnabled).sort((a, b) => b.created - a.created);
    },
    operate: async (operation, alg, value, version = pinned) => {
      if (version !== undefined && !VERSION.test(version)) throw new RangeError('that is no version of a key');
      const path = addressOf(...(version === undefined ? [] : [version]), operation);
      const body = { alg, value: Buffer.from(value).toString('base64url') };
      const answer = result.parse(await call('POST', path, body));
      return { value: Uint8Array.from(Buffer.from(answer.value, 'base64url')), version: versionIn(answer.kid) };
    },
  };
}

type Call = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

async function namesOf(call: Call, path: string): Promise<readonly string[]> {
  const { value } = page.parse(await call('GET', path));
  const usable = value
    .filter((one) => one.attributes.enabled)
    .toSorted((a, b) => b.attributes.created - a.attributes.created);
  return usable.slice(0, MOST_VERSIONS).map(({ kid }) => kid.split('/').at(-1) ?? '');
}

function placeOf({ keyId, allowLoopback }: KeyVaultOptions) {
  const isLocal = allowLoopback === true && keyId.protocol === 'http:' && LOOPBACK.has(keyId.hostname);
  const [, name, pinned] = /^\/keys\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-zA-Z]{1,64}))?$/.exec(keyId.pathname) ?? [];
  if (name === undefined || !(keyId.protocol === 'https:' || isLocal))
    throw new Error(`${keyId.href} is no key of a vault such as https://VAULT.vault.azure.net/keys/NAME`);
  return { vault: keyId.origin, name, pinned };
}

/** `vault.azure.net` and its like in other clouds: what tokens for a vault are for. */
function scopeOf(vault: string): string {
  return `https://${new URL(vault).hostname.split('.').slice(1).join('.')}/.default`;
}

function createCall({ credential, budgetMs = 2_000 }: KeyVaultOptions, vault: string): Call {
  return async (method, path, body) => {
    const sent = { method, path, body, abortSignal: AbortSignal.timeout(budgetMs) };
    const until = performance.now() + budgetMs;
    const attempt = () => exchange(credential, vault, sent).catch((cause: unknown): Silence => ({ cause }));
    let last = await attempt();
    for (let n = 0; n + 1 < TRIES && isPassing(last); n += 1) {
      const wait = waitAfter(last, n);
      if (performance.now() + wait >= until) break;
      await new Promise((wake) => setTimeout(wake, wait));
      last = await attempt();
    }
    if ('cause' in last)
      throw new KeyVaultUnavailableError('Key Vault did not answer in time, or there was no token for it', last);
    if (isPassing(last)) throw new KeyVaultUnavailableError(`Key Vault answered ${last.status}`);
    return answered(last, path);
  };
}

function waitAfter(last: Answer | Silence, n: number): number {
  const asked = 'retryAfter' in last ? last.retryAfter : 0;
  return asked > 0 ? asked * 1_000 : FIRST_WAIT_MS * 2 ** n;
}

interface Silence {
  readonly cause: unknown;
}

interface Answer {
  readonly status: number;
  /** Seconds; none that are more than 0 where nothing was asked for. */
  readonly retryAfter: number;
  readonly body: string;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly abortSignal: AbortSignal;
}

async function exchange(credential: TokenCredential, vault: string, sent: Sent): Promise<Answer> {
  const { method, path, body, abortSignal } = sent;
  const token = await credential.getToken(scopeOf(vault), { abortSignal });
  if (token === null) throw new Error('there is no token for Key Vault');
  const response = await fetch(`${vault}/${path}?api-version=${API}`, {
    method,
    headers: { Authorization: `Bearer ${token.token}`, 'Content-Type': 'application/json' },
    redirect: 'error',
    signal: abortSignal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (text.length > LONGEST_BODY) throw new Error('the answer is too long');
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after') ?? 0), body: text };
}

/** Another try may be answered otherwise. */
function isPassing(last: Answer | Silence): boolean {
  return 'cause' in last || last.status === 408 || last.status === 429 || last.status >= 500;
}

function answered({ status, body }: Answer, path: string): unknown {
  const value = parsed(body);
  if (status === 200 && value !== undefined) return value;
  const code = failure.safeParse(value).data?.error.code;
  const hint = HINTS[status] ?? '';
  throw new Error(`Key Vault answered ${status}${code === undefined ? '' : ` ${code}`} for ${path}${hint}`);
}

const HINTS: Readonly<Record<number, string>> = {
  401: ': is the vault of this tenant?',
  403: ': give the identity of the host the role Key Vault Crypto User on this key, and see whether the key is enabled and the vault lets this network in',
  404: ': there is no such key or version',
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
