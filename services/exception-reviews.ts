import type { ReviewAnswer } from './domain/exception.ts';
import { answered, ended, handedOver, type Narrowing, narrowed, snoozed } from './domain/exception-life.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import type { Principal } from './domain/person.ts';
import {
  carryOut,
  type ExceptionAnswered,
  type ExceptionWord,
  type Said,
  standingAs,
  type WordDone,
  type WordNeeds,
} from './ports/exception-word.ts';
import type { Meant } from './ports/meant.ts';
import type { Conversations } from './ports/notifier.ts';
import { ownerMeant } from './ports/owner-meant.ts';

interface Needs extends WordNeeds {
  readonly conversations: Pick<Conversations, 'userIdOf'>;
}

export interface ReviewWord extends ExceptionWord {
  /** `renew` is a request (exception-requests.ts), `handover` a word of its own. */
  readonly answer: Exclude<ReviewAnswer, 'renew' | 'handover'>;
  readonly why: string;
  /** For `shrink`. */
  readonly narrowing?: Narrowing;
}

export interface HandoverWord extends ExceptionWord {
  /** As written: a person, or a group. */
  readonly to: string;
  readonly meant?: Meant;
}

export type ExceptionReviews = ReturnType<typeof createExceptionReviews>;

/** What keeps an exception honest while it is in force: its reviews, and its end before its time. */
export function createExceptionReviews(needs: Needs) {
  return {
    /** By its owner, whenever they like; what is asked is answered with it. */
    review: (word: ReviewWord): Promise<ExceptionAnswered> =>
      carryOut(needs, word, (said) => review(needs, word, said)),
    /** By its owner, whoever grants such exceptions, or the owner of its control: at once, until a verdict is sealed. */
    revoke: (word: ExceptionWord & { readonly why: string }): Promise<ExceptionAnswered> =>
      carryOut(needs, word, (said) => revoke(needs, word.why.trim(), said)),
    /** By its owner, or the owner of its control when they are gone. */
    handOver: (word: HandoverWord): Promise<ExceptionAnswered> =>
      carryOut(needs, word, (said) => handOver(needs, word, said)),
  };
}

async function review(needs: Needs, word: ReviewWord, said: Said): Promise<WordDone | ExceptionRefusal> {
  const { exception, now } = said;
  const { state, terms } = exception;
  const mayClose = word.answer === 'close' && state === 'suspended';
  if (state !== 'active' && !mayClose) return { code: 'wrong-state', state };
  if (word.revision !== undefined && word.revision !== exception.revision) return { code: 'stale-revision' };
  if ((await standingAs(needs, said.person, [terms.owner], now)) === undefined)
    return { code: 'not-its-owner', owner: terms.owner };
  const trimmed = { ...word, why: word.why.trim() };
  if (word.answer === 'snooze') return snooze(trimmed, said);
  return word.answer === 'close' ? close(trimmed, said) : goOn(trimmed, said);
}

function snooze({ why }: ReviewWord, { exception, now, contract }: Said): WordDone | ExceptionRefusal {
  if (contract === undefined) return { code: 'no-contract' };
  if (exception.reviews.askedAt === undefined) return { code: 'no-review-asked' };
  const later = snoozed(exception, now, contract.calendar);
  return later === undefined
    ? { code: 'snoozed-enough' }
    : { kind: 'review-snoozed', exception: later, texts: { why } };
}

function close({ why }: ReviewWord, { exception, by, now }: Said): WordDone {
  const end = { at: now, by, why: why === '' ? 'not needed any more' : why };
  return { kind: 'exception-closed', exception: ended(exception, 'closed', end), texts: { why } };
}

/** Kept, or kept smaller: what was granted for more needs nobody's word for less. */
function goOn({ answer, why, narrowing }: ReviewWord, said: Said): WordDone | ExceptionRefusal {
  const { exception, by, now, contract } = said;
  if (why === '') return { code: 'why-required' };
  if (contract === undefined) return { code: 'no-contract' };
  const less = answer === 'shrink' ? narrowed(exception, narrowing ?? {}, now) : exception;
  if ('code' in less) return less;
  if (answer === 'shrink' && less === exception) return { code: 'nothing-narrowed' };
  const next = answered(less, { answer, by, why }, now, contract.calendar);
  const revision = less === exception ? exception.revision : exception.revision + 1;
  return { kind: 'review-answered', exception: { ...next, revision }, data: { answer }, texts: { why } };
}

async function revoke(needs: Needs, why: string, said: Said): Promise<WordDone | ExceptionRefusal> {
  const { exception, by, now, control } = said;
  if (exception.state !== 'active' && exception.state !== 'suspended')
    return { code: 'wrong-state', state: exception.state };
  if (why === '') return { code: 'why-required' };
  const { owner } = exception.terms;
  const approvers = control?.expiry.approvers ?? exception.asks.approvers;
  const may = [owner, approvers, ...(control === undefined ? [] : [control.owner.fallback])];
  if ((await standingAs(needs, said.person, may, now)) === undefined)
    return { code: 'may-not-revoke', owner, approvers };
  return { kind: 'exception-revoked', exception: ended(exception, 'revoked', { at: now, by, why }), texts: { why } };
}

async function handOver(needs: Needs, word: HandoverWord, said: Said): Promise<WordDone | ExceptionRefusal> {
  const { exception, by, now, contract, control } = said;
  const { state, terms } = exception;
  if (state !== 'active' && state !== 'suspended' && state !== 'requested') return { code: 'wrong-state', state };
  const may: Principal[] = [terms.owner, ...(control === undefined ? [] : [control.owner.fallback])];
  if ((await standingAs(needs, said.person, may, now)) === undefined)
    return { code: 'not-its-owner', owner: terms.owner };
  const to = await ownerMeant(needs, word.to, word.meant);
  if ('code' in to) return to;
  const handed = handedOver(exception, to);
  const why = `handed over to ${to.owner}`;
  if (contract === undefined) return { code: 'no-contract' };
  const next = state === 'active' ? answered(handed, { answer: 'handover', by, why }, now, contract.calendar) : handed;
  return { kind: 'exception-handed-over', exception: next, data: { from: terms.owner, to: to.owner } };
}
