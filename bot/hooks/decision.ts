import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Approvals } from '../../services/approvals.ts';
import { sha256 } from '../../services/domain/checksum.ts';
import type { Requests } from '../../services/requests.ts';
import type { Views } from '../../services/views.ts';
import type { AuthenticatePerson } from '../authenticate.ts';
import { readJson } from '../body.ts';
import { bodyProblem, sendProblem } from '../problem.ts';
import { readAs } from './refuse.ts';
import { personProblem, refusalProblem, undoneProblem } from './refuse-person.ts';
import { requestState } from './request-state.ts';

const BODY_LIMIT = 64 * 1024;

const BODY = z.strictObject({
  verdict: z.enum(['approve', 'reject', 'withdraw']),
  // Far above what is allowed, so that a long comment gets a sentence and not a schema error.
  comment: z.string().max(20_000).exactOptional(),
  revision: z.int().positive().exactOptional(),
});

const KEY = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,200}$/, 'must be 1 to 200 printable characters')
    .optional(),
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
    const asked = await read(request);
    if ('problem' in asked) return sendProblem(response, asked.problem);
    const { requestId, key, fields } = asked;
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

async function read(request: Request) {
  const header = readAs(KEY, { 'Idempotency-Key': request.get('Idempotency-Key') }, 'header');
  if ('problem' in header) return header;
  const body = await readJson(request, { limit: BODY_LIMIT, maxDepth: 4 });
  if (body.kind === 'refused') return { problem: bodyProblem(body) };
  const fields = readAs(BODY, body.value, 'field');
  if ('problem' in fields) return fields;
  const key = header.data['Idempotency-Key'] ?? '';
  return { requestId: String(request.params['id']), key, fields: fields.data };
}
