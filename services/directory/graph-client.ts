import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { DirectoryUnavailableError } from '../ports/directory.ts';

/** Microsoft Graph of each cloud; the US government's is that of GCC High. */
export const GRAPH_URLS = {
  public: 'https://graph.microsoft.com',
  usgov: 'https://graph.microsoft.us',
  china: 'https://microsoftgraph.chinacloudapi.cn',
} as const;

export interface GraphClientOptions {
  /** Origin of Microsoft Graph: the only host that is ever called. */
  readonly url: string;
  /** Takes http on this machine as the url as well; for tests. */
  readonly allowLoopback?: boolean;
  readonly credential: TokenCredential;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface Call {
  /** Below `/v1.0/`; its parts are written by us or checked. */
  readonly path: string;
  /** OData options without their `$`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON by POST. */
  readonly body?: unknown;
  /** Permissions that a 403 hints at; absent: those of the directory. */
  readonly needs?: string;
  /** Asks Graph's index, as its advanced queries need: some seconds behind. */
  readonly eventual?: true;
  /** Ends each of the requests that the call takes. */
  readonly limit: () => AbortSignal;
}

/**
 * One request a call or page: no retries, no redirects. Rejects with DirectoryUnavailableError; undefined: Graph says
 * that there is no such thing.
 */
export interface GraphClient {
  read<T>(call: Call, schema: z.ZodType<T>): Promise<T | undefined>;
  /** For answers without a body. */
  send(call: Call): Promise<void>;
  /** All pages. */
  list<T>(call: Call, item: z.ZodType<T>): Promise<readonly T[] | undefined>;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

const LONGEST_BODY = 16 * 1024 * 1024;
const MOST_PAGES = 50;
/** A longer Retry-After is tried again after this time. */
const LONGEST_PAUSE_MS = 60_000;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

const failure = z.object({ error: z.object({ code: z.string().regex(/^[A-Za-z0-9_.]{1,80}$/) }) });
const page = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().optional() });

/** Microsoft Graph over its documented REST addresses. Throws when `url` is no origin that may be called. */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const base = baseOf(options);
  const authorization = createAuthorization(options.credential, `${base.origin}/.default`);
  const { now } = options;
  /** Graph slows down by workload, which the first part of the path names. */
  const notBefore = new Map<string, number>();

  async function request(call: Call, url: URL): Promise<Answer> {
    const [workload = ''] = call.path.split('/', 1);
    const pause = (notBefore.get(workload) ?? 0) - now();
    if (pause > 0) {
      const retryAfter = Math.ceil(pause / 1000);
      throw unavailable(call, `waits for ${retryAfter} s more, as Graph asked`, { retryAfter, isTransient: true });
    }
    const answer = await exchange(call, url, authorization);
    const seconds = Number(answer.retryAfter ?? Number.NaN);
    if (answer.status >= 300 && seconds > 0)
      notBefore.set(workload, now() + Math.min(seconds * 1000, LONGEST_PAUSE_MS));
    return answer;
  }

  async function json(call: Call, url: URL): Promise<unknown> {
    const answer = await request(call, url);
    const value = parsed(answer.body);
    if (answer.status === 200 && value !== undefined) return value;
    // Any other 404 is of something on the way and says nothing about the directory.
    if (answer.status === 404 && codeOf(value) === 'Request_ResourceNotFound') return undefined;
    throw refused(call, answer);
  }

  return {
    async read(call, schema) {
      const value = await json(call, addressOf(base, call));
      return value === undefined ? undefined : shaped(call, value, schema);
    },
    async send(call) {
      const answer = await request(call, addressOf(base, call));
      if (answer.status < 200 || answer.status >= 300) throw refused(call, answer);
    },
    async list(call, item) {
      const items = [];
      let next: URL | undefined = addressOf(base, call);
      for (let pages = 0; next !== undefined; pages += 1) {
        if (pages === MOST_PAGES) throw unavailable(call, `has more than ${MOST_PAGES} pages`);
        const value = await json(call, next);
        if (value === undefined) return undefined;
        const { value: found, '@odata.nextLink': link } = shaped(call, value, page);
        items.push(...found.map((one) => shaped(call, one, item)));
        next = link === undefined ? undefined : nextOf(base, call, link);
      }
      return items;
    },
  };
}

function baseOf({ url, allowLoopback }: GraphClientOptions): URL {
  const base = URL.parse(url);
  const isHttps = base?.protocol === 'https:';
  const isLocal = allowLoopback === true && base?.protocol === 'http:' && LOOPBACK.has(base.hostname);
  if (base === null || !(isHttps || isLocal) || base.origin !== url)
    throw new Error(`${url} is not an origin of Microsoft Graph such as ${GRAPH_URLS.public}`);
  return new URL('/v1.0/', base);
}

function addressOf(base: URL, { path, query = {} }: Call): URL {
  const options = Object.entries(query).map(([name, value]) => `$${name}=${encodeURIComponent(value)}`);
  return new URL(`${path}${options.length === 0 ? '' : `?${options.join('&')}`}`, base);
}

/** Our token goes along with it: only to where the first page came from. */
function nextOf(base: URL, call: Call, link: string): URL {
  const next = URL.parse(link);
  if (next?.origin === base.origin && next.pathname.startsWith(base.pathname)) return next;
  throw unavailable(call, 'names a next page elsewhere');
}

async function exchange(call: Call, url: URL, authorization: () => Promise<string>): Promise<Answer> {
  const signal = call.limit();
  const post = call.body === undefined ? {} : { method: 'POST', body: JSON.stringify(call.body) };
  let bearer: string | undefined;
  try {
    bearer = await orAborted(authorization(), signal);
    const response = await fetch(url, {
      ...post,
      headers: {
        Accept: 'application/json',
        Authorization: bearer,
        ...(call.body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(call.eventual === undefined ? {} : { ConsistencyLevel: 'eventual' }),
      },
      redirect: 'manual',
      signal,
    });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await textOf(response) };
  } catch (cause) {
    // Nobody signs in by waiting.
    if (bearer === undefined && !signal.aborted)
      throw unavailable(call, 'failed: there is no token for it', { cause, status: 401 });
    throw unavailable(call, signal.aborted ? 'was not answered in time' : 'failed', { cause, isTransient: true });
  }
}

/** The token is waited for no longer than the request; it goes on being fetched for the next one. */
function orAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([answer, aborted]);
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > LONGEST_BODY) throw new Error(`the answer is longer than ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const TOKEN_MS = 10_000;

/** The credential keeps and renews the token; whoever asks meanwhile shares one request for it. */
function createAuthorization(credential: TokenCredential, scope: string): () => Promise<string> {
  let pending: Promise<string> | undefined;
  async function ask(): Promise<string> {
    const issued = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(TOKEN_MS) });
    // What cannot stand in a header would stand in the error about it.
    if (issued === null || !/^[\w.~+/=-]+$/.test(issued.token)) throw new Error('Entra gave no token');
    return `Bearer ${issued.token}`;
  }
  return () => {
    pending ??= ask().finally(() => {
      pending = undefined;
    });
    return pending;
  };
}

function shaped<T>(call: Call, value: unknown, schema: z.ZodType<T>): T {
  const { success, data } = schema.safeParse(value);
  if (success) return data;
  throw unavailable(call, `was answered with something else than documented${hintOf(call, 403)}`);
}

/** The path without the query, which can name people. */
function unavailable(
  { path, body }: Call,
  why: string,
  known: ConstructorParameters<typeof DirectoryUnavailableError>[1] = {},
): DirectoryUnavailableError {
  return new DirectoryUnavailableError(`Microsoft Graph: ${body === undefined ? 'GET' : 'POST'} ${path} ${why}`, known);
}

function refused(call: Call, { status, body, retryAfter }: Answer): DirectoryUnavailableError {
  const code = codeOf(parsed(body));
  const seconds = Number(retryAfter ?? Number.NaN);
  return unavailable(call, `was answered ${status}${code === undefined ? '' : ` ${code}`}${hintOf(call, status)}`, {
    status,
    ...(status === 408 || status === 429 || status >= 500 ? { isTransient: true } : {}),
    ...(seconds > 0 ? { retryAfter: seconds } : {}),
  });
}

function codeOf(value: unknown): string | undefined {
  return failure.safeParse(value).data?.error.code;
}

function hintOf({ needs = 'User.Read.All and GroupMember.Read.All' }: Call, status: number): string {
  return status === 403 ? ` (are ${needs} granted, with admin consent?)` : '';
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
