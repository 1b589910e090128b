import type { Request, Response } from 'express';
import { z } from 'zod';
import { AssetsUnavailableError } from '../../services/ports/assets.ts';
import type { SentOutcome } from '../../services/sent-signals.ts';
import type { Authenticate } from '../authenticate.ts';
import { readJson } from '../body.ts';
import { bodyProblem, type Problem, sendProblem } from '../problem.ts';
import { isLetIn } from './let-in.ts';
import { authenticationProblem } from './refuse.ts';

const BODY_LIMIT = 1024 * 1024;

interface Needs {
  /** Passwords of user `countersign`. */
  readonly secrets: readonly string[];
  readonly authenticate: Authenticate;
  /** Resolves once everything in it is taken in. */
  readonly received: (events: unknown) => Promise<SentOutcome>;
}

/**
 * `POST /api/azure/events`: what Event Grid and workflows of Defender send. Event Grid takes one answer for all events of a batch, and
 * sends a 400 or 413 never again, a 503 for a day.
 */
export function createAzureEventsHook({ secrets, authenticate, received }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const problem = isLetIn(request, secrets)
      ? undefined
      : authenticationProblem(await authenticate(request, 'Findings.Submit'));
    if (problem !== undefined) return sendProblem(response, problem);
    const body = await readJson(request, { limit: BODY_LIMIT });
    if (body.kind === 'refused') return sendProblem(response, bodyProblem(body));
    const handshake = HANDSHAKE.safeParse(body.value).data?.[0].data.validationCode;
    if (handshake !== undefined) return void response.status(200).json({ validationResponse: handshake });
    const outcome = await received(body.value).catch(faultProblem);
    if ('status' in outcome) sendProblem(response, outcome);
    else answer(response, outcome);
  };
}

function answer(response: Response, outcome: SentOutcome): void {
  if (outcome.kind === 'taken') {
    const { kind: _, ...taken } = outcome;
    response.status(200).json(taken);
    return;
  }
  const { refused: reason, detail } = outcome;
  sendProblem(response, { status: 400, code: 'report-refused', reason, detail });
}

/** Whoever proves to know a password is told back what Event Grid wants to hear of a new subscription. */
const HANDSHAKE = z.tuple([
  z.object({
    eventType: z.literal('Microsoft.EventGrid.SubscriptionValidationEvent'),
    data: z.object({ validationCode: z.string().max(200) }),
  }),
]);

function faultProblem(error: unknown): Problem {
  if (!(error instanceof AssetsUnavailableError)) throw error;
  const detail = 'Azure could not say whose these things are; nothing was taken in';
  return { status: 503, code: 'unavailable', detail, retryAfter: 30 };
}
