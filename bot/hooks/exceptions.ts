import type { Request, Response } from 'express';
import { z } from 'zod';
import { sha256 } from '../../services/domain/checksum.ts';
import { MOST_NAMED } from '../../services/domain/exception-request.ts';
import type { ExceptionRequests } from '../../services/exception-requests.ts';
import type { AuthenticatePerson } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import { textField } from './fields.ts';
import { readCall } from './read-call.ts';
import { exceptionProblem } from './refuse-exception.ts';
import { personProblem } from './refuse-person.ts';

const fingerprint = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal characters');
// What is missing or too long gets the sentence of the chat and not a schema error.
const term = z.string().max(20_000).exactOptional();

const BODY = z
  .strictObject({
    service: textField(200),
    environment: textField(200),
    control: textField(200).exactOptional(),
    fingerprint: fingerprint.exactOptional(),
    fingerprints: z.array(fingerprint).min(1).max(MOST_NAMED, `has more than ${MOST_NAMED}`).exactOptional(),
    requestId: textField(200).exactOptional(),
    baseline: z.boolean().exactOptional(),
    ...{ owner: term, reasonClass: term, reason: term, until: term, reviewEvery: term, mitigation: term, ticket: term },
    renews: z
      .string()
      .regex(/^EX-[1-9][0-9]{0,9}$/, 'must be EX- and a number')
      .exactOptional(),
  })
  .refine(({ renews, fingerprint: one, fingerprints: all }) => renews === undefined || (one ?? all) === undefined, {
    path: ['renews'],
    message: 'is for the findings of that exception: leave fingerprint and fingerprints out',
  });

interface Needs {
  readonly authenticate: AuthenticatePerson;
  readonly exceptionRequests: ExceptionRequests;
}

/** `POST /api/exceptions`: a person asks with their own token for what the form in the chat asks for. */
export function createExceptionsHook({ authenticate, exceptionRequests }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const by = await authenticate(request);
    if (typeof by === 'string') return sendProblem(response, personProblem(by));
    const asked = await readCall(request, BODY);
    if ('problem' in asked) return sendProblem(response, asked.problem);
    const { fields, key } = asked;
    // Whoever asks again, after a refusal say, asks anew unless they say that it is the same call.
    const call = key ?? String(response.getHeader('X-Request-Id'));
    const op = sha256(JSON.stringify(['api', 'exception', by.oid, fields, call]));
    const answered = await exceptionRequests.request({ ...wishOf(fields), by, op });
    if (answered.kind === 'refused') return sendProblem(response, exceptionProblem(answered.why, by));
    const { id, state, terms } = answered.exception;
    const joined = answered.kind === 'joined';
    response.status(joined ? 200 : 201).json({ exceptionId: id, state, until: terms.until, joined });
  };
}

/** The core reads of each part what it knows; `owner` is a word of the terms here, and never a person whom Teams names. */
function wishOf({ fingerprint: one, fingerprints = [], baseline = false, ...fields }: z.infer<typeof BODY>) {
  const { owner: _, ...place } = fields;
  const prints = one === undefined ? fingerprints : [one, ...fingerprints];
  return { ...place, isBaseline: baseline, terms: fields, ...(prints.length === 0 ? {} : { fingerprints: prints }) };
}
