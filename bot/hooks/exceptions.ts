import type { Request, Response } from 'express';
import { sha256 } from '../../services/domain/checksum.ts';
import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { AuthenticatePerson } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import { EXCEPTION_BODY, wishIn } from './exception-body.ts';
import { readCall } from './read-call.ts';
import { exceptionProblem } from './refuse-exception.ts';
import { personProblem } from './refuse-person.ts';

interface Needs {
  readonly authenticate: AuthenticatePerson;
  readonly exceptionRequests: ExceptionRequests;
}

/** `POST /api/exceptions`: a person asks with their own token for what the form in the chat asks for. */
export function createExceptionsHook({ authenticate, exceptionRequests }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const by = await authenticate(request);
    if (typeof by === 'string') return sendProblem(response, personProblem(by));
    const asked = await readCall(request, EXCEPTION_BODY);
    if ('problem' in asked) return sendProblem(response, asked.problem);
    const { fields, key } = asked;
    // Whoever asks again, after a refusal say, asks anew unless they say that it is the same call.
    const call = key ?? String(response.getHeader('X-Request-Id'));
    const op = sha256(JSON.stringify(['api', 'exception', by.oid, fields, call]));
    const answered = await exceptionRequests.request({ ...wishIn(fields), by, op });
    if (answered.kind === 'refused') return sendProblem(response, exceptionProblem(answered.why, by));
    const { id, state, terms } = answered.exception;
    const joined = answered.kind === 'joined';
    response.status(joined ? 200 : 201).json({ exceptionId: id, state, until: terms.until, joined });
  };
}
