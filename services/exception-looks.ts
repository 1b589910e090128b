import type { Calendar } from './domain/contract.ts';
import { type Exception, expiryOf } from './domain/exception.ts';
import { needsOwner, ownedStill, reached } from './domain/exception-contact.ts';
import { outgrown, passed, unasked } from './domain/exception-life.ts';
import { tightened, withinLimits } from './domain/exception-limits.ts';
import { topicsOf } from './domain/exception-topics.ts';
import { counted, isCountDue, useOf } from './domain/exception-use.ts';
import { aboutException } from './domain/nudge-about.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import { changeTo } from './ports/exception-change.ts';
import { type ExceptionStore, type StoredException, scopeOf } from './ports/exception-store.ts';
import { recipientNamed } from './ports/notifier.ts';
import type { Nudges } from './ports/nudges.ts';
import { openFindings } from './ports/open-findings.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly exceptions: ExceptionStore;
  readonly nudges: Pick<Nudges, 'wasSaid'>;
}

/** More than this cannot have happened to one exception at once. */
const MOST_STEPS = 8;

/**
 * Notes what time alone has changed about an exception, or who is left of those whom it needs: they are asked, warned, or told. Only tells:
 * whether it covers anything is compared with the clock at every judgement. The exception as it then is; undefined: there is none.
 * Rejects when the store does not answer.
 */
export function createExceptionLooks(needs: Needs) {
  return {
    look: (scope: ScopeKey, id: string): Promise<StoredException | undefined> => look(needs, scope, id),
    /** A gate is blocked by what it was granted for, because that is worse by now. Undefined: nothing has changed. */
    outgrown: (id: string): Promise<StoredException | undefined> => reopen(needs, id),
  };
}

async function look(needs: Needs, scope: ScopeKey, id: string): Promise<StoredException | undefined> {
  let stored = await needs.exceptions.read(scope, id);
  const isUntold = stored?.showing !== undefined;
  for (let n = 0; n < MOST_STEPS && stored !== undefined; n += 1) {
    const policy = await needs.policy.current();
    const calendar = calendarFor(policy, scope.service);
    // Without a contract nobody knows what a working day is; what has ended covers nothing all the same.
    if (calendar === undefined) return stored;
    const at = needs.clock.now();
    const step = await stepAt(needs, policy, stored, { calendar, at, isUntold });
    if (step === undefined) return stored;
    const control = policy.contract?.controls.find(({ name }) => name === stored?.exception.target.control);
    const op = `${step.what} ${id} ${stored.evidence.length}`;
    const data = { hides: step.exception.hides.count };
    const done = { op, kind: step.what, actor: { kind: 'countersign' as const }, at, data };
    await needs.exceptions.commit(stored, changeTo(stored, step.exception, control, done));
    // Of cards that were sent meanwhile only the rows know.
    stored = await needs.exceptions.read(scope, id);
  }
  return stored;
}

interface Then {
  readonly calendar: Calendar;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Some message was still to be sent when it was looked at. */
  readonly isUntold: boolean;
}

/** Counted before its owner is asked or warned, so that they are told what it hides now; what is over hides nothing. */
async function stepAt(needs: Needs, policy: PolicySnapshot, stored: StoredException, then: Then) {
  const { exception, cards, showing } = stored;
  const { calendar, at } = then;
  const owner = await ownerAt(needs, exception, at);
  if (owner !== undefined) return owner;
  const expiry = policy.contract?.controls.find(({ name }) => name === exception.target.control)?.expiry;
  const isOver = at >= expiryOf(exception.terms);
  const isDue = isCountDue(exception, at) && !isOver;
  const use = isDue ? await useNow(needs, policy, exception, at) : undefined;
  const now = isDue ? counted(withinLimits(exception, expiry, at), use, at) : exception;
  const worse = use?.outgrown === undefined ? undefined : outgrown(now, at, calendar, use.outgrown);
  const asked = worse ?? (isOver ? undefined : tightened(now, expiry, at, calendar));
  if (asked !== undefined) return { what: 'review-reopened' as const, exception: asked };
  const next = passed(await asHeard(needs, { ...stored, exception: now }, then), at, calendar);
  if (next !== undefined || isDue) return next ?? { what: 'exception-counted' as const, exception: now };
  // Before every message was tried nobody knows whom they reach.
  return showing === undefined ? reached(exception, cards, at) : undefined;
}

/** With its question not put where nobody heard it: nothing is missed then, and it is put anew. */
async function asHeard(needs: Needs, stored: StoredException, then: Then): Promise<Exception> {
  return (await isUnheard(needs, stored, then)) ? unasked(stored.exception) : stored.exception;
}

/**
 * Whether the answer to an open question is due by now, and nobody heard it in time: it waits for their working hours, or Teams
 * takes nothing. That none of them can be reached is no way round a review.
 */
async function isUnheard({ nudges }: Needs, { exception, cards }: StoredException, { at, isUntold }: Then) {
  const { askedAt, nextAt } = exception.reviews;
  if (askedAt === undefined || nextAt === undefined || at < nextAt) return false;
  const key = topicsOf(exception).find(({ topic }) => topic === 'review')?.key;
  if (key === undefined) return false;
  const asked = cards.filter(({ topic }) => topic.startsWith(key));
  if (asked.length === 0) return isUntold;
  const reached = asked.filter(({ conversation }) => conversation !== '');
  const about = aboutException(exception);
  const heard = reached.map(async ({ activityId, recipient, topic: slot }) => {
    return activityId !== '' || nudges.wasSaid(recipientNamed(recipient), { about, slot }, nextAt);
  });
  return heard.length > 0 && !(await Promise.all(heard)).includes(true);
}

/** Undefined: as it is noted, or the directory does not say. */
async function ownerAt({ directory }: Needs, exception: Exception, at: string) {
  if (!needsOwner(exception)) return undefined;
  try {
    const people = await directory.membersOf(exception.terms.owner);
    const isOwned = people.some(({ guest, disabled }) => !guest && !disabled);
    return ownedStill(exception, isOwned, at);
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return undefined;
    throw error;
  }
}

/** Undefined: what is known of its service cannot be read. */
async function useNow({ scopes }: Needs, policy: PolicySnapshot, exception: Exception, now: string) {
  const { contract, catalog } = policy;
  const environment = contract?.environments.get(exception.target.environment);
  if (catalog.broken.has(exception.target.service)) return undefined;
  // In an environment that is gone nothing is judged any more.
  if (environment === undefined) return useOf(exception, []);
  return useOf(exception, await openFindings(scopes, policy, { scope: scopeOf(exception), environment, now }));
}

async function reopen(needs: Needs, id: string): Promise<StoredException | undefined> {
  const stored = await needs.exceptions.locate(id);
  if (stored === undefined) return undefined;
  const policy = await needs.policy.current();
  const { service, control: name } = stored.exception.target;
  const calendar = calendarFor(policy, service);
  const at = needs.clock.now();
  const asked = calendar === undefined ? undefined : outgrown(stored.exception, at, calendar);
  if (asked === undefined) return undefined;
  const control = policy.contract?.controls.find((one) => one.name === name);
  const op = `outgrown ${id} ${stored.evidence.length}`;
  const done = { op, kind: 'review-reopened', actor: { kind: 'countersign' as const }, at };
  return (await needs.exceptions.commit(stored, changeTo(stored, asked, control, done))).stored;
}

/** Of the service's people, else of everybody. */
function calendarFor({ catalog, contract }: PolicySnapshot, service: string) {
  const own = catalog.services.get(service)?.calendar;
  return own ?? contract?.calendar;
}
