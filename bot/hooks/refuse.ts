import type { ZodError } from 'zod';
import type { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { Authentication } from '../authenticate.ts';
import type { Problem } from '../problem.ts';

/** The answer to a caller who is not let in, or undefined. */
export function authenticationProblem(authentication: Authentication): Problem | undefined {
  if (authentication === 'authenticated') return undefined;
  if (authentication === 'forbidden') {
    return { status: 403, code: 'forbidden', detail: 'the token is valid but lacks the app role for this' };
  }
  if (authentication === 'unavailable') {
    return { status: 503, code: 'unavailable', detail: 'the signing keys of Entra could not be read' };
  }
  return { status: 401, code: 'unauthenticated', detail: 'send the configured key or an Entra token for this API' };
}

/** Azure DevOps' own wish for patience is passed on. */
export function unavailableProblem({ retryAfter }: AzureDevOpsUnavailableError, detail: string): Problem {
  return { status: 503, code: 'unavailable', detail, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** Names the first thing that is wrong; the value itself is never repeated, and of an unknown name only its beginning. */
export function firstIssue(error: ZodError, what: 'header' | 'field' | 'parameter'): Problem {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const field = issue.keys.slice(0, 3).map(shortened).join(', ');
    return { status: 400, code: 'field-invalid', detail: `unknown ${what} ${field}`, field };
  }
  const field = issue?.path.join('.') ?? '';
  const wrong = issue === undefined ? 'is invalid' : wrongOf(issue);
  if (field === '') return { status: 400, code: 'field-invalid', detail: `the body must be an object: ${wrong}` };
  return { status: 400, code: 'field-invalid', detail: `${what} ${field}: ${wrong}`, field };
}

/** Zod tells an absent value by these words only. */
function wrongOf({ code, message }: ZodError['issues'][number]): string {
  return code === 'invalid_type' && message.endsWith('received undefined') ? 'is missing' : message;
}

const LONGEST_NAME = 40;

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}
