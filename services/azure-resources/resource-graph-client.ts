import * as z from 'zod';
import { AssetsUnavailableError } from '../ports/assets.ts';
import {
  type Answer,
  codeIn,
  createResourceManager,
  type ResourceManagerOptions,
  retryAfterOf,
} from './resource-manager.ts';

export interface ResourceGraphOptions extends ResourceManagerOptions {
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
/** Longer than the window of the documented quota, five seconds. */
const LONGEST_PAUSE_MS = 30_000;

const page = z.object({
  data: z.array(z.unknown()),
  resultTruncated: z.string().optional(),
  $skipToken: z.string().optional(),
});

/**
 * Azure Resource Graph over its documented REST address (learn.microsoft.com, "Resources", API version 2022-10-01): one
 * query at a time, no redirects. What it says about its quota (`x-ms-user-quota-remaining`, `x-ms-user-quota-resets-after`,
 * Retry-After) is waited for before the next request. Throws when `url` is no origin that may be called.
 */
export function createResourceGraphClient(options: ResourceGraphOptions): ResourceGraphClient {
  const azure = createResourceManager(options, unavailable);
  const { now = () => performance.now() } = options;
  const sleep = options.sleep ?? ((ms) => new Promise<void>((wake) => setTimeout(wake, ms)));
  let notBefore = 0;

  async function request(body: string): Promise<Answer> {
    const pause = notBefore - now();
    if (pause > 0) await sleep(pause);
    const answer = await azure.request({ method: 'POST', url: new URL(PATH, azure.origin), body });
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

/** Milliseconds. */
function pauseAfter({ status, headers }: Answer): number {
  const seconds = retryAfterOf(headers);
  if (status !== 200 && seconds !== undefined) return seconds * 1000;
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

function shaped<T>(body: Buffer, schema: z.ZodType<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
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

function refusedWith(answer: Answer): AssetsUnavailableError {
  const { status } = answer;
  const code = codeIn(answer);
  const hint = status === 401 || status === 403 ? ' (has the identity of the bot the role Reader?)' : '';
  return unavailable(`was answered ${status}${code === undefined ? '' : ` ${code}`}${hint}`);
}

function unavailable(why: string, cause?: unknown): AssetsUnavailableError {
  return new AssetsUnavailableError(`Azure Resource Graph ${why}`, cause === undefined ? {} : { cause });
}
