import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { botAddress } from './bot-address.ts';

export interface PersonCall {
  /** Public address of the bot. */
  readonly url: string;
  /** The person's own access token for its API. */
  readonly token: () => Promise<string>;
  readonly fetch: typeof globalThis.fetch;
}

interface Answered {
  readonly status: number;
  /** Undefined: no JSON. */
  readonly answer: unknown;
}

const TRIES = 3;
const TIMEOUT_MS = 30_000;

/** One key for all tries: an answer that was lost is asked for again, nothing is done twice. */
export async function postAsPerson({ url, token, fetch }: PersonCall, path: string, body: object): Promise<Answered> {
  const address = `${botAddress(url)}${path}`;
  const headers = {
    Authorization: `Bearer ${await token()}`,
    'Content-Type': 'application/json',
    'Idempotency-Key': randomUUID(),
  };
  for (let n = 1; ; n += 1) {
    const sent = await fetch(address, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      if (n === TRIES) throw new Error(`${url} did not answer; whether it was recorded is unknown`, { cause });
      return undefined;
    });
    if (sent !== undefined && (sent.status !== 503 || n === TRIES))
      return { status: sent.status, answer: await sent.json().catch(() => undefined) };
  }
}

const PROBLEM = z.object({ code: z.string(), detail: z.string() });

/** The sentence of a refusal with one of these codes. Throws for every other answer: then nobody knows more than before. */
export function refusedWith(codes: readonly string[], { url }: PersonCall, { status, answer }: Answered): string {
  const { code, detail } = PROBLEM.safeParse(answer).data ?? { code: '', detail: '' };
  if (codes.includes(code) && status < 500) return detail;
  throw new Error(`${url} answered ${status}${detail === '' ? '' : `: ${detail}`}`);
}
