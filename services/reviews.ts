import { type Audit, auditChecksum } from './domain/audit.ts';
import { dateIn } from './domain/calendar.ts';
import type { Contract } from './domain/contract.ts';
import { plusDays } from './domain/instant.ts';
import { aboutReview, reviewNudge } from './domain/nudge-about.ts';
import type { Person, PersonActor, Principal } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import {
  isWorkingTime,
  openedReview,
  periodOf,
  periodStart,
  REVIEW_SUBJECTS,
  type Review,
  type ReviewMessage,
  type ReviewStep,
  type ReviewSubject,
  reviewerOf,
  stepDone,
  stepDue,
  subjectOf,
} from './domain/review.ts';
import { type Trends, trendsChecksum } from './domain/trend.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import {
  type Conversation,
  type Conversations,
  lossIn,
  type Notifier,
  nameOf,
  type Recipient,
  type ReviewNews,
  recipientNamed,
} from './ports/notifier.ts';
import type { Nudged, Nudges } from './ports/nudges.ts';
import type { Policy } from './ports/policy.ts';
import type { Reviews, StoredReview } from './ports/reviews.ts';

/** What a reviewer is shown. */
type Figures = Pick<ReviewNews, 'trends'> | Pick<ReviewNews, 'audit'>;

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf' | 'isMember'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell' | 'retell'>;
  readonly nudges: Nudges;
  readonly reviews: Reviews;
  /** As they are now; undefined without a contract. */
  readonly figures: (subject: ReviewSubject) => Promise<Figures | undefined>;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Goes on after the person was answered. */
  readonly later: (work: Promise<void>) => void;
  readonly failed: (review: string, why: unknown) => void;
}

/** What somebody records who has looked at the figures. */
export interface ReviewWord {
  readonly reviewId: string;
  /** Of the figures that they were shown. */
  readonly revision: number;
  readonly by: PersonActor;
  /** Stable over replays of the same click. */
  readonly op: string;
}

export type Reviewed =
  | { readonly kind: 'recorded'; readonly review: Review }
  /** By somebody else, or before. */
  | { readonly kind: 'already-recorded'; readonly review: Review }
  | { readonly kind: 'unknown-review' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'not-the-reviewer'; readonly reviewer: Principal }
  | { readonly kind: 'no-contract' }
  /** Others changed it at the same moment: nothing happened. */
  | { readonly kind: 'not-recorded' };

export type Reviewing = ReturnType<typeof createReviewing>;

/** Reviews that began longer ago are not asked for any more. */
const LOOKED_BACK_DAYS = 60;
/** A group of at most so many is told itself, a larger one by as many of it. */
const MOST_TOLD = 5;

/**
 * Once in each period a named reviewer is sent the trends, another one the audit, and records having looked at them, or hears of it again, and then
 * the contract's owner does. Any number of processes may run it: each step is claimed first. No judgement reads any of it.
 */
export function createReviewing(needs: Needs) {
  let last: Promise<void> = Promise.resolve();
  return {
    /** Sends what is due, in working hours only, with one list. Rejects when store, directory or policy do not answer. */
    run: (): Promise<void> => {
      last = last.catch(() => undefined).then(() => pass(needs));
      return last;
    },
    record: async (word: ReviewWord): Promise<Reviewed | Refusal> => {
      const stranger = await needs.strangerBecause(word.by);
      if (stranger !== undefined) return stranger;
      try {
        return await record(needs, word);
      } catch (error) {
        if (error instanceof DirectoryUnavailableError) return 'cannot-verify-now';
        throw error;
      }
    },
  };
}

async function pass(needs: Needs): Promise<void> {
  const { contract } = await needs.policy.current();
  const now = needs.clock.now();
  if (contract === undefined || !isWorkingTime(contract.calendar, now)) return;
  const current = periodStart(dateIn(contract.calendar, now), contract.reviews.everyDays);
  const known = await needs.reviews.since(plusDays(current, -LOOKED_BACK_DAYS));
  const opened = REVIEW_SUBJECTS.flatMap((subject) => openedReview(contract, subject, now) ?? []).filter(
    ({ id }) => !known.some(({ review }) => review.id === id),
  );
  const created = await Promise.all(opened.map((review) => needs.reviews.put(review, undefined)));
  for (const stored of [...known, ...created.filter((one) => one !== undefined)]) {
    const { review } = stored;
    const step = stepDue(review, now, periodOf(review) === current);
    if (step !== undefined) await takeStep(needs, contract, stored, step);
  }
}

interface Reader {
  readonly audience: Recipient;
  readonly to: Conversation;
}

async function takeStep(needs: Needs, contract: Contract, stored: StoredReview, step: ReviewStep): Promise<void> {
  const { reviews, clock } = needs;
  const readers = await readersOf(needs, contract, stored.review, step);
  if (readers.length === 0) return;
  const { review } = stored;
  const revision = review.revision + (step === 'send' ? 1 : 0);
  const claim = await reviews.put({ ...review, revision, claim: { step, at: clock.now() } }, stored);
  if (claim === undefined) return;
  try {
    const figures = step === 'send' ? await needs.figures(subjectOf(review)) : undefined;
    if (step === 'send' && figures === undefined) return;
    const news = { review: claim.review, topic: step, ...figures };
    const told = await tellAll(needs, readers, news);
    if (told.length === 0) return;
    const messages = told.filter((one) => one !== 'kept');
    const shows = figures === undefined ? {} : { shows: checksumOf(figures) };
    const done = await reviews.put(stepDone(claim.review, step, { messages, ...shows, at: clock.now() }), claim);
    // Recorded meanwhile: whoever did so may have found nothing that waits yet.
    if (done === undefined && step === 'remind') await needs.nudges.settled(aboutReview(review), () => true);
  } catch (error) {
    // The claim stays: it is tried again once that is old.
    needs.failed(review.id, error);
  }
}

function checksumOf(figures: { readonly trends?: Trends; readonly audit?: Audit }): string {
  const { trends, audit } = figures;
  return audit === undefined ? trendsChecksum(trends as Trends) : auditChecksum(audit);
}

/** Whoever can be reached of the reviewer, in whose place the contract's owner stands when nobody active is left. */
async function readersOf(needs: Needs, contract: Contract, review: Review, step: ReviewStep): Promise<Reader[]> {
  const reviewers = step === 'escalate' ? [] : await activeAmong(needs, review.reviewer);
  const people = reviewers.length > 0 ? reviewers : await activeAmong(needs, contract.owner);
  const readers = await Promise.all(
    people.slice(0, MOST_TOLD).map(async ({ oid }) => {
      const audience = { kind: 'person', oid } as const;
      const to = await needs.conversations.find(audience);
      return to === undefined ? undefined : { audience, to };
    }),
  );
  return readers.filter((reader) => reader !== undefined);
}

async function activeAmong({ directory }: Needs, principal: Principal): Promise<Person[]> {
  return (await directory.membersOf(principal)).filter(({ guest, disabled }) => !guest && !disabled);
}

async function tellAll(
  needs: Needs,
  readers: readonly Reader[],
  news: Omit<ReviewNews, 'audience'>,
): Promise<(ReviewMessage | 'kept')[]> {
  const messages = await Promise.all(
    readers.map(async ({ audience, to }) => {
      const sent = await tell(needs, { audience, to }, news);
      if (sent.kind === 'kept') return 'kept' as const;
      const loss = lossIn(sent);
      if (loss !== undefined) await needs.conversations.forget(audience, loss);
      if (sent.kind === 'failed') needs.failed(news.review.id, sent.code);
      if (sent.kind !== 'sent') return undefined;
      return { recipient: nameOf(audience), conversation: to.id, activityId: sent.activityId };
    }),
  );
  return messages.filter((message) => message !== undefined);
}

/** That nobody has looked at them is a nudge; the figures themselves, and that others hear of it, are not. */
function tell(
  { notifier, nudges }: Needs,
  { audience, to }: Reader,
  news: Omit<ReviewNews, 'audience'>,
): Promise<Nudged> {
  const send = () => notifier.tell(to, { ...news, audience });
  if (news.topic !== 'remind') return send();
  return nudges.say({ recipient: audience, conversation: to }, reviewNudge(news.review), send);
}

async function record(needs: Needs, { reviewId, revision, by, op }: ReviewWord): Promise<Reviewed> {
  const { contract } = await needs.policy.current();
  if (contract === undefined) return { kind: 'no-contract' };
  const stored = await needs.reviews.read(reviewId);
  if (stored?.review.shows === undefined) return { kind: 'unknown-review' };
  const { review } = stored;
  const { recorded, reviewer, shows: seen } = review;
  const named = reviewerOf(contract.reviews, subjectOf(review)) ?? reviewer;
  const isMember = await needs.directory.isMember(by.oid, [reviewer, named, contract.owner]);
  if (!isMember) return { kind: 'not-the-reviewer', reviewer };
  if (recorded !== undefined) return { kind: recorded.op === op ? 'recorded' : 'already-recorded', review };
  if (revision !== review.revision || seen === undefined) return { kind: 'stale' };
  const next = { ...review, recorded: { by, at: needs.clock.now(), seen, op } };
  const done = await needs.reviews.record(next, stored, by);
  if (done === undefined) return { kind: 'not-recorded' };
  needs.later(showRecorded(needs, done.review));
  return { kind: 'recorded', review: done.review };
}

/** Whoever was asked sees that nothing is left to do; who cannot be told finds out by clicking. */
async function showRecorded(needs: Needs, review: Review): Promise<void> {
  await needs.nudges.settled(aboutReview(review), () => true);
  for (const { recipient, conversation, activityId } of review.messages) {
    const audience = recipientNamed(recipient);
    const to = await needs.conversations.find(audience);
    if (to?.id === conversation) await needs.notifier.retell(to, activityId, { review, topic: 'recorded', audience });
  }
}
