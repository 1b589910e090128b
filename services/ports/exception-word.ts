import type { Contract, Control } from '../domain/contract.ts';
import { type Exception, expiryOf, isOver } from '../domain/exception.ts';
import type { ExceptionRefusal } from '../domain/exception-refusal.ts';
import type { Person, PersonActor } from '../domain/person.ts';
import type { Refusal } from '../domain/refusal.ts';
import { saysRefused } from '../domain/refused-entry.ts';
import type { Clock } from './clock.ts';
import type { Covers } from './covers.ts';
import { type Directory, DirectoryUnavailableError } from './directory.ts';
import { changeTo, type Done } from './exception-change.ts';
import type { ExceptionChange, ExceptionStore, StoredException } from './exception-store.ts';
import type { Policy } from './policy.ts';

export interface WordNeeds {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly exceptions: ExceptionStore;
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Shows its cards, and judges who waits for it. */
  readonly committed: (stored: StoredException) => void;
}

/** What somebody says about an exception that is there. */
export interface ExceptionWord {
  readonly id: string;
  readonly by: PersonActor;
  readonly op: string;
  /** Of the card that was clicked; a typed word means the exception as it is. */
  readonly revision?: number;
}

export type ExceptionAnswered =
  | { readonly kind: 'done'; readonly exception: Exception }
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal; readonly exception?: Exception };

/** What a word is judged by. */
export interface Said {
  readonly stored: StoredException;
  readonly exception: Exception;
  /** As the directory has whoever said it. */
  readonly person: Person;
  readonly by: PersonActor;
  /** Undefined: none could be read. What takes away needs none. */
  readonly contract: Contract | undefined;
  /** Undefined: the contract has no such control any more. */
  readonly control: Control | undefined;
  /** ISO-8601 UTC. */
  readonly now: string;
}

export interface WordDone extends Pick<Done, 'kind' | 'data' | 'texts'> {
  readonly exception: Exception;
  readonly replaces?: ExceptionChange['replaces'];
  readonly withdrawn?: ExceptionChange['withdrawn'];
}

const TRIES = 4;

/** Carries a word out: once for each operation, on top of whatever others have done meanwhile. Rejects with StoreUnavailableError. */
export async function carryOut(needs: WordNeeds, word: ExceptionWord, act: Act): Promise<ExceptionAnswered> {
  const found = await needs.exceptions.locate(word.id.toUpperCase());
  if (found !== undefined && isSaid(found, word)) return again(needs, found);
  const stranger = await needs.strangerBecause(word.by);
  if (stranger !== undefined) return { kind: 'refused', why: { code: 'stranger', refusal: stranger } };
  if (found === undefined) return { kind: 'refused', why: { code: 'unknown-exception', id: word.id } };
  try {
    return await actOn(needs, word, found, act);
  } catch (error) {
    if (!(error instanceof DirectoryUnavailableError)) throw error;
    const why: ExceptionRefusal = { code: 'stranger', refusal: 'cannot-verify-now' };
    return { kind: 'refused', why, exception: found.exception };
  }
}

function isSaid({ evidence }: StoredException, word: ExceptionWord): boolean {
  return evidence.some(({ op }) => op === word.op);
}

/** Who recorded it may have died before anybody was told. */
function again(needs: WordNeeds, stored: StoredException): ExceptionAnswered {
  if (stored.showing !== undefined) needs.committed(stored);
  return { kind: 'done', exception: stored.exception };
}

type Act = (said: Said) => Promise<WordDone | ExceptionRefusal>;

async function actOn(
  needs: WordNeeds,
  word: ExceptionWord,
  found: StoredException,
  act: Act,
): Promise<ExceptionAnswered> {
  let stored = found;
  for (let n = 0; n < TRIES; n += 1) {
    if (isSaid(stored, word)) return again(needs, stored);
    const change = await changeBy(needs, word, stored, act);
    if ('code' in change) return refused(needs, word, stored, change);
    const committed = await needs.exceptions.commit(stored, change);
    if (committed.kind === 'committed') {
      needs.committed(committed.stored);
      return { kind: 'done', exception: committed.stored.exception };
    }
    stored = committed.stored;
  }
  return { kind: 'refused', why: { code: 'not-recorded' }, exception: stored.exception };
}

/** What somebody tried who may not is evidence too; what merely needs another click is not. */
const RECORDED: readonly ExceptionRefusal['code'][] = [
  'not-an-approver',
  'own-exception',
  'own-deployment',
  'not-its-owner',
  'may-not-revoke',
  'may-not-withdraw',
];

/** Of all who tried together, for the whole life of an exception; the last of them says so. */
export const MOST_REFUSALS_RECORDED = 100;

/** Once for each person, reason and revision, and so often altogether: however often and by however many it is tried, the record does not grow. */
async function refused(
  needs: WordNeeds,
  { by: actor, op }: ExceptionWord,
  stored: StoredException,
  why: ExceptionRefusal,
): Promise<ExceptionAnswered> {
  const { exception, evidence } = stored;
  const known = evidence.filter(({ entry }) => entry.includes('"kind":"refused"'));
  const before = { oid: actor.oid, refusal: why.code, revision: exception.revision };
  const isKnown = known.some((entry) => saysRefused(entry, before));
  if (RECORDED.includes(why.code) && !isKnown && known.length < MOST_REFUSALS_RECORDED) {
    const isLast = known.length + 1 === MOST_REFUSALS_RECORDED;
    const data = { refusal: why.code, ...(isLast ? { furtherRecorded: false } : {}) };
    const done = { op: `${op} refused`, kind: 'refused', actor, at: needs.clock.now(), data };
    // Lost to somebody else's change: the next try is recorded.
    const { contract } = await needs.policy.current();
    const control = contract?.controls.find(({ name }) => name === exception.target.control);
    await needs.exceptions.commit(stored, changeTo(stored, exception, control, done));
  }
  return { kind: 'refused', why, exception };
}

async function changeBy(
  needs: WordNeeds,
  { by: actor, op }: ExceptionWord,
  stored: StoredException,
  act: Act,
): Promise<ExceptionChange | ExceptionRefusal> {
  const { exception } = stored;
  const { contract } = await needs.policy.current();
  const person = await needs.directory.person(actor.oid);
  if (person === undefined) return { code: 'stranger', refusal: 'not-in-directory' };
  const control = contract?.controls.find(({ name }) => name === exception.target.control);
  const by = { ...actor, name: person.name };
  const now = needs.clock.now();
  // Nobody has noted yet that its time is over.
  if (!isOver(exception.state) && now >= expiryOf(exception.terms)) return { code: 'wrong-state', state: 'expired' };
  const done = await act({ stored, exception, person, by, contract, control, now });
  if ('code' in done) return done;
  const { replaces, withdrawn, exception: next, ...what } = done;
  const change = changeTo(stored, next, control, { ...what, op, actor: by, at: now });
  return {
    ...change,
    ...(replaces === undefined ? {} : { replaces }),
    ...(withdrawn === undefined ? {} : { withdrawn }),
  };
}

/** Whether this person is one of these now, or stands in for one who is away: that one, then. Undefined: neither. */
export async function standingAs(
  { directory, covers }: Pick<WordNeeds, 'directory' | 'covers'>,
  person: Person,
  principals: readonly Exception['terms']['owner'][],
  now: string,
): Promise<{ readonly absent?: Person; readonly setBy?: Person } | undefined> {
  if (await directory.isMember(person.oid, principals)) return {};
  for (const cover of (await covers.inForce(now)).filter(({ by }) => by === person.oid)) {
    if (!(await directory.isMember(cover.absent, principals))) continue;
    const [absent, setBy] = await Promise.all([directory.person(cover.absent), directory.person(cover.setBy)]);
    const isGone = absent === undefined || absent.disabled || absent.guest;
    if (!isGone && setBy !== undefined) return { absent, setBy };
  }
  return undefined;
}
