import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';

const RETRIES = { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 1_600 };
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);
/** Of a container: 3 to 63 lower-case letters, digits and single hyphens between them. */
const CONTAINER = /^(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$/;

export interface BlobContainer {
  /** A connection string, or the account's https:// address with a credential of @azure/identity. */
  readonly connection:
    | { readonly connectionString: string }
    | { readonly url: URL; readonly credential: TokenCredential };
  /** Made where there is none; one with an immutability policy is made by the operator. */
  readonly container: string;
}

export function containerOf({ connection, container }: BlobContainer): ContainerClient {
  if (!CONTAINER.test(container))
    throw new RangeError(`a container has 3 to 63 lower-case letters, digits and hyphens, got "${container}"`);
  const options = { retryOptions: RETRIES };
  const service =
    'url' in connection
      ? new BlobServiceClient(connection.url.href, connection.credential, options)
      : BlobServiceClient.fromConnectionString(connection.connectionString, options);
  const { protocol, hostname, host } = new URL(service.url);
  if (protocol !== 'https:' && !LOOPBACK.has(hostname))
    throw new RangeError(`blobs are reached by https only, except on loopback, got ${protocol}//${host}`);
  return service.getContainerClient(container);
}

/** Of the service's error; undefined for any other. */
export function codeOf(error: unknown): string | undefined {
  const code = member(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** Why there is no usable answer, in a word. */
export function reasonOf(error: unknown): string {
  const status = member(error, 'statusCode');
  return codeOf(error) ?? (typeof status === 'number' ? `HTTP ${status}` : 'no answer');
}

export function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
