import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Call {
  /** Which of the targets, by the name it was given. */
  readonly line: string;
  readonly method: string;
  /** With query. */
  readonly url: string;
  readonly body: string;
}

/**
 * What goes wrong with a call. Not done: `drop` ends the connection, a status is answered (429 with Retry-After: 1).
 * Done, but: `cut` ends the connection, `truncated` does so in the middle of the answer, `drip` never comes to the end of
 * the answer. `late`: done once the caller has given up waiting.
 */
export const FAULTS = ['drop', '500', '503', '429', 'cut', 'truncated', 'drip', 'late'] as const;
export type Fault = (typeof FAULTS)[number];

interface Hooks {
  /** Asked for each call, in the order of their arrival; undefined: it passes. */
  fate(call: Call): Fault | undefined;
  /** The target has answered, the caller has not heard it yet. */
  done?(call: Call): void;
  /** What its answers say the time is, instead of the truth. */
  date?(): Date | undefined;
}

export interface FaultProxy {
  /** Listens on 127.0.0.1 before `target`; the address to call in its place, as `target` is written. */
  before(line: string, target: string): Promise<string>;
  /** Calls without an answer, those that are held among them. */
  readonly underway: number;
  /** Calls that end only when their caller gives up. */
  readonly held: ReadonlySet<Call>;
  /** When a call last came, was answered or given up; as performance.now(). */
  readonly movedAt: number;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** One reverse proxy before any number of HTTP servers of this machine. */
export function createFaultProxy({ fate, done = () => {}, date = () => undefined }: Hooks): FaultProxy {
  const closing: (() => Promise<void>)[] = [];
  const held = new Set<Call>();
  const state = { underway: 0, movedAt: performance.now() };

  async function serve(target: URL, line: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const call = { line, method: request.method ?? '', url: request.url ?? '', body: body.toString('utf8') };
    const forward = async (): Promise<Answer> => {
      const answer = await forwarded(target, request, body);
      done(call);
      const said = date()?.toUTCString();
      return said === undefined ? answer : { ...answer, headers: { ...answer.headers, date: said } };
    };
    const hold = async (): Promise<void> => {
      if (response.destroyed) return;
      held.add(call);
      await once(response, 'close');
      held.delete(call);
    };
    const fault = fate(call);
    if (fault === 'drop') response.destroy();
    else if (fault === '500' || fault === '503' || fault === '429') refuse(response, Number(fault));
    else if (fault === 'late') await hold().then(forward);
    else await pass(response, await forward(), fault, hold);
  }

  return {
    held,
    get underway() {
      return state.underway;
    },
    get movedAt() {
      return state.movedAt;
    },
    async before(line, target) {
      const to = new URL(target);
      const server = createServer((request, response) => {
        const moved = (by: number) =>
          Object.assign(state, { underway: state.underway + by, movedAt: performance.now() });
        moved(1);
        serve(to, line, request, response)
          .catch(() => response.destroy())
          .finally(() => moved(-1));
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
      closing.push(async () => {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
      });
      return target.replace(to.host, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    },
    close: async () => {
      await Promise.all(closing.map((close) => close()));
    },
  };
}

function forwarded(target: URL, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const to = { host: target.hostname, port: target.port, method, path: url, headers };
    send(to, (answer) => {
      buffer(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: text }),
        reject,
      );
    })
      .on('error', reject)
      .end(body);
  });
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 429 ? { 'retry-after': '1' } : {}) });
  response.end('{}');
}

async function pass(
  response: ServerResponse,
  { status, headers, body }: Answer,
  fault: 'cut' | 'truncated' | 'drip' | undefined,
  hold: () => Promise<void>,
): Promise<void> {
  if (fault === 'cut' || (fault !== undefined && body.length === 0)) {
    if (fault === 'drip') await hold();
    response.destroy();
    return;
  }
  const { 'transfer-encoding': _, ...kept } = headers;
  response.writeHead(status, { ...kept, ...(status === 204 ? {} : { 'content-length': body.length }) });
  if (fault === undefined) {
    response.end(body);
    return;
  }
  await new Promise<void>((written) => response.write(body.subarray(0, body.length / 2), () => written()));
  if (fault === 'truncated') response.destroy();
  else await hold();
}

/** The proxy before a table store: the connection string by way of it, and the store's own host and port. */
export async function beforeTables(proxy: FaultProxy, connectionString: string) {
  const endpoint = /TableEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '';
  const own = await proxy.before('tables', endpoint);
  return { connectionString: connectionString.replace(endpoint, own), address: new URL(endpoint).host };
}
