import type { ZodError } from 'zod';
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

/** Names the first thing that is wrong; the value itself is never repeated. */
export function firstIssue(error: ZodError, what: 'header' | 'field' | 'parameter'): Problem {
  const [issue] = error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 3).join(', ') : undefined;
  const field = unknown ?? issue?.path.join('.') ?? '';
  const detail =
    unknown === undefined ? `${what} ${field}: ${issue?.message ?? 'is invalid'}` : `unknown ${what} ${field}`;
  return { status: 400, code: 'field-invalid', detail, field };
}
