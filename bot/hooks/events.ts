import type { Request, Response } from 'express';
import type { HookEvent, UnreadableHook } from '../../services/domain/hook-event.ts';
import { readJson } from '../body.ts';
import { type Problem, sendProblem } from '../problem.ts';
import { HOOK_USER, isLetIn } from './let-in.ts';

const BODY_LIMIT = 256 * 1024;

interface Needs {
  /** Passwords of user `countersign`. */
  readonly secrets: readonly string[];
  readonly read: (body: unknown) => HookEvent | UnreadableHook;
  /** Resolves once the hint cannot be lost any more. */
  readonly received: (event: HookEvent) => Promise<void>;
  readonly log: { warn(data: object, message: string): void };
}

/**
 * `POST /api/azure-devops/events`: service hooks. What can never be of use is answered 200 and logged, for any other
 * refusal would take the subscription from all that are of use (Service hooks, Troubleshooting).
 */
export function createEventsHook({ secrets, read, received, log }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    if (!isLetIn(request, secrets)) return sendProblem(response, UNAUTHENTICATED);
    const body = await readJson(request, { limit: BODY_LIMIT });
    const event = body.kind === 'refused' ? { kind: 'unreadable' as const, why: body.code } : read(body.value);
    const problem = event.kind === 'unreadable' ? unreadable(event, log) : await notKept(event, received, log);
    if (problem === undefined) response.status(200).json({});
    else sendProblem(response, problem);
  };
}

/** The same again would not be readable either, unless it only came too slowly. */
function unreadable({ why }: UnreadableHook, log: Needs['log']): Problem | undefined {
  log.warn({ why }, 'service hook not readable');
  return why === 'body-too-slow' ? NOT_KEPT : undefined;
}

/** Never 500, whatever went wrong: Azure DevOps sends again what was answered 503. */
async function notKept(event: HookEvent, received: Needs['received'], log: Needs['log']): Promise<Problem | undefined> {
  try {
    await received(event);
    return undefined;
  } catch (err) {
    log.warn({ err, event: event.id }, 'service hook not kept');
    return NOT_KEPT;
  }
}

const UNAUTHENTICATED: Problem = {
  status: 401,
  code: 'unauthenticated',
  detail: `send basic authentication: user ${HOOK_USER}, password one of HOOK_SECRETS`,
};
const NOT_KEPT: Problem = {
  status: 503,
  code: 'unavailable',
  detail: 'nothing was kept; send it again',
  retryAfter: 5,
};
