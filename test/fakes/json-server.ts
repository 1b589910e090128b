import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createFaults, type Faults } from './azure-devops-faults.ts';
import { faultReply, send } from './azure-devops-http.ts';
import type { Reply } from './azure-devops-model.ts';

export interface JsonRequest {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface JsonServer {
  readonly url: string;
  /** `METHOD /path?query` of all requests, in order. */
  readonly requests: string[];
  /** Tested against the same. */
  readonly faults: Pick<Faults, 'add' | 'clear'>;
  close(): Promise<void>;
}

/** HTTP on 127.0.0.1, with the faults that the simulators have. */
export async function startJsonServer(replyTo: (request: JsonRequest) => Reply): Promise<JsonServer> {
  const faults = createFaults();
  const requests: string[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = `${request.method} ${request.url}`;
    requests.push(sent);
    const fault = faults.take(sent);
    if (fault?.delayMs !== undefined) return;
    const answer = () =>
      replyTo({
        method: request.method ?? '',
        url: new URL(request.url ?? '/', 'http://127.0.0.1'),
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString(),
      });
    send(response, faultReply(fault, answer), fault?.cut);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    requests,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
