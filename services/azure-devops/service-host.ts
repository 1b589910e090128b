import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../ports/azure-devops.ts';
import { SourceRefusedError, SourceUnavailableError } from '../ports/signal-source.ts';

/**
 * Where a service of an organization is that has a host of its own (`advsec`, `auditservice`); undefined: a server of one's own has none.
 */
export function hostOf(organization: string, service: string): string | undefined {
  const url = URL.parse(organization);
  if (url?.hostname === 'dev.azure.com') return `https://${service}.dev.azure.com${url.pathname}`;
  const [, legacy] = /^([^.]+)\.visualstudio\.com$/.exec(url?.hostname ?? '') ?? [];
  if (legacy !== undefined) return `https://${service}.dev.azure.com/${legacy}`;
  return url?.protocol === 'http:' ? organization : undefined;
}

/**
 * Errors of Azure DevOps as those of a source: what it refuses names the permission that is missing. `off`: what to do besides where there
 * is no such thing.
 */
export async function asSource<T>(permission: string, work: () => Promise<T>, off?: string): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AzureDevOpsUnavailableError) {
      const { retryAfter } = cause;
      throw new SourceUnavailableError(cause.message, {
        cause,
        ...(retryAfter === undefined ? {} : { retryAfter }),
      });
    }
    if (!(cause instanceof AzureDevOpsRefusedError)) throw cause;
    throw new SourceRefusedError(refusedWords(cause, permission, off), { cause });
  }
}

function refusedWords({ message, status }: AzureDevOpsRefusedError, permission: string, off?: string): string {
  if (status === 401 || status === 403 || status === 203) return `${message}: ${permission}`;
  return status === 404 && off !== undefined ? `${message}: ${off}, or ${permission}` : message;
}
