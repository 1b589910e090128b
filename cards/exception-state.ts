import type { Exception } from '../services/domain/exception.ts';
import { MOST_MISSED } from '../services/domain/exception-life.ts';
import type { ExceptionTopic } from '../services/domain/exception-topics.ts';
import { banner, type Container, line, timed, words } from './card.ts';
import { lastDay, partyName, placeOfTarget } from './exception-names.ts';
import { EXCEPTION_LOOKS } from './exception-words.ts';
import type { StateWords } from './gate-state.ts';
import { counted, nameOf, personName, type Viewer } from './names.ts';
import { localTime, showDate } from './show-time.ts';

/** How an exception stands: to be read at a glance, and what happens next, with times as `localTime` writes them. */
export function exceptionStateOf(exception: Exception, viewer?: Viewer): StateWords {
  const { symbol, word, tone } = EXCEPTION_LOOKS[exception.state];
  const isShaky = exception.state === 'active' && hasTrouble(exception);
  const headline = headlineOf(exception, word, viewer);
  return { symbol, headline, next: nextOf(exception, viewer), tone: isShaky ? 'warning' : tone };
}

function hasTrouble({ reviews, overdrawnAt, ownerGoneAt }: Exception): boolean {
  return reviews.missed > 0 || overdrawnAt !== undefined || ownerGoneAt !== undefined;
}

function headlineOf({ state, votes, asks, terms, end, reviews }: Exception, word: string, viewer?: Viewer): string {
  if (state === 'requested') return `${word}: ${votes.length} of ${counted(asks.quorum, 'approval')}`;
  if (state === 'active') {
    const missed = reviews.missed === 0 ? '' : `, but ${reviews.missed} of ${MOST_MISSED} reviews missed`;
    return `${word} until ${lastDay(terms.until)}${missed}`;
  }
  if (end?.by === undefined) return word;
  return `${word} by ${personName(end.by, viewer)}`;
}

function nextOf(exception: Exception, viewer: Viewer | undefined): string {
  const { state, terms, asks, grantedAt, renewal } = exception;
  switch (state) {
    case 'requested':
      return `${partyName(asks.approvers, viewer, exception)} may grant it, but nobody who asked for it. Until then it covers nothing, and gates that wait for it go on waiting; without an answer it ends with ${showDate(terms.until)}.`;
    case 'active':
      return reviewWords(exception, viewer);
    case 'suspended':
      return `${MOST_MISSED} reviews in a row were not answered: what it covered blocks again. Its owner can close it, or renew it and have it granted anew.`;
    case 'rejected':
    case 'withdrawn':
      return 'It never covered anything: what it was asked for goes on blocking.';
    case 'expired':
      return grantedAt === undefined
        ? `Nobody decided before ${lastDay(terms.until)}. It never covered anything.`
        : `It covers nothing since ${lastDay(terms.until)}: what is not mended blocks again.`;
    case 'revoked':
      return 'It covers nothing any more: what is not mended blocks again.';
    case 'closed':
      return renewal.renewedBy === undefined
        ? 'It covers nothing any more.'
        : `${nameOf(renewal.renewedBy)} has taken its place.`;
  }
}

const OUTGROWN_WORDS = {
  severity: 'What it was granted for is worse by now',
  control: 'What it was granted for belongs to another control by now',
} as const;

/** The question that is open, or when it is put. */
function reviewWords({ reviews, terms, ...exception }: Exception, viewer: Viewer | undefined): string {
  const { askedAt, nextAt, missed, snoozed, outgrown, limits } = reviews;
  const owner = partyName(terms.owner, viewer, { reviews, terms, ...exception });
  if (askedAt === undefined) {
    if (nextAt === undefined) return 'It ends before another review.';
    return snoozed === 0
      ? `Its owner is asked on ${localTime(nextAt)} whether it is still needed.`
      : `The review was put off: its owner is asked again on ${localTime(nextAt)}.`;
  }
  const worse = outgrown === undefined ? '' : `${OUTGROWN_WORDS[outgrown]}, and is not covered any more. `;
  const last = missed === 0 ? '' : 'The last review was not answered. ';
  const asked = `${worse}${limits === undefined ? '' : limitWords(limits)}${last}Is it still needed? Asked on ${localTime(askedAt)}: ${owner}.`;
  if (nextAt === undefined) return asked;
  const then =
    missed + 1 < MOST_MISSED ? 'the review counts as missed' : 'it is suspended, and what it covers blocks again';
  return `${asked} Without an answer by ${localTime(nextAt)} ${then}.`;
}

/** What it could not be granted with any more. */
function limitWords({ maxDays, reviewEveryDays }: NonNullable<Exception['reviews']['limits']>): string {
  const days = (count: number) => counted(count, 'day');
  const grants = maxDays === 0 ? 'grants none of its kind any more' : `grants at most ${days(maxDays ?? 0)}`;
  const parts = [
    ...(maxDays === undefined ? [] : [grants]),
    ...(reviewEveryDays === undefined ? [] : [`asks for a review every ${days(reviewEveryDays)} at least`]),
  ];
  return `The contract now ${parts.join(' and ')}: this one was granted before, and goes on as it is. `;
}

/** Somebody wanted more of it than its control grants. */
function overdrawnWords({ overdrawnAt, renewal, target }: Exception): string | undefined {
  if (overdrawnAt === undefined) return undefined;
  return `This is no longer an exception: all ${counted(renewal.of, 'renewal')} are used, and more was asked for on ${localTime(overdrawnAt)}. The owner of ${nameOf(target.control)} can have what it hides mended, have the contract changed so that it warns or grants more, or revoke it.`;
}

/** Who should say something, and does not or cannot. */
function contactWords({ state, silence = {}, ownerGoneAt, target }: Exception): string[] {
  const isOwned = state === 'active' || state === 'suspended';
  if (isOwned && ownerGoneAt !== undefined) return ['Its owner is not in the directory any more: hand it over.'];
  if (state !== 'requested') return [];
  const { unreachedAt, unansweredAt, remindedAt } = silence;
  const way = `The owner of ${nameOf(target.control)} can name others in the contract (expiry.approvers), or have them`;
  if (unreachedAt !== undefined)
    return [`None of those who may grant it can be reached. ${way} install the app, or write to it once.`];
  if (unansweredAt === undefined || remindedAt === undefined) return [];
  return [`Nobody has decided, not after a reminder on ${localTime(remindedAt)} either. ${way} decide.`];
}

export function exceptionBanner(exception: Exception, viewer?: Viewer, said: readonly string[] = []): Container {
  const { symbol, headline, next, tone } = exceptionStateOf(exception, viewer);
  const overdrawn = overdrawnWords(exception);
  const more = [...contactWords(exception), ...(overdrawn === undefined ? [] : [overdrawn]), ...said];
  return banner('state', tone, [
    line(words(`${symbol} ${headline}`, { weight: 'bolder' })),
    timed(next, { spacing: 'none' }),
    ...more.map((sentence) => timed(sentence)),
  ]);
}

/** What is asked of whom it is sent to, or what has happened; else which exception it is. */
export function exceptionTitle(exception: Exception, topic?: ExceptionTopic): string {
  const { id, target } = exception;
  const head = topic === undefined ? undefined : headFor(exception, topic);
  return `${head ?? `${id}: exception from`} ${placeOfTarget(target)}`.trim();
}

/** Undefined once it is no longer about that. */
function headFor(exception: Exception, topic: ExceptionTopic): string | undefined {
  const { id, state } = exception;
  if (topic === 'overdrawn') return `${id} is no longer an exception: more was asked for of`;
  if (topic === 'outcome' || topic === 'over') return `${id} ${OUTCOMES[state]}: exception from`;
  if (state === 'requested') return requestHead(id, topic);
  if (state !== 'active') return undefined;
  if (topic === 'review') return questionOf(exception);
  if (topic === 'owned') return `You answer for ${id}: exception from`;
  return topic === 'ending' ? `${id} ends soon: exception from` : undefined;
}

function requestHead(id: string, topic: ExceptionTopic): string | undefined {
  if (topic === 'ask') return `Grant ${id}? Exception from`;
  if (topic === 'remind') return `Reminder: grant ${id}? Exception from`;
  return topic === 'unanswered' ? `Nobody decides ${id}: exception from` : undefined;
}

function questionOf({ id, reviews }: Exception): string | undefined {
  if (reviews.askedAt === undefined) return undefined;
  return `${reviews.missed === 0 ? '' : 'Review missed. '}Is ${id} still needed? Exception from`;
}

const OUTCOMES: Readonly<Record<Exception['state'], string>> = {
  requested: 'is asked for',
  withdrawn: 'was withdrawn',
  active: 'is granted',
  rejected: 'was refused',
  suspended: 'is suspended',
  revoked: 'was revoked',
  closed: 'was closed',
  expired: 'has ended',
};
