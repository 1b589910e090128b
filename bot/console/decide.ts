import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { REFUSALS } from '../../services/domain/refusal.ts';
import { botAddress } from './bot-address.ts';
import type { Outcome } from './outcome.ts';

export interface Decision {
  readonly requestId: string;
  readonly verdict: 'approve' | 'reject';
  readonly comment?: string;
}

interface Needs {
  /** Public address of the bot. */
  readonly url: string;
  /** The person's own access token for its API. */
  readonly token: () => Promise<string>;
  readonly fetch: typeof globalThis.fetch;
}

const TRIES = 3;
const TIMEOUT_MS = 30_000;

const DECIDED = z.object({
  id: z.string(),
  state: z.string(),
  environment: z.string(),
  services: z.array(z.string()),
});
const PROBLEM = z.object({ code: z.string(), detail: z.string() });

/** `approve ID`, `reject ID`: no when the person may not, with the sentence that the chat would say. */
export async function decide(needs: Needs, decision: Decision): Promise<Outcome> {
  const response = await send(needs, decision);
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.status === 200) {
    const { id, state, environment, services } = DECIDED.parse(answer);
    return { exitCode: 0, lines: [`Request ${id} (${services.join(', ')} in ${environment}) is ${state}.`] };
  }
  const { code, detail } = PROBLEM.safeParse(answer).data ?? { code: '', detail: '' };
  const isRefusal = (REFUSALS as readonly string[]).includes(code) && response.status < 500;
  if (isRefusal) return { exitCode: 1, lines: [], remarks: [detail] };
  throw new Error(`${needs.url} answered ${response.status}${detail === '' ? '' : `: ${detail}`}`);
}

/** One key for all tries: an answer that was lost is asked for again, nothing is decided twice. */
async function send({ url, token, fetch }: Needs, { requestId, verdict, comment }: Decision): Promise<Response> {
  const address = `${botAddress(url)}/api/requests/${encodeURIComponent(requestId)}/decision`;
  const headers = {
    Authorization: `Bearer ${await token()}`,
    'Content-Type': 'application/json',
    'Idempotency-Key': randomUUID(),
  };
  const body = JSON.stringify({ verdict, ...(comment === undefined ? {} : { comment }) });
  for (let n = 1; ; n += 1) {
    const sent = await fetch(address, {
      method: 'POST',
      headers,
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((cause: unknown) => {
      if (n === TRIES) throw new Error(`${url} did not answer; whether it was recorded is unknown`, { cause });
      return undefined;
    });
    if (sent !== undefined && (sent.status !== 503 || n === TRIES)) return sent;
  }
}
