import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROBLEM_TYPE, problemJson } from './problem.ts';

const UNREADABLE: ReadonlyMap<string | undefined, { readonly status: number; readonly detail: string }> = new Map([
  ['HPE_HEADER_OVERFLOW', { status: 431, detail: 'the headers are too large; send fewer or shorter ones' }],
  ['ERR_HTTP_REQUEST_TIMEOUT', { status: 408, detail: 'the request did not arrive in time; send it again' }],
]);
const MALFORMED = { status: 400, detail: 'this is not HTTP/1.1 (RFC 9112)' };

/** Before there is a request that a route could answer, the server itself answers what it cannot read. */
export function answerUnreadable(server: Server): void {
  const busy = new WeakSet<Duplex>();
  server.on('request', ({ socket }: IncomingMessage, response) => {
    busy.add(socket);
    response.once('close', () => busy.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // A second answer would be taken for that of the request under way.
    if (!socket.writable || busy.has(socket) || error.code === 'ECONNRESET') socket.destroy();
    else socket.end(answerTo(error.code));
  });
}

function answerTo(code: string | undefined): string {
  const { status, detail } = UNREADABLE.get(code) ?? MALFORMED;
  const id = randomUUID();
  const body = problemJson({ status, code: 'request-unreadable', detail }, id);
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    '',
    body,
  ].join('\r\n');
}
