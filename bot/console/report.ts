import { openAsBlob } from 'node:fs';
import { z } from 'zod';
import { botAddress } from './bot-address.ts';
import type { Outcome } from './outcome.ts';

/** A report of a scanner, and what it is of. */
export interface SentReport {
  readonly file: string;
  /** Parameters of `POST /api/findings`. */
  readonly query: Readonly<Record<string, string>>;
  readonly failOn?: 'block';
}

interface Needs {
  /** Public address of the bot. */
  readonly url: string;
  /** What proves who sends. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly fetch: typeof globalThis.fetch;
}

const TRIES = 3;
/** What the bot allows for a report's body, and time to store it. */
const TIMEOUT_MS = 660_000;

const COUNTS = { block: z.number(), warn: z.number(), monitor: z.number() };
const IMPORTED = z.object({
  tool: z.string(),
  ...{ results: z.number(), findings: z.number(), new: z.number(), reopened: z.number(), gone: z.number() },
  environments: z.array(z.object({ environment: z.string(), ...COUNTS })),
  releases: z.array(z.object({ environment: z.string(), runName: z.string() })),
  problems: z.array(z.string()),
});
const PROBLEM = z.object({ code: z.string(), detail: z.string() });

/** `report FILE`: sends it, and says what it would do in each environment; no when it blocks and that was asked for. */
export async function report(needs: Needs, sent: SentReport): Promise<Outcome> {
  const response = await send(needs, sent);
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.status !== 200) {
    const { detail } = PROBLEM.safeParse(answer).data ?? { detail: '' };
    throw new Error(`${needs.url} answered ${response.status}${detail === '' ? '' : `: ${detail}`}`);
  }
  const imported = IMPORTED.parse(answer);
  const { tool, results, findings, reopened, gone, environments, releases, problems } = imported;
  const history = [`${imported.new} new`, `${reopened} reopened`, `${gone} gone`].join(', ');
  const blocks = environments.some(({ block }) => block > 0);
  return {
    exitCode: sent.failOn === 'block' && blocks ? 1 : 0,
    lines: [
      `${tool}: ${results} results, ${findings} findings (${history})`,
      ...environments.map((one) => `${one.environment}: ${one.block} block, ${one.warn} warn, ${one.monitor} monitor`),
    ],
    remarks: [
      ...releases.map(({ environment, runName }) => `Deployed already in ${environment} by run ${runName}`),
      ...problems,
    ],
  };
}

/** The same report again has no second effect. */
async function send({ url, headers, fetch }: Needs, { file, query }: SentReport): Promise<Response> {
  const address = `${botAddress(url)}/api/findings?${new URLSearchParams(query)}`;
  const body = await open(file);
  const init = { method: 'POST', headers: await headers(), body, redirect: 'error' } as const;
  for (let n = 1; ; n += 1) {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answered = await fetch(address, { ...init, signal }).catch((cause: unknown) => {
      if (n === TRIES) throw new Error(`${url} did not answer; the report may be sent again`, { cause });
      return undefined;
    });
    if (answered !== undefined && (answered.status !== 503 || n === TRIES)) return answered;
  }
}

async function open(file: string): Promise<Blob> {
  try {
    return await openAsBlob(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read`, { cause });
  }
}
