import type { IncomingHttpHeaders, RequestOptions } from 'node:http';
import { WebApi } from 'azure-devops-node-api';
import type {
  IHttpClientResponse,
  IRequestHandler,
} from 'azure-devops-node-api/interfaces/common/VsoBaseInterfaces.js';
import type { z } from 'zod';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../ports/azure-devops.ts';
import { patienceOf, retryAfterOf } from './rate-limit.ts';

export interface ConnectionOptions {
  /** Longest time for one call, answer included. */
  readonly callMs: number;
  /** Called with the date that each answer bears, as HTTP writes it. */
  readonly dated?: (date: string) => void;
  /** Called with the organization where an answer asks to be left alone, for so many seconds, or tells that little is left to be used. */
  readonly slowed?: (organization: string, seconds: number) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

export interface Call {
  readonly organization: string;
  readonly authorization: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the organization, from paths.ts. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** Media type of the answer; JSON when absent. */
  readonly accept?: string;
  /** Ends the call early. A call with a deadline goes ahead whatever an earlier Retry-After asked for. */
  readonly deadline?: AbortSignal;
}

/** What was read, and where the next page begins. */
export interface Page<T> {
  readonly value: T;
  readonly next?: string;
}

/**
 * One call per request: no retries, no redirects, no discovery. Rejects with AzureDevOpsUnavailableError (408, 429, 5xx,
 * connection, time-out) or AzureDevOpsRefusedError (any other status but 2xx, 203 among them: that is a sign-in page).
 */
export interface Connection {
  /** Also refused: an answer without the JSON that `schema` describes. */
  read<T>(call: Call, schema: z.ZodType<T>): Promise<Page<T>>;
  /** The answer's bytes as they are; undefined when there are more than `most`, of which no more are taken. */
  bytes(call: Call, most: number): Promise<Buffer | undefined>;
  /** For answers without a body. */
  send(call: Call): Promise<void>;
}

interface Answer<B> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: B;
}

type Take<B> = (response: IHttpClientResponse) => Promise<B>;

/**
 * A Retry-After makes the next callers of that organization wait, whatever it came with, but never longer than Azure
 * DevOps itself would delay. Who was refused by it is told the whole wait, and waits outside.
 */
const LONGEST_PAUSE_MS = 30_000;
const JSON_TYPE = 'application/json';
const AGENT = { productName: 'countersign', productVersion: '0', userAgent: 'countersign' };

export function createConnection(options: ConnectionOptions): Connection {
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? ((milliseconds) => new Promise<void>((wake) => setTimeout(wake, milliseconds)));
  const notBefore = new Map<string, number>();

  /** Of several answers the one counts that asks for most: they may arrive in any order. */
  function holdBack(organization: string, milliseconds: number): void {
    notBefore.set(organization, Math.max(now() + milliseconds, notBefore.get(organization) ?? 0));
  }

  async function answered<B>(call: Call, take: Take<B>): Promise<Answer<B>> {
    const pause = (notBefore.get(call.organization) ?? 0) - now();
    if (call.deadline === undefined && pause > 0) await sleep(pause);
    const answer = await exchange(call, options.callMs, take);
    if (answer.headers.date !== undefined) options.dated?.(answer.headers.date);
    const patience = patienceOf(answer.headers);
    if (patience !== undefined) options.slowed?.(call.organization, patience);
    const seconds = retryAfterOf(answer.headers);
    if (seconds !== undefined) holdBack(call.organization, Math.min(seconds * 1000, LONGEST_PAUSE_MS));
    if (!isTaken(answer)) throw faultOf(call, answer, seconds);
    return answer;
  }

  return {
    async read(call, schema) {
      const answer = await answered(call, textOf);
      const parsed = schema.safeParse(jsonOf(answer.body));
      if (!parsed.success) throw refused(call, answer.status, 'with something else than documented');
      const next = answer.headers['x-ms-continuationtoken'];
      return { value: parsed.data, ...(typeof next === 'string' && next !== '' ? { next } : {}) };
    },
    bytes: async (call, most) => (await answered(call, ({ message }) => bytesOf(message, most))).body,
    async send(call) {
      await answered(call, textOf);
    },
  };
}

async function exchange<B>(call: Call, callMs: number, take: Take<B>): Promise<Answer<B>> {
  const limit = AbortSignal.timeout(callMs);
  const signal = call.deadline === undefined ? limit : AbortSignal.any([limit, call.deadline]);
  const api = new WebApi(
    call.organization,
    handlerOf(call.authorization, signal),
    // A followed redirect would take the token along to wherever it points.
    { allowRedirects: false, allowRetries: false, socketTimeout: callMs },
    AGENT,
  );
  try {
    signal.throwIfAborted();
    const response = await requested(api, call);
    const { statusCode = 0, headers } = response.message;
    return { status: statusCode, headers, body: await take(response) };
  } catch (cause) {
    const why = signal.aborted
      ? 'not answered in time'
      : `failed: ${cause instanceof Error ? cause.message : 'unknown'}`;
    throw new AzureDevOpsUnavailableError(`${nameOf(call)} ${why}`, { cause });
  }
}

/** The HTTP client below `rest`: the REST client turns a 404, a sign-in page and a cut answer alike into null. */
async function requested(api: WebApi, call: Call): Promise<IHttpClientResponse> {
  const url = `${call.organization}${call.path}`;
  const headers = { Accept: call.accept ?? JSON_TYPE, ...(call.body === undefined ? {} : contentHeaders(call)) };
  const client = api.rest.client;
  if (call.method === 'GET') return client.get(url, headers);
  if (call.method === 'DELETE') return client.del(url, headers);
  if (call.method === 'POST') return client.post(url, call.body ?? '', headers);
  if (call.method === 'PUT') return client.put(url, call.body ?? '', headers);
  return client.patch(url, call.body ?? '', headers);
}

function textOf(response: IHttpClientResponse): Promise<string> {
  return response.readBody();
}

async function bytesOf(message: IHttpClientResponse['message'], most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function contentHeaders(call: Call): { 'Content-Type': string } {
  return { 'Content-Type': call.contentType ?? 'application/json; charset=utf-8' };
}

function handlerOf(authorization: string, signal: AbortSignal): IRequestHandler {
  return {
    prepareRequest(options: RequestOptions) {
      options.headers = { ...options.headers, authorization, 'x-tfs-fedauthredirect': 'Suppress' };
      options.signal = signal;
    },
    canHandleAuthentication: () => false,
    handleAuthentication: () => Promise.reject(new Error('a refused token is not tried again')),
  };
}

/** A sign-in page is no answer, whatever its status. */
function isTaken({ status, headers }: Answer<unknown>): boolean {
  return status >= 200 && status < 300 && status !== 203 && !headers['content-type']?.includes('text/html');
}

function faultOf(call: Call, answer: Answer<unknown>, retryAfter: number | undefined): Error {
  const { status } = answer;
  if (status === 408 || status === 429 || status >= 500)
    return new AzureDevOpsUnavailableError(`${nameOf(call)} was answered ${status}`, {
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  return refused(call, status, status < 300 ? 'with a sign-in page' : messageOf(String(answer.body)));
}

function refused(call: Call, status: number, detail: string): AzureDevOpsRefusedError {
  return new AzureDevOpsRefusedError(`${nameOf(call)} was answered ${status} ${detail}`.trimEnd(), status);
}

/** Without the query, which adds nothing but length. */
function nameOf(call: Call): string {
  return `${call.method} ${call.path.split('?', 1)[0]}`;
}

function messageOf(body: string): string {
  const answer = jsonOf(body);
  if (typeof answer !== 'object' || answer === null || !('message' in answer)) return '';
  return typeof answer.message === 'string' ? answer.message.slice(0, 200) : '';
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
