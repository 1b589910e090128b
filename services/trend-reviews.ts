import { dateIn } from './domain/calendar.ts';
import type { Contract } from './domain/contract.ts';
import { plusDays } from './domain/instant.ts';
import { aboutTrends, trendsNudge } from './domain/nudge-about.ts';
import type { Person, PersonActor, Principal } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { type Trends, trendsChecksum } from './domain/trend.ts';
import {
  isWorkingTime,
  openedReview,
  periodStart,
  type ReviewMessage,
  type ReviewStep,
  stepDone,
  stepDue,
  type TrendReview,
} from './domain/trend-review.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import {
  type Conversation,
  type Conversations,
  lossIn,
  type Notifier,
  nameOf,
  type Recipient,
  recipientNamed,
  type TrendNews,
} from './ports/notifier.ts';
import type { Nudged, Nudges } from './ports/nudges.ts';
import type { Policy } from './ports/policy.ts';
import type { StoredTrendReview, TrendReviews } from './ports/trend-reviews.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf' | 'isMember'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell' | 'retell'>;
  readonly nudges: Nudges;
  readonly trendReviews: TrendReviews;
  /** As they are now; undefined without a contract. */
  readonly trends: () => Promise<Trends | undefined>;
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
  | { readonly kind: 'recorded'; readonly review: TrendReview }
  /** By somebody else, or before. */
  | { readonly kind: 'already-recorded'; readonly review: TrendReview }
  | { readonly kind: 'unknown-review' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'not-the-reviewer'; readonly reviewer: Principal }
  | { readonly kind: 'no-contract' }
  /** Others changed it at the same moment: nothing happened. */
  | { readonly kind: 'not-recorded' };

export type TrendReviewing = ReturnType<typeof createTrendReviewing>;

/** Reviews that began longer ago are not asked for any more. */
const LOOKED_BACK_DAYS = 60;
/** A group of at most so many is told itself, a larger one by as many of it. */
const MOST_TOLD = 5;

/**
 * Once in each period a named reviewer is sent the trends and records having looked at them, or hears of it again, and then
 * the contract's owner does. Any number of processes may run it: each step is claimed first. No judgement reads any of it.
 */
export function createTrendReviewing(needs: Needs) {
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
  const known = await needs.trendReviews.since(plusDays(current, -LOOKED_BACK_DAYS));
  const opened = known.some(({ review }) => review.id === current) ? undefined : openedReview(contract, now);
  const created = opened === undefined ? undefined : await needs.trendReviews.put(opened, undefined);
  for (const stored of created === undefined ? known : [...known, created]) {
    const { review } = stored;
    const step = stepDue(review, now, review.id === current);
    if (step !== undefined) await takeStep(needs, contract, stored, step);
  }
}

interface Reader {
  readonly audience: Recipient;
  readonly to: Conversation;
}

async function takeStep(needs: Needs, contract: Contract, stored: StoredTrendReview, step: ReviewStep): Promise<void> {
  const { trendReviews, clock } = needs;
  const readers = await readersOf(needs, contract, stored.review, step);
  if (readers.length === 0) return;
  const { review } = stored;
  const revision = review.revision + (step === 'send' ? 1 : 0);
  const claim = await trendReviews.put({ ...review, revision, claim: { step, at: clock.now() } }, stored);
  if (claim === undefined) return;
  try {
    const trends = step === 'send' ? await needs.trends() : undefined;
    if (step === 'send' && trends === undefined) return;
    const news = { review: claim.review, topic: step, ...(trends === undefined ? {} : { trends }) };
    const told = await tellAll(needs, readers, news);
    if (told.length === 0) return;
    const messages = told.filter((one) => one !== 'kept');
    const shows = trends === undefined ? {} : { shows: trendsChecksum(trends) };
    const done = await trendReviews.put(stepDone(claim.review, step, { messages, ...shows, at: clock.now() }), claim);
    // Recorded meanwhile: whoever did so may have found nothing that waits yet.
    if (done === undefined && step === 'remind') await needs.nudges.settled(aboutTrends(review), () => true);
  } catch (error) {
    // The claim stays: it is tried again once that is old.
    needs.failed(review.id, error);
  }
}

/** Whoever can be reached of the reviewer, in whose place the contract's owner stands when nobody active is left. */
async function readersOf(needs: Needs, contract: Contract, review: TrendReview, step: ReviewStep): Promise<Reader[]> {
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
  news: Omit<TrendNews, 'audience'>,
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
  news: Omit<TrendNews, 'audience'>,
): Promise<Nudged> {
  const send = () => notifier.tell(to, { ...news, audience });
  if (news.topic !== 'remind') return send();
  return nudges.say({ recipient: audience, conversation: to }, trendsNudge(news.review), send);
}

async function record(needs: Needs, { reviewId, revision, by, op }: ReviewWord): Promise<Reviewed> {
  const { contract } = await needs.policy.current();
  if (contract === undefined) return { kind: 'no-contract' };
  const stored = await needs.trendReviews.read(reviewId);
  if (stored?.review.shows === undefined) return { kind: 'unknown-review' };
  const { review } = stored;
  const { recorded, reviewer, shows: seen } = review;
  const isMember = await needs.directory.isMember(by.oid, [reviewer, contract.reviews.monitor, contract.owner]);
  if (!isMember) return { kind: 'not-the-reviewer', reviewer };
  if (recorded !== undefined) return { kind: recorded.op === op ? 'recorded' : 'already-recorded', review };
  if (revision !== review.revision || seen === undefined) return { kind: 'stale' };
  const next = { ...review, recorded: { by, at: needs.clock.now(), seen, op } };
  const done = await needs.trendReviews.record(next, stored, by);
  if (done === undefined) return { kind: 'not-recorded' };
  needs.later(showRecorded(needs, done.review));
  return { kind: 'recorded', review: done.review };
}

/** Whoever was asked sees that nothing is left to do; who cannot be told finds out by clicking. */
async function showRecorded(needs: Needs, review: TrendReview): Promise<void> {
  await needs.nudges.settled(aboutTrends(review), () => true);
  for (const { recipient, conversation, activityId } of review.messages) {
    const audience = recipientNamed(recipient);
    const to = await needs.conversations.find(audience);
    if (to?.id === conversation) await needs.notifier.retell(to, activityId, { review, topic: 'recorded', audience });
  }
}
