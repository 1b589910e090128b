import { connect } from 'node:net';

/** What came back on a connection, byte for byte what a caller sees. */
export interface RawAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends these bytes as they are, which no HTTP client would, and reads one answer. */
export function sendRaw(url: string, bytes: string | Uint8Array): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const done = () => {
      socket.destroy();
      resolve(parsed(received));
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (isWhole(received)) done();
    });
    socket.on('error', () => undefined);
    socket.on('close', done);
  });
}

function isWhole(received: string): boolean {
  const { headers, body, status } = parsed(received);
  const length = headers.get('content-length');
  return status !== 0 && length !== null && Buffer.byteLength(body) >= Number(length);
}

function parsed(received: string): RawAnswer {
  const [head = '', ...rest] = received.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(/^HTTP\/1\.1 ([0-9]{3})/.exec(first)?.[1] ?? 0), headers, body: rest.join('\r\n\r\n') };
}
