import { AzureDevOpsRefusedError, type OnBehalfOf } from '../ports/azure-devops.ts';
import type { Connection } from './connection.ts';
import { type BotIdentity, basicAuthorization, bearerAuthorization } from './identity.ts';
import { createOwnRead, createRead, firstAllowed, type Read } from './read.ts';

/** Who Azure DevOps may be asked as. Each throws AzureDevOpsRefusedError for an organization that is not configured. */
export interface Access {
  known(organization: string): string;
  byJob(organization: string, jobToken: string, deadline?: AbortSignal): Read;
  /** With the bot's own account; refused when it has none. */
  own(organization: string): Read;
  /** With the job's token, and with the own account what that may not read; with either alone where there is one. */
  either(organization: string, jobToken: string | undefined): Read;
  /** As one person and nobody else, or as the bot. */
  onBehalfOf(organization: string, as: OnBehalfOf): Read;
  /** As `onBehalfOf`, and with the own account what that person may not read. */
  onBehalfOrOwn(organization: string, as: OnBehalfOf): Read;
  /** Value of the Authorization header, valid now. Rejects with AzureDevOpsUnavailableError. */
  authorization(as: OnBehalfOf): Promise<string>;
}

export function createAccess(
  connection: Connection,
  organizations: readonly string[],
  identity: BotIdentity | undefined,
): Access {
  function known(organization: string): string {
    if (organizations.includes(organization)) return organization;
    throw new AzureDevOpsRefusedError(`${organization} is not a configured organization`, 403);
  }

  function account(): BotIdentity {
    if (identity !== undefined) return identity;
    throw new AzureDevOpsRefusedError('the bot has no account of its own in Azure DevOps to ask with', 401);
  }

  const own = (organization: string): Read => createOwnRead(connection, known(organization), account());
  const byToken = (organization: string, authorization: string, deadline?: AbortSignal): Read =>
    createRead(connection, known(organization), authorization, deadline);
  const orOwn = (organization: string, read: Read): Read => firstAllowed(read, identity && own(organization));
  const access: Access = {
    known,
    own,
    byJob: (organization, jobToken, deadline) => byToken(organization, basicAuthorization(jobToken), deadline),
    either: (organization, jobToken) =>
      jobToken === undefined ? own(organization) : orOwn(organization, access.byJob(organization, jobToken)),
    onBehalfOf: (organization, as) =>
      as.kind === 'bot' ? own(organization) : byToken(organization, bearerAuthorization(as.token)),
    onBehalfOrOwn: (organization, as) =>
      as.kind === 'bot' ? own(organization) : orOwn(organization, access.onBehalfOf(organization, as)),
    authorization: async (as) => (as.kind === 'bot' ? account().authorization() : bearerAuthorization(as.token)),
  };
  return access;
}
