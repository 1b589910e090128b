import type { Request, Response } from 'express';
import type { Status } from '../../services/status.ts';
import type { Authenticate } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import { authenticationProblem } from './refuse.ts';

interface Needs {
  readonly authenticate: Authenticate;
  readonly status: Status;
}

/** `GET /health`: details for operators. */
export function createHealthHook({ authenticate, status }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Operations.Read'));
    if (refused !== undefined) return sendProblem(response, refused);
    response.json(await status.deliveryHealth());
  };
}
