import type { Request, Response } from 'express';
import type { Deliveries, Receipt } from '../../services/deliveries.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { Authenticate } from '../authenticate.ts';
import { type Problem, sendProblem } from '../problem.ts';
import { readCheckDelivery } from './check-delivery.ts';
import { authenticationProblem, unavailableProblem } from './refuse.ts';

interface Needs {
  readonly authenticate: Authenticate;
  readonly deliveries: Deliveries;
  /** Configured organization URLs without a trailing slash. */
  readonly organizations: readonly string[];
  readonly accepted: (receipt: Receipt & { kind: 'accepted' }) => void;
}

/** `POST /api/azure-devops/checks`: the order of interfaces.md. Nothing is called before the caller is authenticated. */
export function createCheckHook({ authenticate, deliveries, organizations, accepted }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Checks.Submit'));
    if (refused !== undefined) return sendProblem(response, refused);
    const parsed = await readCheckDelivery(request, organizations);
    if ('status' in parsed) return sendProblem(response, parsed);
    const receipt = await deliveries.receive(parsed).catch(unavailable);
    if ('status' in receipt) return sendProblem(response, receipt);
    if (receipt.kind !== 'accepted') return sendProblem(response, problemOf(receipt));
    response.status(200).json({ requestId: receipt.requestId });
    accepted(receipt);
  };
}

function problemOf(receipt: Exclude<Receipt, { kind: 'accepted' }>): Problem {
  if (receipt.kind === 'unproven') return { status: 403, code: 'run-unproven', detail: receipt.why };
  if (receipt.kind === 'finished')
    return { status: 409, code: 'check-finished', detail: 'run the stage again to be asked anew' };
  const field = receipt.code === 'service-mismatch' ? 'service' : 'environment';
  return { status: 400, code: receipt.code, detail: receipt.detail, field };
}

function unavailable(error: unknown): Problem {
  if (!(error instanceof AzureDevOpsUnavailableError)) throw error;
  return unavailableProblem(error, 'Azure DevOps did not answer in time; nothing was stored');
}
