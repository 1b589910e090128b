import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface TablesProxy {
  /** The store's connection string, by way of this proxy. */
  readonly connectionString: string;
  close(): Promise<void>;
}

/** One request to the store, as it is passed on. */
export interface TablesRequest {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** An HTTP proxy before a table store. `seen` is told of every request; false cuts its connection off. */
export async function startTablesProxy(
  connectionString: string,
  seen: (request: TablesRequest) => boolean,
): Promise<TablesProxy> {
  const endpoint = new URL(/TableEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
  const proxy = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined || !seen({ method, url, body: body.toString() })) {
      request.socket.destroy();
      return;
    }
    const target = { host: endpoint.hostname, port: endpoint.port, method, path: url, headers };
    const forwarded = send(target, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    forwarded.end(body);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const own = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    connectionString: connectionString.replace(endpoint.host, own),
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
    },
  };
}
