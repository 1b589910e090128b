import { type Exception, type ExceptionVote, expiryOf } from '../services/domain/exception.ts';
import {
  type CardElement,
  type Container,
  type Fact,
  type FactSet,
  fact,
  line,
  row,
  section,
  sectionHead,
  timed,
  timedFact,
  words,
} from './card.ts';
import { coversWords, hiddenWords, lastDayFact, OUTSIDE_BUDGET, partyName, renewalWords } from './exception-names.ts';
import { REASON_CLASS_WORDS } from './exception-words.ts';
import { counted, listOf, nameOf, personName, plural, type Viewer, voterName } from './names.ts';
import { localTime } from './show-time.ts';
import { plain, run } from './text.ts';
import { shortPrint } from './triage-words.ts';

const TEXT_SHOWN = 600;
const TICKET_SHOWN = 200;
const COMMENT_SHOWN = 200;
const PEOPLE_SHOWN = 5;
const VOTES_SHOWN = 6;
const FINGERPRINTS_SHOWN = 3;
const CADENCE_MAX = 40;

/** What was asked for and granted; what we know ourselves stands first. */
export function exceptionFacts(exception: Exception, viewer?: Viewer): FactSet {
  const { target, terms, asks, renewal, baseline } = exception;
  const facts: Fact[] = [
    fact('Control', nameOf(target.control)),
    fact('Service', `${nameOf(target.service)} in ${nameOf(target.environment)}`),
    fact('Last day', lastDayFact(terms.until)),
    fact('Covers', coversWords(target)),
    hidesFact(exception),
    fact('Owner', partyName(terms.owner, viewer, exception)),
    fact('Granted by', `${partyName(asks.approvers, viewer, exception)} (${counted(asks.quorum, 'approval')})`),
    fact('Reviewed', reviewed(exception)),
    ...nextReviewFact(exception),
    fact('Renewals', renewalWords(renewal.number, renewal.of, renewal.renews ?? renewal.follows)),
    ...(baseline === true ? [fact('Budget', OUTSIDE_BUDGET)] : []),
  ];
  return { type: 'FactSet', id: 'facts', spacing: 'medium', facts };
}

function hidesFact({ hides, severity }: Exception): Fact {
  const what = hiddenWords(hides.count, severity);
  return timedFact('Hides', `${what} (counted on ${localTime(hides.at)})`);
}

function reviewed({ terms }: Exception): string {
  const { everyDays, cadence } = terms.review;
  const days = `every ${counted(everyDays, 'day')}`;
  return cadence === undefined ? days : `${plain(cadence, CADENCE_MAX)} (${days})`;
}

function nextReviewFact({ state, reviews, terms }: Exception): Fact[] {
  const { nextAt, askedAt } = reviews;
  if (state !== 'active' || askedAt !== undefined || nextAt === undefined || nextAt >= expiryOf(terms)) return [];
  return [timedFact('Next review', localTime(nextAt))];
}

/** Why it exists, and what protects meanwhile. */
export function exceptionReasons({ terms, target }: Exception): Container {
  const { reasonClass, reason, mitigation, ticket } = terms;
  const all = (target.fingerprints ?? []).map(shortPrint);
  return section('findings', [
    sectionHead('Why'),
    row(`Kind of reason: ${REASON_CLASS_WORDS[reasonClass]}`),
    line(words('“'), run(reason, TEXT_SHOWN), words('”')),
    ...(mitigation === undefined ? [] : [line(words('Protected meanwhile by: '), run(mitigation, TEXT_SHOWN))]),
    ...(ticket === undefined ? [] : [line(words('Ticket: '), run(ticket, TICKET_SHOWN))]),
    ...(all.length === 0
      ? []
      : [row(`${plural(all.length, 'Finding', 'Findings')}: ${listOf(all, FINGERPRINTS_SHOWN)}`, { isSubtle: true })]),
  ]);
}

/** Who asked, who decided, what its owner said, and how it ended. */
export function exceptionHistory(exception: Exception, viewer?: Viewer): Container {
  const { askers, votes, reviews, end, grantedAt } = exception;
  const [first, ...joined] = askers;
  const names = [...new Set(joined.map(({ by }) => personName(by, viewer)))];
  const more = votes.length - VOTES_SHOWN;
  return section('history', [
    timed(`Asked for by ${personName(first.by, viewer)} on ${localTime(first.at)}`),
    ...(names.length === 0 ? [] : [timed(`Joined by ${listOf(names, PEOPLE_SHOWN)}`)]),
    ...votes.slice(0, VOTES_SHOWN).flatMap((vote) => voteLines(vote, viewer)),
    ...(more > 0 ? [line(words(`and ${more} more ${plural(more, 'approval')}`, { isSubtle: true }))] : []),
    ...(grantedAt === undefined ? [] : [timed(`In force since ${localTime(grantedAt)}`)]),
    ...(reviews.last === undefined ? [] : answerLines(reviews.last, viewer)),
    ...(end === undefined ? [] : endLines(exception, end, viewer)),
  ]);
}

function voteLines(vote: ExceptionVote, viewer: Viewer | undefined): CardElement[] {
  return [timed(`Approved by ${voterName(vote, viewer)} on ${localTime(vote.at)}`), ...quote(vote.comment)];
}

function quote(text: string): CardElement[] {
  return text.trim() === '' ? [] : [line(words('“'), run(text, COMMENT_SHOWN), words('”'))];
}

const ANSWER_WORDS = {
  keep: 'Kept',
  shrink: 'Shrunk',
  close: 'Closed',
  renew: 'Renewed',
  handover: 'Handed over',
  snooze: 'Put off',
} as const;

function answerLines(last: NonNullable<Exception['reviews']['last']>, viewer: Viewer | undefined): CardElement[] {
  const said = timed(`${ANSWER_WORDS[last.answer]} by ${personName(last.by, viewer)} on ${localTime(last.at)}`);
  return last.answer === 'handover' ? [said] : [said, ...quote(last.why)];
}

const END_WORDS: Readonly<Partial<Record<Exception['state'], string>>> = {
  suspended: 'Suspended',
  rejected: 'Refused',
  withdrawn: 'Withdrawn',
  revoked: 'Revoked',
  closed: 'Closed',
};

function endLines(
  { state, renewal }: Exception,
  end: NonNullable<Exception['end']>,
  viewer: Viewer | undefined,
): CardElement[] {
  const by = end.by === undefined ? '' : ` by ${personName(end.by, viewer)}`;
  const said = `${END_WORDS[state] ?? 'Ended'}${by} on ${localTime(end.at)}`;
  // What nobody wrote is no quotation.
  if (end.by === undefined || renewal.renewedBy !== undefined)
    return [timed(`${said}: ${plain(end.why, COMMENT_SHOWN)}`)];
  return [timed(said), ...quote(end.why)];
}
