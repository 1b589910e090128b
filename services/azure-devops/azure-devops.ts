import type { Run } from '../domain/run.ts';
import { type AzureDevOps, AzureDevOpsRefusedError, type Proof } from '../ports/azure-devops.ts';
import { completeCheck } from './complete-check.ts';
import { type Connection, createConnection } from './connection.ts';
import { findRun } from './find-run.ts';
import { type BotIdentity, basicAuthorization } from './identity.ts';
import { proveCheck, readCheckState } from './prove-check.ts';
import { createOwnRead, createRead, firstAllowed, type Read } from './read.ts';
import { readSources } from './read-sources.ts';

export interface AzureDevOpsOptions {
  /** Organization URLs without a trailing slash, such as `https://dev.azure.com/contoso`. No other host is ever called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it `findRuns` is refused and `sources` reads with the job's token alone. */
  readonly identity?: BotIdentity;
  /** Milliseconds: all of `prove` (default 2,000), and any one call (default 10,000). */
  readonly limits?: { readonly proveMs?: number; readonly callMs?: number };
  /** Monotonic milliseconds, for the wait that a Retry-After on a success asks for. */
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

const NO_ACCOUNT = 'the bot has no account of its own in Azure DevOps to look with';

/** Azure DevOps over its documented REST addresses. Throws when an organization is not an http(s) URL. */
export function createAzureDevOps(options: AzureDevOpsOptions): AzureDevOps {
  for (const organization of options.organizations) checkOrganization(organization);
  const { now, sleep, limits = {}, identity } = options;
  const connection = createConnection({
    callMs: limits.callMs ?? 10_000,
    ...(now === undefined ? {} : { now }),
    ...(sleep === undefined ? {} : { sleep }),
  });

  function known(organization: string): string {
    if (options.organizations.includes(organization)) return organization;
    throw new AzureDevOpsRefusedError(`${organization} is not a configured organization`, 403);
  }

  function jobRead(organization: string, jobToken: string, deadline?: AbortSignal): Read {
    return createRead(connection, known(organization), basicAuthorization(jobToken), deadline);
  }

  function ownRead(organization: string): Read {
    if (identity === undefined) throw new AzureDevOpsRefusedError(NO_ACCOUNT, 401);
    return createOwnRead(connection, known(organization), identity);
  }

  /** With the job's token, and with the own account what that may not read; with either alone where there is one. */
  function allowedRead(organization: string, jobToken: string | undefined): Read {
    if (jobToken === undefined) return ownRead(organization);
    return firstAllowed(jobRead(organization, jobToken), identity && ownRead(organization));
  }

  return {
    prove(check, runId, jobToken) {
      if (!options.organizations.includes(check.organization)) return Promise.resolve(strangeOrganization(check));
      const deadline = AbortSignal.timeout(limits.proveMs ?? 2_000);
      return proveCheck(check, runId, jobRead(check.organization, jobToken, deadline));
    },
    async sources(run, jobToken) {
      return readSources(run, allowedRead(run.organization, jobToken));
    },
    async checkState(check, jobToken) {
      return readCheckState(check, jobRead(check.organization, jobToken));
    },
    async complete(check, verdict, jobToken) {
      known(check.organization);
      return completeCheck(connection, basicAuthorization(jobToken), check, verdict);
    },
    findRuns: (runId) => findRuns(connection, options.organizations, identity, runId),
  };
}

async function findRuns(
  connection: Connection,
  organizations: readonly string[],
  identity: BotIdentity | undefined,
  runId: number,
): Promise<readonly Run[]> {
  if (identity === undefined) throw new AzureDevOpsRefusedError(NO_ACCOUNT, 401);
  const found = await Promise.all(
    organizations.map((organization) =>
      findRun(organization, runId, createOwnRead(connection, organization, identity)),
    ),
  );
  return found.filter((run) => run !== undefined);
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
