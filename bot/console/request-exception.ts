import { z } from 'zod';
import { REFUSALS } from '../../services/domain/refusal.ts';
import { EXCEPTION_CODES } from '../exception-codes.ts';
import type { Outcome } from './outcome.ts';
import { type PersonCall, postAsPerson, refusedWith } from './person-call.ts';

const REQUESTED = z.object({ exceptionId: z.string(), state: z.string(), until: z.string(), joined: z.boolean() });

/** What the bot may say no by; of everything else nobody knows what came of it. */
const NO = [...REFUSALS, ...Object.keys(EXCEPTION_CODES)];

/** Options of the command line as the fields of the API have them; what is not given is not sent, and the bot says what is missing. */
const FIELDS = {
  service: 'service',
  environment: 'environment',
  control: 'control',
  finding: 'fingerprint',
  owner: 'owner',
  class: 'reasonClass',
  reason: 'reason',
  until: 'until',
  reviewEvery: 'reviewEvery',
  mitigation: 'mitigation',
  ticket: 'ticket',
  renews: 'renews',
  baseline: 'baseline',
} as const;

/** `exceptions request`: no when it is refused, with the sentence that the chat would say. */
export async function requestException(call: PersonCall, options: Readonly<Record<string, string>>): Promise<Outcome> {
  const body = Object.fromEntries(
    Object.entries(FIELDS).flatMap(([option, field]) => {
      const value = options[option];
      return value === undefined ? [] : [[field, field === 'baseline' ? true : value]];
    }),
  );
  const answered = await postAsPerson(call, '/api/exceptions', body);
  if (answered.status !== 200 && answered.status !== 201)
    return { exitCode: 1, lines: [], remarks: [refusedWith(NO, call, answered)] };
  const { exceptionId, state, until, joined } = REQUESTED.parse(answered.answer);
  const line = joined
    ? `${exceptionId} was asked for already, and you with it: it is ${state}, until the end of ${until} (UTC).`
    : `${exceptionId} is ${state}, until the end of ${until} (UTC).`;
  return { exitCode: 0, lines: [line] };
}
