import type { Request, Response } from 'express';
import type { Status } from '../../services/status.ts';
import type { Authenticate } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import type { Readiness } from '../readiness.ts';
import { authenticationProblem } from './refuse.ts';

interface Needs {
  readonly authenticate: Authenticate;
  readonly status: Status;
  readonly ready: Readiness;
}

/** `GET /health`: details for operators. */
export function createHealthHook({ authenticate, status, ready }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Operations.Read'));
    if (refused !== undefined) return sendProblem(response, refused);
    const [health, { parts }] = await Promise.all([status.deliveryHealth(), ready()]);
    response.json({ ...health, ready: parts });
  };
}
