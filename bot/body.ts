import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** What of a request is needed here; an express 5 request is one. */
export type BodyRequest = Readable & { readonly headers: IncomingHttpHeaders };

export type BodyStatus = 400 | 408 | 413 | 415;

/** Stable codes; each is worded once, in the detail that goes with it. */
export type BodyCode =
  | 'body-missing'
  | 'body-cut-off'
  | 'body-too-slow'
  | 'body-too-large'
  | 'body-ratio'
  | 'broken-gzip'
  | 'not-json'
  | 'not-utf8'
  | 'json-too-deep'
  | 'forbidden-key'
  | 'unsupported-encoding'
  | 'unsupported-type';

/** Why a body was not taken. `detail` says what is wrong and the way out, and quotes nothing of the body. */
export interface BodyRefusal {
  readonly status: BodyStatus;
  readonly code: BodyCode;
  readonly detail: string;
}

/** Ends the reading of a body; thrown because an iterator has no other way to say it. */
export class BodyRefusedError extends Error implements BodyRefusal {
  override name = 'BodyRefusedError' as const;
  readonly status: BodyStatus;
  readonly code: BodyCode;
  readonly detail: string;
  constructor(refusal: BodyRefusal, cause?: unknown) {
    super(refusal.detail, { cause });
    this.status = refusal.status;
    this.code = refusal.code;
    this.detail = refusal.detail;
  }
}

export interface StreamLimits {
  /** Bytes after decompression. */
  readonly limit: number;
  /** Bytes after decompression for one byte before it; 100 unless told. */
  readonly maxRatio?: number;
  /** Wall time for the whole body. Unless told: none for a stream (the server's own applies), 15 s for JSON. */
  readonly timeoutMs?: number;
}

export interface JsonLimits extends StreamLimits {
  /** Containers within one another; 64 unless told. */
  readonly maxDepth?: number;
}

const MAX_RATIO = 100;
const MAX_DEPTH = 64;
const JSON_TIMEOUT_MS = 15_000;
/** Below this a high ratio does no harm: a few repeated lines compress well. */
const RATIO_FROM = 64 * 1024;

/**
 * The body's bytes, inflated where `Content-Encoding: gzip` says so (RFC 9110 section 8.4), never more than allowed.
 * Throws BodyRefusedError: 413 beyond `limit` or `maxRatio`, 415 another encoding, 400 broken or cut off, 408 too slow.
 * If the reader stops early, what is still coming is read and dropped, up to `limit`, so that the answer can arrive.
 */
export async function* bodyStream(request: BodyRequest, limits: StreamLimits): AsyncGenerator<Uint8Array> {
  const deadline = new Deadline(limits.timeoutMs);
  const raw = { bytes: 0 };
  let inflated = 0;
  try {
    const gzip = isGzip(request.headers['content-encoding']);
    if (Number(request.headers['content-length'] ?? 0) > limits.limit) throw tooLarge(limits.limit);
    const source = counted(request, raw, limits, deadline);
    for await (const chunk of gzip ? gunzipped(source) : source) {
      inflated += chunk.length;
      if (inflated > limits.limit) throw tooLarge(limits.limit);
      const ratio = limits.maxRatio ?? MAX_RATIO;
      if (gzip && inflated > RATIO_FROM && inflated > ratio * raw.bytes) throw ratioExceeded(ratio);
      yield chunk;
    }
  } finally {
    deadline.clear();
    drain(request, limits.limit);
  }
}

async function* counted(
  request: BodyRequest,
  raw: { bytes: number },
  limits: StreamLimits,
  deadline: Deadline,
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = request.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await deadline.wait(chunks.next().catch(cutOff));
      if (next.done === true) return;
      raw.bytes += next.value.length;
      if (raw.bytes > limits.limit) throw tooLarge(limits.limit);
      yield next.value;
    }
  } finally {
    // Not awaited: it ends only when the next bytes arrive, which may be never.
    chunks.return?.().catch(() => undefined);
  }
}

function cutOff(cause: unknown): never {
  throw refused(400, 'body-cut-off', 'The body ended before it was complete. Send it again.', cause);
}

async function* gunzipped(source: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const feeding = feed(source, gunzip);
  // Awaited below; until then a failure of the source must not count as unhandled.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of gunzip) yield chunk;
  } catch (cause) {
    throw cause instanceof BodyRefusedError ? cause : brokenGzip(cause);
  } finally {
    gunzip.destroy();
  }
  const sent = await feeding;
  if (gunzip.bytesWritten < sent) throw brokenGzip(new Error('bytes after the end of the compressed data'));
}

async function feed(source: AsyncGenerator<Uint8Array>, gunzip: ReturnType<typeof createGunzip>): Promise<number> {
  let sent = 0;
  try {
    for await (const chunk of source) {
      sent += chunk.length;
      if (gunzip.destroyed) return sent;
      if (!gunzip.write(chunk)) await drained(gunzip);
    }
    gunzip.end();
  } catch (cause) {
    gunzip.destroy(cause instanceof Error ? cause : new Error('body failed', { cause }));
  }
  return sent;
}

function drained(gunzip: ReturnType<typeof createGunzip>): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      gunzip.off('drain', go).off('close', go);
      resolve();
    };
    gunzip.on('drain', go).on('close', go);
  });
}

/** One time-out for one body. */
class Deadline {
  #late: BodyRefusedError | undefined;
  #giveUp: ((late: BodyRefusedError) => void) | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number | undefined) {
    if (timeoutMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.#late = refused(408, 'body-too-slow', `The body took longer than ${timeoutMs} ms to arrive.`);
      this.#giveUp?.(this.#late);
    }, timeoutMs);
  }

  /**
   * What arrives in time; rejects when the time is over. One wait at a time. No race with one long promise: that would
   * hold on to every piece of the body until the end.
   */
  wait<T>(arriving: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      if (this.#late !== undefined) reject(this.#late);
      arriving.then(resolve, reject);
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** Closing on a client that is still sending would cost it the answer; an endless body is cut at the limit. */
function drain(request: BodyRequest, limit: number): void {
  if (request.readableEnded || request.destroyed) return;
  let dropped = 0;
  request.on('error', () => undefined);
  request.on('data', (chunk: Uint8Array) => {
    dropped += chunk.length;
    if (dropped > limit) request.destroy();
  });
  request.resume();
}

/** True for gzip, false for none. Throws for the rest, so that no other format is ever inflated. */
function isGzip(encoding: string | undefined): boolean {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return false;
  if (name === 'gzip' || name === 'x-gzip') return true;
  throw refused(415, 'unsupported-encoding', 'Content-Encoding may be gzip or absent. Send the body in one of these.');
}

export type JsonBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | ({ readonly kind: 'refused' } & BodyRefusal);

/**
 * A JSON body (RFC 8259) within limits: content type `application/json` or `…+json`, UTF-8, no deeper than `maxDepth`,
 * and without keys that could reach a prototype. A refusal is a value; anything else that fails is thrown.
 */
export async function readJson(request: BodyRequest, limits: JsonLimits): Promise<JsonBody> {
  try {
    refuseType(request.headers['content-type']);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bodyStream(request, { timeoutMs: JSON_TIMEOUT_MS, ...limits })) chunks.push(chunk);
    return { kind: 'json', value: parseJson(decode(Buffer.concat(chunks)), limits.maxDepth ?? MAX_DEPTH) };
  } catch (cause) {
    if (!(cause instanceof BodyRefusedError)) throw cause;
    const { status, code, detail } = cause;
    return { kind: 'refused', status, code, detail };
  } finally {
    drain(request, limits.limit);
  }
}

function refuseType(contentType: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const isJson = /^application\/(?:[a-z0-9.+-]{1,60}\+)?json$/.test(type.trim());
  if (isJson && (charset === undefined || /^charset="?utf-?8"?$/.test(charset))) return;
  throw refused(415, 'unsupported-type', 'The body must be JSON: send Content-Type: application/json in UTF-8.');
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw refused(400, 'not-utf8', 'The body holds bytes that are not valid UTF-8.', cause);
  }
}

function parseJson(text: string, maxDepth: number): unknown {
  if (text.trim() === '') throw refused(400, 'body-missing', 'The body is empty; JSON is expected.');
  // Before parsing: the parser itself survives any depth, but what walks its result does not.
  if (isDeeper(text, maxDepth)) {
    throw refused(400, 'json-too-deep', `The body nests deeper than ${maxDepth} levels.`);
  }
  const value = parsed(text);
  if (hasForbiddenKey(value)) {
    throw refused(400, 'forbidden-key', 'The body has a key named __proto__, constructor or prototype. Leave it out.');
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(400, 'not-json', 'The body is not valid JSON.', cause);
  }
}

/** Brackets within strings do not count. One pass, no backtracking. */
function isDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}

function endOfString(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function hasForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasForbiddenKey);
  return Object.entries(value).some(([key, member]) => FORBIDDEN.has(key) || hasForbiddenKey(member));
}

function refused(status: BodyStatus, code: BodyCode, detail: string, cause?: unknown): BodyRefusedError {
  return new BodyRefusedError({ status, code, detail }, cause);
}

function tooLarge(limit: number): BodyRefusedError {
  return refused(413, 'body-too-large', `The body is larger than ${limit} bytes. Send less, or split it.`);
}

function ratioExceeded(ratio: number): BodyRefusedError {
  return refused(413, 'body-ratio', `The body inflates to more than ${ratio} times its size. Send it uncompressed.`);
}

function brokenGzip(cause: unknown): BodyRefusedError {
  return refused(400, 'broken-gzip', 'The body is not whole, valid gzip. Compress it again and send it.', cause);
}
