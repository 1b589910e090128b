import type { TokenCredential } from '@azure/identity';

/** Azure Resource Manager of each cloud. */
export const RESOURCE_MANAGER_URLS = {
  public: 'https://management.azure.com',
  usgov: 'https://management.usgovcloudapi.net',
  china: 'https://management.chinacloudapi.cn',
} as const;

/** The portal of each cloud. */
export const PORTAL_URLS = {
  public: 'https://portal.azure.com',
  usgov: 'https://portal.azure.us',
  china: 'https://portal.azure.cn',
} as const;

export interface ResourceManagerOptions {
  /** Origin of Azure Resource Manager: the only host that is ever called. */
  readonly url: string;
  /** Takes http on this machine as the url as well; for tests. */
  readonly allowLoopback?: boolean;
  readonly credential: TokenCredential;
  /** Milliseconds for one request (default 15,000). */
  readonly callMs?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface ArmCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** JSON. */
  readonly body?: string;
}

const LONGEST_BODY = 16 * 1024 * 1024;
const TOKEN_MS = 10_000;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Azure Resource Manager with the identity of the host: one request, no retries, no redirects. `fault` makes the error of a request that
 * got no answer. Throws when `url` is no origin that may be called.
 */
export function createResourceManager(
  options: ResourceManagerOptions,
  fault: (why: string, cause: unknown) => Error,
): { readonly origin: string; readonly request: (call: ArmCall) => Promise<Answer> } {
  const origin = originOf(options);
  const { credential, callMs = 15_000 } = options;
  return {
    origin,
    async request({ method, url, body }) {
      // Whoever made the address: the token goes nowhere else.
      if (url.origin !== origin) throw fault('would go to another host', undefined);
      const token = await tokenOf(credential, origin).catch((cause: unknown) => {
        throw fault('was not asked: Entra gave no token for the identity of the host; has it one?', cause);
      });
      const signal = AbortSignal.timeout(callMs);
      try {
        const response = await fetch(url, {
          method,
          headers: {
            Accept: 'application/json',
            Authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body }),
          redirect: 'manual',
          signal,
        });
        return { status: response.status, headers: response.headers, body: await bytesOf(response) };
      } catch (cause) {
        throw fault(signal.aborted ? 'was not answered in time' : 'failed', cause);
      }
    },
  };
}

function originOf({ url, allowLoopback }: ResourceManagerOptions): string {
  const base = URL.parse(url);
  const isLocal = allowLoopback === true && base?.protocol === 'http:' && LOOPBACK.has(base.hostname);
  if (base === null || !(base.protocol === 'https:' || isLocal) || base.origin !== url)
    throw new Error(`${url} is not an origin of Azure Resource Manager such as ${RESOURCE_MANAGER_URLS.public}`);
  return base.origin;
}

async function bytesOf({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size > LONGEST_BODY) throw new Error(`the answer is longer than ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The credential keeps and renews it. */
async function tokenOf(credential: TokenCredential, origin: string): Promise<string> {
  const issued = await credential.getToken(`${origin}/.default`, { abortSignal: AbortSignal.timeout(TOKEN_MS) });
  // What cannot stand in a header would stand in the error about it.
  if (issued === null || !/^[\w.~+/=-]+$/.test(issued.token)) throw new Error('Entra gave no token');
  return issued.token;
}

/** Seconds that a Retry-After asks for, in either of its forms (RFC 9110 section 10.2.3). */
export function retryAfterOf(headers: Headers): number | undefined {
  const written = headers.get('retry-after') ?? '';
  const now = Date.parse(headers.get('date') ?? '') || Date.now();
  const seconds = /^\d+$/.test(written) ? Number(written) : (Date.parse(written) - now) / 1_000;
  return seconds > 0 ? seconds : undefined;
}

/** Azure's own code in an answer that is an error, if it is one that may be shown. */
export function codeIn({ body }: Answer): string | undefined {
  try {
    const { error } = JSON.parse(body.toString('utf8')) as { readonly error?: { readonly code?: unknown } };
    return typeof error?.code === 'string' && /^[A-Za-z0-9_.]{1,80}$/.test(error.code) ? error.code : undefined;
  } catch {
    return undefined;
  }
}
