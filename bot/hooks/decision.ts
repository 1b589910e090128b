import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Approvals } from '../../services/approvals.ts';
import { sha256 } from '../../services/domain/checksum.ts';
import type { Requests } from '../../services/requests.ts';
import type { Views } from '../../services/views.ts';
import type { AuthenticatePerson } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import { readCall } from './read-call.ts';
import { personProblem, refusalProblem, undoneProblem } from './refuse-person.ts';
import { requestState } from './request-state.ts';

const BODY = z.strictObject({
  verdict: z.enum(['approve', 'reject', 'withdraw']),
  // Far above what is allowed, so that a long comment gets a sentence and not a schema error.
  comment: z.string().max(20_000).exactOptional(),
  revision: z.int().positive().exactOptional(),
});

interface Needs {
  readonly authenticate: AuthenticatePerson;
  readonly approvals: Approvals;
  readonly views: Views;
  readonly requests: Requests;
}

/** `POST /api/requests/{id}/decision`: a person decides with their own token, under the same rules as by a click. */
export function createDecisionHook({ authenticate, approvals, views, requests }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const by = await authenticate(request);
    if (typeof by === 'string') return sendProblem(response, personProblem(by));
    const asked = await readCall(request, BODY);
    if ('problem' in asked) return sendProblem(response, asked.problem);
    const { key = '', fields } = asked;
    const requestId = String(request.params['id']);
    // An approval that was void must be given anew: without a revision the one of this moment is meant.
    const revision = fields.revision ?? (await requests.find(requestId))?.revision ?? 0;
    const op = sha256(JSON.stringify(['api', by.oid, requestId, revision, fields.verdict, key]));
    const answered = await approvals.decide({ comment: '', ...fields, requestId, by, op });
    if (answered.kind === 'decided') {
      const undone = undoneProblem(answered.gate, by, fields.verdict);
      return undone === undefined ? void response.json(requestState(answered.gate)) : sendProblem(response, undone);
    }
    // Who may read nothing gets the sentence alone, whatever the reason of the refusal is.
    const stranger = await views.strangerBecause(by);
    sendProblem(response, refusalProblem(stranger === undefined ? answered : { refusal: stranger }, by));
  };
}
