import { type About, refusalSentence } from '../../cards/words.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { Refusal } from '../../services/domain/refusal.ts';
import type { PersonAuthentication } from '../authenticate.ts';
import type { Problem } from '../problem.ts';
import { authenticationProblem } from './refuse.ts';

/** The answer to a caller who has not shown to be a person of this tenant. */
export function personProblem(why: Extract<PersonAuthentication, string>): Problem {
  if (why === 'wrong-tenant') return refusalProblem({ refusal: why }, {});
  if (why === 'unavailable') return authenticationProblem(why);
  if (why === 'unauthenticated') {
    const detail = 'send your own Entra token for this API (API_AUDIENCE) as Authorization: Bearer';
    return { status: 401, code: 'unauthenticated', detail };
  }
  const detail =
    'this is for people: send your own Entra token with the scope user_impersonation, no key and no token of an application';
  return { status: 403, code: 'person-required', detail };
}

/** Refusals that are about the person; the others are about the request as it is. */
const ABOUT_THE_PERSON: readonly Refusal[] = [
  'not-an-approver',
  'activate-membership',
  'own-deployment',
  'commit-author',
  're-runner',
  'exception-requester',
  'guest',
  'disabled',
  'not-in-directory',
  'wrong-tenant',
  'no-right-in-azure-devops',
];

/** The refusal is the code, its sentence the detail. */
export function refusalProblem(
  { refusal, gate, group }: Pick<About, 'gate' | 'group'> & { readonly refusal: Refusal },
  viewer: { readonly oid?: string },
): Problem {
  const about = { viewer, ...(gate === undefined ? {} : { gate }), ...(group === undefined ? {} : { group }) };
  const detail = refusalSentence(refusal, about);
  if (refusal === 'cannot-verify-now') return { status: 503, code: refusal, detail, retryAfter: 30 };
  if (refusal === 'unknown-request') return { status: 404, code: refusal, detail };
  return { status: ABOUT_THE_PERSON.includes(refusal) ? 403 : 409, code: refusal, detail };
}

/** The same call was carried out before, and the person has thought better of it since: nobody may read this as done. */
export function undoneProblem(
  { state, votes }: Pick<Gate, 'state' | 'votes'>,
  { oid }: { readonly oid: string },
  verdict: 'approve' | 'reject' | 'withdraw',
): Problem | undefined {
  const hasApproved = votes.some(({ by }) => by.oid === oid);
  if (state !== 'asked' || hasApproved === (verdict === 'approve')) return undefined;
  const detail =
    'this very call was carried out before and taken back since; send it with an Idempotency-Key of its own';
  return { status: 409, code: 'call-repeated', detail };
}
