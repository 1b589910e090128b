import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import { AssetsUnavailableError } from '../ports/assets.ts';

/** Azure Resource Manager of each cloud. */
export const RESOURCE_MANAGER_URLS = {
  public: 'https://management.azure.com',
  usgov: 'https://management.usgovcloudapi.net',
  china: 'https://management.chinacloudapi.cn',
} as const;

export interface ResourceGraphOptions {
  /** Origin of Azure Resource Manager: the only host that is ever called. */
  readonly url: string;
  /** Takes http on this machine as the url as well; for tests. */
  readonly allowLoopback?: boolean;
  readonly credential: TokenCredential;
  /** Milliseconds for one request (default 15,000). */
  readonly callMs?: number;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** Rows of a query in Kusto's language, over all pages. */
export interface Rows<T> {
  readonly rows: readonly T[];
  /** Why there may be more, in words. */
  readonly unread: readonly string[];
}

export interface ResourceGraphClient {
  /** `query` must order its rows and hold their `id`, or Azure gives no second page. Rejects with AssetsUnavailableError. */
  query<T>(query: string, row: z.ZodType<T>): Promise<Rows<T>>;
}

const PATH = '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01';
const PAGE = 1000;
const MOST_PAGES = 50;
const MOST_TRIES = 3;
const LONGEST_BODY = 16 * 1024 * 1024;
/** Longer than the window of the documented quota, five seconds. */
const LONGEST_PAUSE_MS = 30_000;
const TOKEN_MS = 10_000;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

const failure = z.object({ error: z.object({ code: z.string().regex(/^[A-Za-z0-9_.]{1,80}$/) }) });
const page = z.object({
  data: z.array(z.unknown()),
  resultTruncated: z.string().optional(),
  $skipToken: z.string().optional(),
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Azure Resource Graph over its documented REST address (learn.microsoft.com, "Resources", API version 2022-10-01): one
 * query at a time, no redirects. What it says about its quota (`x-ms-user-quota-remaining`, `x-ms-user-quota-resets-after`,
 * Retry-After) is waited for before the next request. Throws when `url` is no origin that may be called.
 */
export function createResourceGraphClient(options: ResourceGraphOptions): ResourceGraphClient {
  const origin = originOf(options);
  const { callMs = 15_000, now = () => performance.now() } = options;
  const sleep = options.sleep ?? ((ms) => new Promise<void>((wake) => setTimeout(wake, ms)));
  let notBefore = 0;

  async function request(body: string): Promise<Answer> {
    const pause = notBefore - now();
    if (pause > 0) await sleep(pause);
    const answer = await exchange(new URL(PATH, origin), body, () => tokenOf(options.credential, origin), callMs);
    notBefore = now() + Math.min(pauseAfter(answer), LONGEST_PAUSE_MS);
    return answer;
  }

  async function pageAt(query: string, skipToken: string | undefined) {
    const token = skipToken === undefined ? {} : { $skipToken: skipToken };
    const body = JSON.stringify({ query, options: { resultFormat: 'objectArray', $top: PAGE, ...token } });
    for (let tries = 1; ; tries += 1) {
      const answer = await request(body);
      if (answer.status === 200) return { ...shaped(answer.body, page), isCut: isCut(answer) };
      const isPassing = answer.status === 429 || answer.status >= 500;
      if (!isPassing || tries === MOST_TRIES) throw refusedWith(answer);
    }
  }

  return {
    async query(query, row) {
      const rows = [];
      const unread = new Set<string>();
      let next: string | undefined;
      for (let pages = 1; pages <= MOST_PAGES; pages += 1) {
        const { data, $skipToken, resultTruncated, isCut } = await pageAt(query, next);
        rows.push(...data.map((one) => shapedValue(one, row)));
        if (isCut) unread.add('only the first 10,000 subscriptions were searched');
        next = $skipToken || undefined;
        if (next !== undefined) continue;
        if (resultTruncated === 'true') unread.add(`Azure gave the first ${rows.length} only`);
        return { rows, unread: [...unread] };
      }
      return { rows, unread: [...unread, `there are more than ${rows.length}`] };
    },
  };
}

function originOf({ url, allowLoopback }: ResourceGraphOptions): string {
  const base = URL.parse(url);
  const isLocal = allowLoopback === true && base?.protocol === 'http:' && LOOPBACK.has(base.hostname);
  if (base === null || !(base.protocol === 'https:' || isLocal) || base.origin !== url)
    throw new Error(`${url} is not an origin of Azure Resource Manager such as ${RESOURCE_MANAGER_URLS.public}`);
  return base.origin;
}

async function exchange(url: URL, body: string, token: () => Promise<string>, callMs: number): Promise<Answer> {
  const signal = AbortSignal.timeout(callMs);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        Accept: 'application/json',
        Authorization: `Bearer ${await token()}`,
        'Content-Type': 'application/json',
      },
      body,
      redirect: 'manual',
      signal,
    });
    return { status: response.status, headers: response.headers, body: await textOf(response) };
  } catch (cause) {
    throw unavailable(signal.aborted ? 'was not answered in time' : 'failed', cause);
  }
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

/** The credential keeps and renews it. */
async function tokenOf(credential: TokenCredential, origin: string): Promise<string> {
  const issued = await credential.getToken(`${origin}/.default`, { abortSignal: AbortSignal.timeout(TOKEN_MS) });
  // What cannot stand in a header would stand in the error about it.
  if (issued === null || !/^[\w.~+/=-]+$/.test(issued.token)) throw new Error('Entra gave no token');
  return issued.token;
}

/** Milliseconds. */
function pauseAfter({ status, headers }: Answer): number {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  if (status !== 200 && seconds > 0) return seconds * 1000;
  const isSpent = status === 429 || headers.get('x-ms-user-quota-remaining') === '0';
  const [, hours, minutes, rest] =
    /^(\d+):(\d\d):(\d\d)$/.exec(headers.get('x-ms-user-quota-resets-after') ?? '') ?? [];
  const resets = (Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)) * 1000;
  if (isSpent) return Number.isNaN(resets) ? 5_000 : resets;
  return status >= 500 ? 1_000 : 0;
}

function isCut({ headers }: Answer): boolean {
  return headers.get('x-ms-tenant-subscription-limit-hit')?.toLowerCase() === 'true';
}

function shaped<T>(body: string, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw unavailable('was answered with something else than documented', cause);
  }
  return shapedValue(value, schema);
}

function shapedValue<T>(value: unknown, schema: z.ZodType<T>): T {
  const { success, data } = schema.safeParse(value);
  if (success) return data;
  throw unavailable('was answered with something else than documented');
}

function refusedWith({ status, body }: Answer): AssetsUnavailableError {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    value = undefined;
  }
  const code = failure.safeParse(value).data?.error.code;
  const hint = status === 401 || status === 403 ? ' (has the identity of the bot the role Reader?)' : '';
  return unavailable(`was answered ${status}${code === undefined ? '' : ` ${code}`}${hint}`);
}

function unavailable(why: string, cause?: unknown): AssetsUnavailableError {
  return new AssetsUnavailableError(`Azure Resource Graph ${why}`, cause === undefined ? {} : { cause });
}
