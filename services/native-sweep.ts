import type { NativeApprovalRef } from './domain/native-approval.ts';
import { type AzureDevOps, AzureDevOpsRefusedError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';

interface Needs {
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly azureDevOps: AzureDevOps;
  /** Whether this approval is known, or has become a request, or is none of ours. */
  readonly found: (
    ref: NativeApprovalRef,
  ) => Promise<{ readonly kind: string; readonly org?: string; readonly id?: string }>;
  /** Carries out what is to be done for a request. */
  readonly carryOn: (org: string, id: string) => Promise<void>;
  readonly failed: (organization: string, why: unknown) => void;
}

const MOST_LOOKS = 50;
const SEEN_MS = 3_600_000;

/** Looks for approvals that wait in Azure DevOps and that no service hook told of. Each is looked at once an hour. */
export function createNativeSweep(needs: Needs): () => Promise<void> {
  const seen = new Map<string, number>();
  const said = new Map<string, string>();
  return async () => {
    const now = Date.parse(needs.clock.now());
    for (const [id, until] of seen) if (until <= now) seen.delete(id);
    for (const organization of needs.organizations) {
      const trouble = await sweep(needs, organization, seen, now).catch((error: unknown) => [error]);
      // Once for each trouble: a permission that is missing is missing every five minutes.
      const words = trouble.map(String).join('; ');
      if (words !== '' && words !== said.get(organization)) needs.failed(organization, trouble[0]);
      said.set(organization, words);
    }
  };
}

/** What could not be covered. */
async function sweep(
  { azureDevOps, found, carryOn }: Needs,
  organization: string,
  seen: Map<string, number>,
  now: number,
): Promise<readonly unknown[]> {
  const { approvals, unread } = await azureDevOps.pendingApprovals(organization);
  const fresh = approvals.filter(({ id }) => !seen.has(id)).slice(0, MOST_LOOKS);
  const troubles: unknown[] = [...unread];
  for (const { projectId, id } of fresh) {
    try {
      const result = await found({ organization, projectId, id });
      if (result.kind === 'created' && result.org !== undefined && result.id !== undefined)
        await carryOn(result.org, result.id);
    } catch (error) {
      // One that cannot be read must not keep those behind it from being looked at.
      if (!(error instanceof AzureDevOpsRefusedError)) throw error;
      troubles.push(error);
    }
    seen.set(id, now + SEEN_MS);
  }
  return troubles;
}
