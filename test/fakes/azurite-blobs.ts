import { createRequire } from 'node:module';
import { join } from 'node:path';

interface BlobServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
}

interface Persistence {
  readonly locationId: string;
  readonly locationPath: string;
  readonly maxConcurrency: number;
}

/** The constructors of azurite 3.37, which it does not document; the order is that of its `BlobConfiguration`. */
type BlobConfigurationClass = new (
  host: string,
  port: number,
  keepAliveTimeout: undefined,
  metadataPath: string,
  extentPath: string,
  persistence: readonly Persistence[],
  accessLog: boolean,
  accessLogStream: undefined,
  debugLog: boolean,
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
type BlobServerClass = new (configuration: object) => BlobServer;

/** Azurite's blob service in this process, on loopback, on any free port; kept in the folder where there is one. */
export async function startAzuriteBlobs(location: string | undefined): Promise<BlobServer> {
  const require = createRequire(import.meta.url);
  const { default: Server } = require('azurite/dist/src/blob/BlobServer') as { default: BlobServerClass };
  const { default: Configuration } = require('azurite/dist/src/blob/BlobConfiguration') as {
    default: BlobConfigurationClass;
  };
  const at = (name: string) => join(location ?? 'unused', name);
  const server = new Server(
    new Configuration(
      '127.0.0.1',
      0,
      undefined,
      at('__azurite_db_blob__.json'),
      at('__azurite_db_blob_extent__.json'),
      [{ locationId: 'Default', locationPath: at('__blobstorage__'), maxConcurrency: 10 }],
      false,
      undefined,
      false,
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
  await server.start();
  return server;
}
