import type { Calendar, Contract, Control } from './domain/contract.ts';
import { type Exception, type ExceptionVote, expiryOf, latestUntil } from './domain/exception.ts';
import { inForceBy } from './domain/exception-grants.ts';
import { type ExceptionAttempt, ended, type Narrowing, voted } from './domain/exception-life.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import { exclusionOf } from './domain/exclusion.ts';
import type { Gate } from './domain/gate.ts';
import { aliasesOf, type Person } from './domain/person.ts';
import { withWithdrawal } from './domain/withdrawal.ts';
import { tooLateForBaseline } from './ports/exception-basis.ts';
import { exceptionEvidence } from './ports/exception-change.ts';
import { type StoredException, scopeOf } from './ports/exception-store.ts';
import {
  carryOut,
  type ExceptionAnswered,
  type ExceptionWord,
  type Said,
  standingAs,
  type WordDone,
  type WordNeeds,
} from './ports/exception-word.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { ScopeStore } from './ports/scope-store.ts';

interface Needs extends WordNeeds {
  readonly gates: Pick<GateStore, 'read' | 'locate'>;
  readonly scopes: Pick<ScopeStore, 'waiting' | 'view'>;
}

export interface ExceptionVerdict extends ExceptionWord {
  readonly verdict: 'approve' | 'reject';
  readonly comment: string;
  /** Less than what was asked for. */
  readonly narrowing?: Narrowing;
}

export type ExceptionDecisions = ReturnType<typeof createExceptionDecisions>;

/** Granting exceptions: by those whom the control names, none of whom asked for it. */
export function createExceptionDecisions(needs: Needs) {
  return {
    decide: (word: ExceptionVerdict): Promise<ExceptionAnswered> =>
      carryOut(needs, word, (said) => decide(needs, word, said)),
    /** By somebody who asked for it, as long as nobody has decided. */
    withdraw: (word: ExceptionWord & { readonly why: string }): Promise<ExceptionAnswered> =>
      carryOut(needs, word, async (said) => withdraw(word.why, said)),
  };
}

async function decide(needs: Needs, word: ExceptionVerdict, said: Said): Promise<WordDone | ExceptionRefusal> {
  const { exception, by, control, contract, now } = said;
  if (exception.state !== 'requested') return { code: 'wrong-state', state: exception.state };
  if (word.revision !== undefined && word.revision !== exception.revision) return { code: 'stale-revision' };
  if (contract === undefined) return { code: 'no-contract' };
  if (control === undefined) return { code: 'control-changed', control: exception.target.control };
  const opened = await gatesOpened(needs, said);
  const seat = await seatOf(needs, said, control, opened);
  if ('code' in seat) return seat;
  const comment = word.comment.trim();
  if (word.verdict === 'reject' && comment === '') return { code: 'comment-required' };
  const vote = { by, at: now, comment, ...seat };
  const { verdict } = word;
  const votes = await holding(needs, exception, control, opened);
  const next = votedBy({ ...exception, votes }, attemptOf(word, vote), control, contract.calendar);
  if ('code' in next) return next;
  const done = {
    kind: KINDS[next.state] ?? 'exception-approved',
    exception: next,
    data: { verdict, covers: seat.covers?.oid },
    texts: { comment },
  };
  if (next.state !== 'active') return done;
  return (await noRoomFor(needs, said, contract, next)) ?? { ...done, ...(await replaced(needs, said, next)) };
}

const KINDS: Readonly<Partial<Record<Exception['state'], string>>> = {
  active: 'exception-granted',
  rejected: 'exception-rejected',
};

function attemptOf({ verdict, narrowing }: ExceptionVerdict, vote: ExceptionVote): ExceptionAttempt {
  return { verdict, vote, ...(narrowing === undefined ? {} : { narrowing }) };
}

/** The control may grant less by now than when it was asked for. */
function votedBy(
  exception: Exception,
  attempt: ExceptionAttempt,
  { name, expiry, owner: { fallback: owner } }: Control,
  calendar: Calendar,
): Exception | ExceptionRefusal {
  const next = voted(exception, attempt, expiry, calendar);
  if ('code' in next || attempt.verdict === 'reject') return next;
  const { maxDays, renewals } = expiry;
  const { id, renewal, terms } = next;
  if (maxDays <= 0) return { code: 'no-exceptions', control: name, owner };
  const latest = latestUntil(attempt.vote.at, maxDays);
  if (terms.until > latest) return { code: 'until-too-far', latest, maxDays };
  const last = renewal.renews ?? renewal.follows ?? id;
  return renewal.number > renewals ? { code: 'renewals-used', of: renewals, last, owner } : next;
}

/** Approvals of those who may still grant it: groups, accounts and deployments change while others are waited for. */
async function holding(
  { directory }: Needs,
  { votes }: Exception,
  { expiry }: Control,
  opened: readonly Gate[],
): Promise<readonly ExceptionVote[]> {
  const held = await Promise.all(
    votes.map(async ({ by, covers }) => {
      const oids = covers === undefined ? [by.oid] : [by.oid, covers.oid];
      const people = await Promise.all(oids.map((oid) => directory.person(oid)));
      const humans = people.flatMap((one) => (one === undefined || one.disabled || one.guest ? [] : [one]));
      if (humans.length < oids.length || opened.some((gate) => isRequester(gate, humans))) return false;
      return directory.isMember(covers?.oid ?? by.oid, [expiry.approvers]);
    }),
  );
  return votes.filter((_, n) => held[n]);
}

/** As whom somebody may decide, or why not: as themselves, or in the place of somebody who is away. */
async function seatOf(
  needs: Needs,
  said: Said,
  { expiry }: Control,
  opened: readonly Gate[],
): Promise<Pick<ExceptionVote, 'accounts' | 'covers'> | ExceptionRefusal> {
  const { exception, person, now } = said;
  const standing = await standingAs(needs, person, [expiry.approvers], now);
  const { absent, setBy } = standing ?? {};
  const humans = [person, absent, setBy].filter((one) => one !== undefined);
  if (humans.some((human) => hasAsked(exception, human))) return { code: 'own-exception' };
  if (standing === undefined) return { code: 'not-an-approver', approvers: expiry.approvers };
  if (opened.some((gate) => isRequester(gate, humans))) return { code: 'own-deployment' };
  const accounts = [person, absent].flatMap((one) => (one === undefined ? [] : aliasesOf(one)));
  if (exception.votes.some((vote) => vote.accounts.some((account) => accounts.includes(account))))
    return { code: 'already-voted' };
  return { accounts, ...(absent === undefined ? {} : { covers: { oid: absent.oid, name: absent.name } }) };
}

function hasAsked({ askers }: Exception, person: Person): boolean {
  const accounts = aliasesOf(person);
  return askers.some((asker) => asker.accounts.some((account) => accounts.includes(account)));
}

const GATES_AT_ONCE = 20;

/** All that it opens the way for in production, where nobody does that for what they deploy themselves. */
async function gatesOpened({ gates, scopes }: Needs, { exception, contract }: Said): Promise<readonly Gate[]> {
  if (contract?.environments.get(exception.target.environment)?.tier !== 'production') return [];
  const scope = scopeOf(exception);
  const waiting = await scopes.waiting(scope);
  const asked = exception.askers.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId]));
  const ids = [...new Set([...asked, ...waiting])];
  const opened: Gate[] = [];
  for (let n = 0; n < ids.length; n += GATES_AT_ONCE) {
    const found = await Promise.all(ids.slice(n, n + GATES_AT_ONCE).map((id) => gates.read(scope.org, id)));
    opened.push(
      ...found.flatMap((stored) => (stored !== undefined && opensFor(stored.gate, asked) ? [stored.gate] : [])),
    );
  }
  return opened;
}

function opensFor({ id, state }: Gate, asked: readonly string[]): boolean {
  return asked.includes(id) || state === 'blocked' || state === 'received';
}

/** Who asked for a run is known before anybody could read what it ships. */
function isRequester({ run, sources }: Gate, humans: readonly Person[]): boolean {
  const requesters = [run.requestedFor, run.requestedBy, ...(sources?.requesters ?? [])];
  const known = { authors: [], ...sources, requesters };
  return humans.some((human) => exclusionOf(human, known, ['requester']) === 'requester');
}

/** Others may have been granted since it was asked for. */
function noRoomFor(
  needs: Needs,
  said: Said,
  contract: Contract,
  next: Exception,
): Promise<ExceptionRefusal | undefined> {
  return next.baseline === true
    ? tooLateForBaseline(needs, scopeOf(next), next.target.control)
    : overBudget(needs, said, contract, next);
}

/**
 * Of requests at the same moment each may have found room in the budget of the service. What is in force in the scope is known by
 * the rows that the grant is written with, elsewhere by the projection.
 */
async function overBudget(
  { exceptions }: Needs,
  { stored, now }: Said,
  { limits: { exceptionsPerService: limit } }: Contract,
  { id, org, target, renewal }: Exception,
): Promise<ExceptionRefusal | undefined> {
  const live = (await exceptions.live(target.service)).map(({ exception }) => exception);
  const isHere = (one: Exception) => one.org === org && one.target.environment === target.environment;
  const isInForce = (one: Exception) => one.state === 'active' && now < expiryOf(one.terms);
  const elsewhere = live.filter((one) => !isHere(one) && isInForce(one)).map((one) => one.id);
  const here = inForceBy(
    [...stored.grants.values()].map(({ grants }) => grants),
    now,
  );
  const outside = new Set([id, renewal.renews, ...live.flatMap((one) => (one.baseline === true ? [one.id] : []))]);
  const ids = [...new Set([...here, ...elsewhere])].filter((one) => !outside.has(one));
  return ids.length >= limit ? { code: 'budget-used', limit, ids } : undefined;
}

/** What a renewal takes the place of ends with the same commit that puts it in force. */
async function replaced(
  needs: Needs,
  { by, now, control }: Said,
  next: Exception,
): Promise<Pick<WordDone, 'replaces'>> {
  const { renews } = next.renewal;
  const old: StoredException | undefined = renews === undefined ? undefined : await needs.exceptions.locate(renews);
  if (old === undefined || (old.exception.state !== 'active' && old.exception.state !== 'suspended')) return {};
  const closed = ended(old.exception, 'closed', { at: now, by, why: `renewed by ${next.id}` });
  const exception = { ...closed, renewal: { ...closed.renewal, renewedBy: next.id } };
  const said = { kind: 'exception-renewed', actor: by, data: { renewedBy: next.id } };
  const evidence = exceptionEvidence(exception, control, said);
  return { replaces: { stored: old, exception, evidence } };
}

async function withdraw(
  why: string,
  { stored, exception, person, by, now }: Said,
): Promise<WordDone | ExceptionRefusal> {
  if (exception.state !== 'requested') return { code: 'wrong-state', state: exception.state };
  if (!hasAsked(exception, person)) return { code: 'may-not-withdraw' };
  const text = why.trim();
  const { target } = exception;
  const before = stored.withdrawn.get(target.control)?.withdrawn ?? [];
  return {
    kind: 'exception-withdrawn',
    withdrawn: withWithdrawal(before, { target, accounts: aliasesOf(person), at: now }),
    exception: ended(exception, 'withdrawn', { at: now, by, why: text }),
    texts: { why: text },
  };
}
