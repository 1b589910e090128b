import type { TokenCredential } from '@azure/identity';
import { AzureDevOpsUnavailableError } from '../ports/azure-devops.ts';

/** The bot's own account in Azure DevOps. */
export interface BotIdentity {
  /** How it signs in: by a personal access token, which lives long, or by tokens of Entra. */
  readonly kind: 'token' | 'entra';
  /** Value of the Authorization header, valid now. Rejects with AzureDevOpsUnavailableError. */
  authorization(): Promise<string>;
}

/** Azure DevOps as a resource in Entra; the same id in every tenant. */
const AZURE_DEVOPS_SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default';

const TOKEN_MS = 10_000;

/** Basic with an empty user name: how a personal access token and a job's access token are both sent. */
export function basicAuthorization(token: string): string {
  return `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
}

/** How an Entra token is sent, the bot's own or one that a person delegated. */
export function bearerAuthorization(token: string): string {
  return `Bearer ${token}`;
}

/** A fixed personal access token; meant for local runs. */
export function createPatIdentity(token: string): BotIdentity {
  return { kind: 'token', authorization: async () => basicAuthorization(token) };
}

/** A managed identity or service principal; the credential keeps and renews the token. */
export function createEntraIdentity(credential: TokenCredential): BotIdentity {
  return {
    kind: 'entra',
    async authorization() {
      const token = await tokenOf(credential);
      return bearerAuthorization(token);
    },
  };
}

async function tokenOf(credential: TokenCredential): Promise<string> {
  try {
    const issued = await credential.getToken(AZURE_DEVOPS_SCOPE, { abortSignal: AbortSignal.timeout(TOKEN_MS) });
    if (issued !== null) return issued.token;
  } catch (cause) {
    throw new AzureDevOpsUnavailableError('Entra gave no token for Azure DevOps', { cause });
  }
  throw new AzureDevOpsUnavailableError('Entra gave no token for Azure DevOps');
}
