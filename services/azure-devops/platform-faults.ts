import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../ports/azure-devops.ts';
import { SourceRefusedError, SourceUnavailableError } from '../ports/signal-source.ts';

/**
 * Faults of Azure DevOps as those of a source. `permission`: what to give where it refuses; `missing`: what else a 404 may mean, where the
 * documentation has one for a permission that is missing.
 */
export async function translated<T>(permission: string, work: () => Promise<T>, missing?: string): Promise<T> {
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
    throw new SourceRefusedError(refusedWords(cause, permission, missing), { cause });
  }
}

function refusedWords({ message, status }: AzureDevOpsRefusedError, permission: string, missing?: string): string {
  if (status === 401 || status === 403 || status === 203) return `${message}: ${permission}`;
  return status === 404 && missing !== undefined ? `${message}: ${missing}, or ${permission}` : message;
}
