import { mkdir } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { startAzuriteBlobs } from './azurite-blobs.ts';

/** The emulator's published account; it opens nothing but an emulator. */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface Azurite {
  readonly connectionString: string;
  /** Stops answering; with a location, everything is written to it first. */
  close(): Promise<void>;
}

interface TableServer {
  readonly httpServer: HttpServer;
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

/** The constructors of azurite 3.37, which it does not document; the order is that of its `TableConfiguration`. */
type TableConfigurationClass = new (
  host: string,
  port: number,
  keepAliveTimeout: undefined,
  databasePath: string,
  debugLog: boolean,
  accessLog: boolean,
  accessLogStream: undefined,
  debugLogPath: undefined,
  loose: boolean,
  skipApiVersionCheck: boolean,
  cert: string,
  key: string,
  password: string,
  oauth: undefined,
  disableProductStyleUrl: boolean,
  inMemory: boolean,
) => object;
type TableServerClass = new (configuration: object) => TableServer;

/**
 * Azurite's table service in this process, on loopback, with its blob service where `blobs` are wanted. Without `location` nothing outlives it; with one, its rows are
 * kept in that folder (created if missing), saved every 5 seconds and when closing. `port` 0 takes any free port.
 */
export async function startAzurite({
  location,
  port = 0,
  blobs = false,
}: {
  readonly location?: string;
  readonly port?: number;
  readonly blobs?: boolean;
} = {}): Promise<Azurite> {
  const require = createRequire(import.meta.url);
  const { default: Server } = require('azurite/dist/src/table/TableServer') as { default: TableServerClass };
  const { default: Configuration } = require('azurite/dist/src/table/TableConfiguration') as {
    default: TableConfigurationClass;
  };
  if (location !== undefined) await mkdir(location, { recursive: true });
  const databasePath = location === undefined ? 'unused' : join(location, '__azurite_db_table__.json');
  const server = new Server(
    new Configuration(
      '127.0.0.1',
      port,
      undefined,
      databasePath,
      false,
      false,
      undefined,
      undefined,
      true,
      true,
      '',
      '',
      '',
      undefined,
      false,
      location === undefined,
    ),
  );
  // Azurite decodes the body of a single-row write chunk by chunk, which breaks characters that lie across two chunks.
  server.httpServer.prependListener('request', (request) => {
    if (request.url?.includes('$batch') !== true) request.setEncoding('utf8');
  });
  await server.start();
  const blobServer = blobs ? await startAzuriteBlobs(location) : undefined;
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${ACCOUNT}`,
      `AccountKey=${ACCOUNT_KEY}`,
      `TableEndpoint=${server.getHttpServerAddress()}/${ACCOUNT}`,
      ...(blobServer === undefined ? [] : [`BlobEndpoint=${blobServer.getHttpServerAddress()}/${ACCOUNT}`]),
      '',
    ].join(';'),
    close: async () => {
      await blobServer?.close();
      await server.close();
    },
  };
}
