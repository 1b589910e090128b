import type { Request, Response } from 'express';
import { sendProblem } from '../problem.ts';

const EVENT_GRID = 'eventgrid.azure.net';

/** `OPTIONS /api/azure/events`: CloudEvents, HTTP 1.1 Web Hooks 1.0, section 4. It lets nobody in: each delivery must prove itself. */
export async function allowEventGrid(request: Request, response: Response): Promise<void> {
  if (request.get('WebHook-Request-Origin') !== EVENT_GRID)
    return sendProblem(response, { status: 403, code: 'forbidden', detail: `only ${EVENT_GRID} may send here` });
  response.setHeader('WebHook-Allowed-Origin', EVENT_GRID).setHeader('WebHook-Allowed-Rate', '*').status(200).end();
}
