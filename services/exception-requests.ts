import type { Control } from './domain/contract.ts';
import type { Asker, Exception, ExceptionTerms } from './domain/exception.ts';
import type { Grant } from './domain/exception-grants.ts';
import { joined, passed } from './domain/exception-life.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import { type ExceptionOffer, inForceFor } from './domain/exception-request.ts';
import { readTerms } from './domain/exception-terms.ts';
import { aliasesOf, isSamePerson, type PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { askableFrom, MOST_WITHDRAWN } from './domain/withdrawal.ts';
import { DirectoryUnavailableError } from './ports/directory.ts';
import {
  type Basis,
  type BasisNeeds,
  basisOf,
  type ExceptionWish,
  offerOf,
  renewalOf,
  tooLateForBaseline,
} from './ports/exception-basis.ts';
import { changeTo, exceptionEvidence } from './ports/exception-change.ts';
import type { StoredException } from './ports/exception-store.ts';
import { noteRequested } from './ports/imported-wish.ts';
import type { Conversations } from './ports/notifier.ts';
import { ownerMeant } from './ports/owner-meant.ts';

interface Needs extends BasisNeeds {
  readonly conversations: Pick<Conversations, 'userIdOf'>;
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Shows its cards, and judges who waits for it. */
  readonly committed: (stored: StoredException) => void;
}

export type ExceptionRequested =
  | { readonly kind: 'requested' | 'joined'; readonly exception: Exception }
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal; readonly offer?: ExceptionOffer };

export type ExceptionRequests = ReturnType<typeof createExceptionRequests>;

/** Asking for exceptions: the same fields and refusals on every road. Each rejects when the store does not answer. */
export function createExceptionRequests(needs: Needs) {
  return {
    offer: (wish: ExceptionWish): Promise<ExceptionOffer | ExceptionRefusal> =>
      unlessUnknown(needs, wish.by, async () => {
        const basis = await basisOf(needs, wish);
        if ('code' in basis) return basis;
        const offer = offerOf(basis);
        const tooOften = offer.pending === undefined ? withdrawnTooOften(basis) : undefined;
        return (await lateForBaseline(needs, wish, basis)) ?? tooOften ?? offer;
      }),
    request: async (wish: ExceptionWish): Promise<ExceptionRequested> => {
      const before = await needs.exceptions.askedBy(wish.op);
      const answer =
        before === undefined
          ? await unlessUnknown(needs, wish.by, () => request(needs, wish))
          : said(needs, wish, before);
      const requested = 'code' in answer ? refused(answer) : answer;
      if (wish.imported !== undefined) await noteImport(needs, { ...wish, imported: wish.imported }, requested);
      return requested;
    },
  };
}

async function unlessUnknown<T>(
  needs: Needs,
  by: PersonActor,
  answer: () => Promise<T>,
): Promise<T | ExceptionRefusal> {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return { code: 'stranger', refusal: stranger };
  try {
    return await answer();
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return { code: 'stranger', refusal: 'cannot-verify-now' };
    throw error;
  }
}

/** Who died before it asks again, or whoever finds it in the list: the answer is the same. */
async function noteImport(
  needs: Needs,
  wish: ExceptionWish & { readonly imported: string },
  answer: ExceptionRequested,
) {
  const covered = answer.kind === 'refused' && answer.why.code === 'already-excepted' ? answer.why.id : undefined;
  const exceptionId = answer.kind === 'refused' ? covered : answer.exception.id;
  if (exceptionId !== undefined) await noteRequested(needs, { ...wish, exceptionId });
}

/** The same word again, whatever became of it meanwhile (storage.md rule 3). */
function said(needs: Needs, { op }: ExceptionWish, stored: StoredException): ExceptionRequested {
  // Who recorded it may have died before anybody was told.
  if (stored.showing !== undefined) needs.committed(stored);
  const isFirst = stored.evidence[0]?.op === op;
  return { kind: isFirst ? 'requested' : 'joined', exception: stored.exception };
}

/** Refused before anything is written; of two requests for the same the later one joins the earlier. */
async function request(needs: Needs, wish: ExceptionWish): Promise<ExceptionRequested> {
  const basis = await basisOf(needs, wish);
  if ('code' in basis) return refused(basis);
  const offer = offerOf(basis);
  const unfitBecause = (why: ExceptionRefusal): ExceptionRequested => ({ kind: 'refused', why, offer });
  if (wish.shown !== undefined && wish.shown !== offer.shown) return unfitBecause({ code: 'stale-revision' });
  if (offer.pending !== undefined) return join(needs, wish, basis, offer.pending);
  const unfit = await unfitNow(needs, wish, basis);
  if (unfit !== undefined) return unfitBecause(unfit);
  const terms = await termsOf(needs, wish, basis);
  return 'code' in terms ? unfitBecause(terms) : create(needs, wish, basis, terms);
}

/** What no filling in of the form can mend. */
async function unfitNow(needs: Needs, wish: ExceptionWish, basis: Basis): Promise<ExceptionRefusal | undefined> {
  const { control, contract, hidden, known, now, used, continues, person } = basis;
  const { expiry, owner, name } = control;
  if (expiry.maxDays <= 0) return { code: 'no-exceptions', control: name, owner: owner.fallback };
  const active = inForceFor(known.active, hidden, now, wish.renews);
  if (active !== undefined) return { code: 'already-excepted', id: active.id, until: active.expiresAt };
  const past = notRenewable(basis);
  if (past !== undefined) return past;
  if (continues !== undefined && continues.number + 1 > expiry.renewals) {
    await overdrawn(needs, wish, continues, control, now);
    return { code: 'renewals-used', of: expiry.renewals, last: continues.id, owner: owner.fallback };
  }
  const limit = contract.limits.exceptionsPerService;
  const late = await lateForBaseline(needs, wish, basis);
  if (late !== undefined) return late;
  const tooOften = withdrawnTooOften(basis);
  if (tooOften !== undefined) return tooOften;
  if (wish.isBaseline !== true && used.length >= limit) return { code: 'budget-used', limit, ids: used };
  const members = await needs.directory.membersOf(expiry.approvers);
  const left = members.filter((one) => !one.guest && !one.disabled && !isSamePerson(one, person)).length;
  return left < expiry.quorum
    ? { code: 'too-few-approvers', approvers: expiry.approvers, quorum: expiry.quorum, left }
    : undefined;
}

function withdrawnTooOften({ known, control, hidden, person, now }: Basis): ExceptionRefusal | undefined {
  const withdrawn = known.withdrawn.get(control.name)?.withdrawn ?? [];
  const from = askableFrom(withdrawn, hidden.target, aliasesOf(person), now);
  return from === undefined ? undefined : { code: 'withdrawn-too-often', most: MOST_WITHDRAWN, from };
}

async function lateForBaseline(needs: Needs, { isBaseline }: ExceptionWish, { scope, control }: Basis) {
  return isBaseline === true ? tooLateForBaseline(needs, scope, control.name) : undefined;
}

/** What has ended is not renewed: it is asked for anew. */
function notRenewable({ renews }: Basis): ExceptionRefusal | undefined {
  if (renews === undefined) return undefined;
  const { state } = renews.exception;
  return state === 'active' || state === 'suspended' ? undefined : { code: 'wrong-state', state };
}

/** The control's owner hears that somebody wants more than it grants; once for each exception. */
async function overdrawn(needs: Needs, { by, op }: ExceptionWish, last: Grant, control: Control, at: string) {
  const stored = await needs.exceptions.locate(last.id);
  if (stored === undefined || stored.exception.overdrawnAt !== undefined) return;
  const done = { op: `${op} overdrawn`, kind: 'renewal-refused', actor: by, at };
  const committed = await needs.exceptions.commit(
    stored,
    changeTo(stored, { ...stored.exception, overdrawnAt: at }, control, done),
  );
  if (committed.kind === 'committed') needs.committed(committed.stored);
}

async function termsOf(
  needs: Needs,
  { owner: meant, timezone }: ExceptionWish,
  { contract, control, now, terms: wish }: Basis,
): Promise<ExceptionTerms | ExceptionRefusal> {
  const { calendar } = contract;
  const read = readTerms(wish, {
    expiry: control.expiry,
    now,
    timezone: timezone ?? calendar.timezone,
    ...(calendar.cadences === undefined ? {} : { cadences: calendar.cadences }),
  });
  if (read.kind === 'refused') return read.why;
  const owner = await ownerMeant(needs, wish.owner ?? '', meant);
  return 'code' in owner ? owner : { ...read.terms, ...owner };
}

/** What was not asked to be renewed goes on, although the new one counts as a renewal of it. */
function precededBy({ renews }: ExceptionWish, { continues }: Basis): Pick<Exception['renewal'], 'renews' | 'follows'> {
  if (renews !== undefined) return { renews };
  return continues === undefined ? {} : { follows: continues.id };
}

async function create(
  needs: Needs,
  wish: ExceptionWish,
  basis: Basis,
  terms: ExceptionTerms,
): Promise<ExceptionRequested> {
  const { hidden, control, contract, now } = basis;
  const id = await needs.exceptions.nextId(wish.op);
  const { number, of } = renewalOf(basis);
  const renewal = { number, of, ...precededBy(wish, basis) };
  const exception: Exception = {
    id,
    org: basis.scope.org,
    target: hidden.target,
    terms,
    state: 'requested',
    revision: 1,
    askers: [askerOf(wish, basis)],
    asks: { approvers: control.expiry.approvers, quorum: control.expiry.quorum },
    category: hidden.category,
    severity: hidden.severity,
    hides: { count: hidden.count, at: now },
    contractVersion: contract.version,
    renewal,
    ...(wish.isBaseline === true ? { baseline: true as const } : {}),
    votes: [],
    reviews: { missed: 0, snoozed: 0 },
    warned: [],
  };
  const created = await needs.exceptions.create({
    op: wish.op,
    exception,
    evidence: exceptionEvidence(exception, control, { kind: 'exception-requested', actor: wish.by }),
    at: now,
    wakes: true,
  });
  if (created.kind === 'pending') return join(needs, wish, basis, created.id);
  needs.committed(created.stored);
  return { kind: 'requested', exception };
}

function askerOf({ by, requestId }: ExceptionWish, { person, now }: Basis): Asker {
  return {
    by: { ...by, name: person.name },
    at: now,
    accounts: aliasesOf(person),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

const TRIES = 4;

/** Its own day has passed, and the sweep has not come by yet: it is over, and nobody joins it. */
async function isOverByNow(needs: Needs, stored: StoredException, { now: at, contract, control }: Basis) {
  const over = passed(stored.exception, at, contract.calendar)?.exception;
  if (over?.state !== 'expired') return false;
  const kind = 'exception-expired';
  const done = { op: `${kind} ${over.id}`, kind, actor: { kind: 'countersign' as const }, at };
  await needs.exceptions.commit(stored, changeTo(stored, over, control, done));
  return true;
}

/** Whoever asks second hears how it ends, and decides no more than whoever asked first. */
async function join(needs: Needs, wish: ExceptionWish, basis: Basis, id: string): Promise<ExceptionRequested> {
  let stored = await needs.exceptions.locate(id);
  for (let n = 0; n < TRIES && stored !== undefined; n += 1) {
    const tried = await tryToJoin(needs, wish, basis, stored);
    if (!('lost' in tried)) return tried;
    stored = tried.lost;
  }
  return refused(stored === undefined ? { code: 'unknown-exception', id } : { code: 'not-recorded' });
}

async function tryToJoin(
  needs: Needs,
  wish: ExceptionWish,
  basis: Basis,
  stored: StoredException,
): Promise<ExceptionRequested | { readonly lost: StoredException }> {
  if (await isOverByNow(needs, stored, basis)) return request(needs, wish);
  const { exception } = stored;
  if (exception.state !== 'requested') return refused({ code: 'wrong-state', state: exception.state });
  const next = joined(exception, askerOf(wish, basis));
  if (next === undefined) return { kind: isFirst(exception, wish) ? 'requested' : 'joined', exception };
  if ('code' in next) return refused(next);
  await needs.exceptions.joins(wish.op, exception.id);
  const done = { op: wish.op, kind: 'exception-joined', actor: wish.by, at: basis.now };
  const committed = await needs.exceptions.commit(stored, changeTo(stored, next, basis.control, done));
  if (committed.kind === 'lost') return { lost: committed.stored };
  needs.committed(committed.stored);
  return { kind: 'joined', exception: committed.stored.exception };
}

function refused(why: ExceptionRefusal): ExceptionRequested {
  return { kind: 'refused', why };
}

function isFirst({ askers }: Exception, { by }: ExceptionWish): boolean {
  return askers[0].by.oid === by.oid;
}
