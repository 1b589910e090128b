import type { AzureDevOps, Proof } from '../ports/azure-devops.ts';
import { createAccess } from './access.ts';
import { completeCheck } from './complete-check.ts';
import { createConnection } from './connection.ts';
import { decideApproval } from './decide-approval.ts';
import { findRun } from './find-run.ts';
import { type BotIdentity, basicAuthorization } from './identity.ts';
import { pendingApprovals } from './pending-approvals.ts';
import { proveCheck, readCheckState } from './prove-check.ts';
import { readApproval } from './read-approval.ts';
import { readSources } from './read-sources.ts';
import { readStage } from './read-stage.ts';
import { readSubscriptions } from './read-subscriptions.ts';
import { createShippedProtection } from './shipped-protection.ts';

export interface AzureDevOpsOptions {
  /** Organization URLs without a trailing slash, such as `https://dev.azure.com/contoso`. No other host is ever called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it what needs it is refused and `sources` reads with the job's token alone. */
  readonly identity?: BotIdentity;
  /** Milliseconds: all of `prove` (default 2,000), and any one call (default 10,000). */
  readonly limits?: { readonly proveMs?: number; readonly callMs?: number };
  /** Called with the date that each answer bears, as HTTP writes it. */
  readonly dated?: (date: string) => void;
  /** Monotonic milliseconds, for the wait that a Retry-After on a success asks for. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

/** Azure DevOps over its documented REST addresses. Throws when an organization is not an http(s) URL. */
export function createAzureDevOps(options: AzureDevOpsOptions): AzureDevOps {
  for (const organization of options.organizations) checkOrganization(organization);
  const { dated, now, sleep, limits = {}, organizations } = options;
  const connection = createConnection({
    callMs: limits.callMs ?? 10_000,
    ...(dated === undefined ? {} : { dated }),
    ...(now === undefined ? {} : { now }),
    ...(sleep === undefined ? {} : { sleep }),
  });
  const access = createAccess(connection, organizations, options.identity);

  const protection = createShippedProtection(now ?? performance.now.bind(performance));

  return {
    prove(check, runId, jobToken) {
      if (!organizations.includes(check.organization)) return Promise.resolve(strangeOrganization(check));
      const deadline = AbortSignal.timeout(limits.proveMs ?? 2_000);
      return proveCheck(check, runId, access.byJob(check.organization, jobToken, deadline));
    },
    sources: async (run, jobToken, since = []) => readSources(run, since, access.either(run.organization, jobToken)),
    protection: ({ organization }, branch, jobToken) =>
      protection({ organization, branch, read: () => access.either(organization, jobToken) }),
    checkState: async (check, jobToken) => readCheckState(check, access.byJob(check.organization, jobToken)),
    async complete(check, verdict, jobToken) {
      access.known(check.organization);
      return completeCheck(connection, basicAuthorization(jobToken), check, verdict);
    },
    async findRuns(runId) {
      const reads = organizations.map((organization) => [organization, access.own(organization)] as const);
      const found = await Promise.all(reads.map(([organization, read]) => findRun(organization, runId, read)));
      return found.filter((run) => run !== undefined);
    },
    async approval(ref, as) {
      const { organization } = ref;
      return readApproval(ref, access.onBehalfOf(organization, as), access.onBehalfOrOwn(organization, as));
    },
    pendingApprovals: async (organization) => pendingApprovals(organization, access.own(organization)),
    async decideApproval(ref, decision, as) {
      access.known(ref.organization);
      return decideApproval(connection, await access.authorization(as), ref, decision);
    },
    stage: async (ref, jobToken) => readStage(ref, access.either(ref.organization, jobToken)),
    hookSubscriptions: async (organization, url) => readSubscriptions(url, access.own(organization)),
  };
}

function strangeOrganization({ organization }: { readonly organization: string }): Proof {
  return { kind: 'unproven', why: `${organization} is not a configured organization` };
}

function checkOrganization(organization: string): void {
  const url = URL.canParse(organization) ? new URL(organization) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '';
  if (!plain || url.hash !== '' || organization.endsWith('/'))
    throw new Error(`${organization} is not an organization URL such as https://dev.azure.com/contoso`);
}
