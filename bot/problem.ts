import type { Response } from 'express';
import type { ExceptionRefusalCode } from '../services/domain/exception-refusal.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import type { BodyRefusal } from './body.ts';

/** Every code that an HTTP answer can carry besides refusals; docs/errors.md lists the same (tested). */
export const PROBLEM_CODES = {
  'body-invalid': 'The body is not what this route takes.',
  'body-too-large': 'The body is larger than this route takes.',
  'body-unsupported': 'The body has a type, charset or encoding that this route does not take.',
  'body-timeout': 'The body did not arrive in time.',
  'field-invalid': 'A header, parameter or field is missing or has a wrong value.',
  unauthenticated: 'The caller could not be authenticated.',
  forbidden: 'The caller may not do this.',
  'person-required': 'Only people may do this, by their own sign-in.',
  'call-repeated': 'This call was carried out before and taken back since.',
  'unknown-organization': 'PlanUrl is none of the configured Azure DevOps organizations.',
  'run-unproven': 'Azure DevOps does not confirm that these ids belong to one waiting check of this run.',
  'check-finished': 'Azure DevOps says that this check has been completed already.',
  'service-mismatch': 'The run may not speak for this service.',
  'unknown-environment': 'The contract has no environment of this name.',
  'run-mismatch': 'The run was not built from this commit of this service.',
  'run-not-found': 'No configured organization has this run.',
  'scan-in-future': 'The report says that its scan ends in the future.',
  'report-refused': 'The report was not taken; nothing of it is stored.',
  'file-refused': 'The file is none that this route takes; nothing of it is stored.',
  'not-found': 'There is nothing at this address.',
  'method-not-allowed': 'This address does not take this method.',
  'request-unreadable':
    'The request is not HTTP as it should be, has too much in its headers, or did not arrive in time.',
  unavailable: 'Something that this needs does not answer now. Sending it again is harmless.',
  'internal-error': 'Something went wrong on our side. Nothing was decided.',
} as const;
export type ProblemCode = keyof typeof PROBLEM_CODES;

export interface Problem {
  readonly status: number;
  readonly code: ProblemCode | Refusal | ExceptionRefusalCode;
  /** What exactly, and the way out. Never a secret. */
  readonly detail: string;
  /** The header, parameter or field at fault. */
  readonly field?: string;
  /** Seconds; becomes Retry-After. */
  readonly retryAfter?: number;
  /** A finer code of the route's own. */
  readonly reason?: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

const REFUSED = 'This was refused, for the reason in detail.';

/** RFC 9457 problem details as JSON; `instance` is the id under which the log knows this request. */
export function problemJson({ status, code, detail, field, reason }: Problem, instance: string): string {
  return JSON.stringify({
    type: `urn:countersign:problem:${code}`,
    title: code in PROBLEM_CODES ? PROBLEM_CODES[code as ProblemCode] : REFUSED,
    status,
    code,
    detail,
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
    instance,
  });
}

/** The one way in which a request is refused. An answer that has begun cannot be taken back: it is cut off. */
export function sendProblem(response: Response, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, code, retryAfter } = problem;
  response.locals['problem'] = code;
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(Math.ceil(retryAfter)));
  // RFC 9110 section 11.6.1: a 401 names a scheme that would do.
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
  response
    .status(status)
    .type(PROBLEM_TYPE)
    .send(problemJson(problem, String(response.getHeader('X-Request-Id'))));
}

const BODY_CODES = {
  400: 'body-invalid',
  408: 'body-timeout',
  413: 'body-too-large',
  415: 'body-unsupported',
} as const;

export function bodyProblem({ status, code, detail }: BodyRefusal): Problem {
  return { status, code: BODY_CODES[status], reason: code, detail };
}
