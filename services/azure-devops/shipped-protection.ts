import type { Protection, ShippedBranch } from '../domain/run.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import { placedRepositoryAnswer } from './answers.ts';
import { isProtected } from './branch-protection.ts';
import { repositoryPath } from './paths.ts';
import type { Read } from './read.ts';

/** Many gates of one run ask for the same at once; whoever protects a branch must not wait long. */
const KEPT_MS = 60_000;
const MOST_KEPT = 1_000;

export interface Asked {
  readonly organization: string;
  readonly branch: ShippedBranch;
  readonly read: () => Read;
}

/** `now`: monotonic milliseconds. Whatever is unknown is asked anew: the next one may have the right to read it. */
export function createShippedProtection(now: () => number) {
  const kept = new Map<string, { readonly protection: Promise<Protection>; readonly until: number }>();
  /** Rejects with AzureDevOpsUnavailableError. */
  return async ({ organization, branch, read }: Asked): Promise<Protection> => {
    const { ref, repositoryId } = branch;
    const unreadable = unreadableBecause(branch);
    if (unreadable !== undefined || ref === undefined || repositoryId === undefined)
      return unreadable ?? unknown('its branch is not named');
    const name = JSON.stringify([organization, repositoryId, ref]);
    const known = kept.get(name);
    if (known !== undefined && now() < known.until) return known.protection;
    const protection = protectionOf(repositoryId, ref, read);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(name, { protection, until: now() + KEPT_MS });
    const isKnown = await protection.then(({ kind }) => kind !== 'unknown').catch(() => false);
    if (!isKnown && kept.get(name)?.protection === protection) kept.delete(name);
    return protection;
  };
}

/** What Azure DevOps need not be asked about. */
function unreadableBecause({ ref, repositoryId }: ShippedBranch): Protection | undefined {
  if (repositoryId === undefined) return unknown('only repositories in Azure Repos can be asked');
  if (ref === undefined) return unknown('Azure DevOps does not name the branch');
  // A merge that nobody has completed is of no branch.
  if (ref.startsWith('refs/pull/')) return { kind: 'unprotected' };
  return ref.startsWith('refs/heads/') ? undefined : unknown('it is no branch, and what it was made from is not told');
}

async function protectionOf(repositoryId: string, ref: string, read: () => Read): Promise<Protection> {
  try {
    const asked = read();
    const { value } = await asked(repositoryPath(repositoryId), placedRepositoryAnswer);
    const defaultRef = value.defaultBranch ?? undefined;
    const found = await isProtected({ project: value.project.id, repositoryId, ref, defaultRef }, asked);
    if (found === undefined) return unknown('it has more policies than are read');
    return { kind: found ? 'protected' : 'unprotected' };
  } catch (error) {
    if (!(error instanceof AzureDevOpsRefusedError)) throw error;
    return unknown(`it cannot be read (${error.message}); the bot's account needs Read on the repository`);
  }
}

function unknown(why: string): Protection {
  return { kind: 'unknown', why };
}
