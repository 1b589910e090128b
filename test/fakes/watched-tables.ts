import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { startAzurite } from './azurite.ts';

export interface WatchedTables {
  readonly connectionString: string;
  /** `host:port` of the emulator behind the proxy. */
  readonly address: string;
  /** HTTP requests so far, but for those to the due index, which is read all the time. */
  readonly calls: number;
  /** True: every connection is cut off before anything is done. */
  down: boolean;
  /** Every row with its etag as text, but hints of what is due: those promise nothing. Not counted, never down. */
  rows(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What the scheduler reads and writes on its own, whatever anybody sends: hints, cursors, its lease, what is open. */
const HOUSEKEEPING = /countersign(?:due|sys|open)\b/;

/** Azurite behind a proxy that counts, and that can stop answering. */
export async function startWatchedTables(): Promise<WatchedTables> {
  const azurite = await startAzurite();
  const endpoint = new URL(/TableEndpoint=([^;]+)/.exec(azurite.connectionString)?.[1] ?? '');
  let calls = 0;
  let down = false;
  const proxy = createServer((request, response) => {
    if (!HOUSEKEEPING.test(request.url ?? '')) calls += 1;
    if (down) {
      request.socket.destroy();
      return;
    }
    const { method, url, headers } = request;
    const target = { host: endpoint.hostname, port: endpoint.port, method, path: url, headers };
    const forwarded = send(target, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const own = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    connectionString: azurite.connectionString.replace(endpoint.host, own),
    address: endpoint.host,
    get calls() {
      return calls;
    },
    get down() {
      return down;
    },
    set down(value) {
      down = value;
    },
    rows: () => rowsOf(azurite.connectionString),
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((closed) => proxy.close(closed));
      await azurite.close();
    },
  };
}

async function rowsOf(connectionString: string): Promise<readonly string[]> {
  const options = { allowInsecureConnection: true };
  const rows: string[] = [];
  for await (const { name = '' } of TableServiceClient.fromConnectionString(connectionString, options).listTables()) {
    if (HOUSEKEEPING.test(name)) continue;
    for await (const row of TableClient.fromConnectionString(connectionString, name, options).listEntities()) {
      rows.push(`${name} ${JSON.stringify(row)}`);
    }
  }
  return rows.sort();
}
