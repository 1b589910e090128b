import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../ports/azure-devops.ts';
import { PolicySourceError } from '../ports/policy-source.ts';

const NOT_LET_IN = [203, 302, 401];

/** What Azure DevOps answered may not be taken, and what would have to be otherwise. */
export class PolicyRefusedError extends Error {
  override name = 'PolicyRefusedError' as const;
  readonly allowed: string;
  constructor(message: string, allowed: string) {
    super(message);
    this.allowed = allowed;
  }
}

/** As a line of `PolicySnapshot.problems`: what is wrong `where`, and what to do. Other errors stay as they are. */
export function toSourceError(where: string, error: unknown): unknown {
  if (error instanceof AzureDevOpsUnavailableError) {
    const { message, retryAfter } = error;
    const problem = `${where}: cannot be read now (${message}); it is tried again by itself`;
    return new PolicySourceError(problem, { cause: error, retryAfter });
  }
  if (error instanceof PolicyRefusedError)
    return new PolicySourceError(`${where}: ${error.message}; allowed: ${error.allowed}`, { cause: error });
  if (!(error instanceof AzureDevOpsRefusedError)) return error;
  const problem = `${where}: cannot be read (${error.message}); allowed: ${allowedAt(error.status)}`;
  return new PolicySourceError(problem, { cause: error });
}

function allowedAt(status: number): string {
  if (NOT_LET_IN.includes(status)) return 'an account that is a user of the organization, for the identity of the bot';
  return "what exists, and Read on code for the bot's account (POLICY_REPO, POLICY_REF)";
}
