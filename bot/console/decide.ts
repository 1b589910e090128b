import { z } from 'zod';
import { REFUSALS } from '../../services/domain/refusal.ts';
import type { Outcome } from './outcome.ts';
import { type PersonCall, postAsPerson, refusedWith } from './person-call.ts';

export interface Decision {
  readonly requestId: string;
  readonly verdict: 'approve' | 'reject';
  readonly comment?: string;
}

const DECIDED = z.object({
  id: z.string(),
  state: z.string(),
  environment: z.string(),
  services: z.array(z.string()),
});

/** `approve ID`, `reject ID`: no when the person may not, with the sentence that the chat would say. */
export async function decide(call: PersonCall, { requestId, verdict, comment }: Decision): Promise<Outcome> {
  const body = { verdict, ...(comment === undefined ? {} : { comment }) };
  const answered = await postAsPerson(call, `/api/requests/${encodeURIComponent(requestId)}/decision`, body);
  if (answered.status !== 200) return { exitCode: 1, lines: [], remarks: [refusedWith(REFUSALS, call, answered)] };
  const { id, state, environment, services } = DECIDED.parse(answered.answer);
  return { exitCode: 0, lines: [`Request ${id} (${services.join(', ')} in ${environment}) is ${state}.`] };
}
