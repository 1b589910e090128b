import type { core, ZodType } from 'zod';
import type { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { Authentication } from '../authenticate.ts';
import type { Problem } from '../problem.ts';

/** The answer to a caller who is not let in, or undefined. */
export function authenticationProblem(authentication: Exclude<Authentication, 'authenticated'>): Problem;
export function authenticationProblem(authentication: Authentication): Problem | undefined;
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

/**
 * The value as its schema reads it, or the first thing that is wrong with it: the value itself is never repeated, and of
 * an unknown name only its beginning. A rule says what is wrong in its own words or in ours, never in those of zod.
 */
export function readAs<T>(
  schema: ZodType<T>,
  value: unknown,
  what: 'header' | 'field' | 'parameter',
): { readonly data: T } | { readonly problem: Problem } {
  const { data, error } = schema.safeParse(value, { error: wrongOf });
  return error === undefined ? { data } : { problem: problemOf(error.issues[0], what) };
}

function problemOf(issue: core.$ZodIssue | undefined, what: string): Problem {
  if (issue?.code === 'unrecognized_keys') {
    const field = issue.keys.slice(0, 3).map(shortened).join(', ');
    return { status: 400, code: 'field-invalid', detail: `unknown ${what} ${field}`, field };
  }
  const field = issue?.path.join('.') ?? '';
  const wrong = issue?.message ?? 'is invalid';
  if (field === '') return { status: 400, code: 'field-invalid', detail: 'the body must be an object' };
  return { status: 400, code: 'field-invalid', detail: `${what} ${field}: ${wrong}`, field };
}

function wrongOf(issue: core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'string' ? 'must be text' : `must be of type ${issue.expected}`;
    case 'too_small':
      return 'is empty';
    case 'too_big':
      return `is longer than ${issue.maximum} characters`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    default:
      return 'is invalid';
  }
}

const LONGEST_NAME = 40;

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
}
