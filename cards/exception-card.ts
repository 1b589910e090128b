import type { IAdaptiveCard } from 'adaptivecards';
import { type Exception, expiryOf, isOver } from '../services/domain/exception.ts';
import type { ExceptionStanding } from '../services/domain/exception-standing.ts';
import type { ExceptionTopic } from '../services/domain/exception-topics.ts';
import type { Gate } from '../services/domain/gate.ts';
import { banner, type CardElement, card, timed, title } from './card.ts';
import { cardText } from './card-text.ts';
import {
  mayDecide,
  mayReview,
  otherButtons,
  type Reader,
  readerOf,
  viewExceptionButton,
  wordElements,
} from './exception-actions.ts';
import { exceptionFacts, exceptionHistory, exceptionReasons } from './exception-facts.ts';
import { exceptionBanner, exceptionStateOf, exceptionTitle } from './exception-state.ts';
import { present } from './gate-actions.ts';
import { plural, type Viewer } from './names.ts';
import { URGENT } from './nudge-words.ts';
import { runRows } from './run-again.ts';
import { inZone, withTimes } from './show-time.ts';
import { plain } from './text.ts';

const SPOKEN_MAX = 600;
const FALLBACK_MAX = 1_000;
const SUMMARY_MAX = 240;
const NOTE_MAX = 900;

/** What a card about an exception says beside its record. */
export interface AboutException {
  /** Why it is sent. */
  readonly topic?: ExceptionTopic;
  /** It could not wait until its reader is spoken to next. */
  readonly isUrgent?: boolean;
  /** Why nothing was done; plain text. */
  readonly note?: string;
  /** Requests that ended blocked by what it covers now. */
  readonly runAgain?: readonly Gate[];
  /** ISO-8601 UTC. */
  readonly now?: string;
  /** What the reader is to it; absent: as far as topic and record say. */
  readonly standing?: ExceptionStanding;
}

/** One exception, whatever its state, with the buttons that can serve this reader. */
export function exceptionCard(stored: Exception, viewer: Viewer, about: AboutException = {}): IAdaptiveCard {
  const { topic, isUrgent, note, runAgain = [], now } = about;
  const exception = asOf(stored, now);
  const reader = readerOf(exception, viewer, about);
  const again = runAgain.length === 0 ? [] : [againWords(exception, runAgain)];
  const said = isUrgent === true ? [`! ${URGENT}`, ...again] : again;
  const body: (CardElement | undefined)[] = [
    title(exceptionTitle(exception, topic)),
    exceptionBanner(exception, viewer, said),
    exceptionFacts(exception, viewer),
    ...runRows(runAgain),
    exceptionReasons(exception),
    exceptionHistory(exception, viewer),
    note === undefined ? undefined : banner('error', 'warning', [timed(`! ${plain(note, NOTE_MAX)}`)]),
    ...wordElements(exception, reader, now),
  ];
  const shown = card({
    body: body.filter((element) => element !== undefined),
    actions: present([...otherButtons(exception, reader), viewButton(exception, reader)]),
    fallbackText: plain(`${spokenOf(exception, viewer, topic)} ${commandsOf(exception, reader)}`, FALLBACK_MAX),
    speak: spokenOf(exception, viewer, topic),
  });
  return inZone(shown, viewer.zone);
}

/** Its time may be over before anybody has noted it. */
function asOf(exception: Exception, now: string | undefined): Exception {
  const isPast = now !== undefined && !isOver(exception.state) && now >= expiryOf(exception.terms);
  return isPast ? { ...exception, state: 'expired' } : exception;
}

/** The card, and the same in plain text with what can be typed instead of clicked. */
export function exceptionAnswer(exception: Exception, viewer: Viewer, about: AboutException = {}) {
  const shown = exceptionCard(exception, viewer, about);
  const ways = commandsOf(asOf(exception, about.now), readerOf(exception, viewer, about));
  return { text: cardText(shown, [ways], viewer.zone), card: shown };
}

/** A message about an exception as it is sent. */
interface NewsShown {
  readonly exception: Exception;
  readonly topic: ExceptionTopic;
  readonly audience: { readonly kind: 'person'; readonly oid: string } | { readonly kind: 'channel' };
  readonly runAgain?: readonly Gate[];
  readonly isUrgent?: boolean;
}

/** For one person what their part in it lets them do; for a channel how it stands. */
export function exceptionNewsCard(news: NewsShown, zone?: string): IAdaptiveCard {
  const { exception, topic, audience, runAgain = [], isUrgent = false } = news;
  const oid = audience.kind === 'person' ? { oid: audience.oid } : {};
  return exceptionCard(exception, { ...oid, ...(zone === undefined ? {} : { zone }) }, { topic, runAgain, isUrgent });
}

/** One line for notifications. Plain text. */
export function exceptionSummary({ exception, topic, runAgain = [] }: NewsShown): string {
  const again = runAgain.length === 0 ? '' : ': run the stage again';
  return plain(`${exceptionTitle(exception, topic)}${again}`, SUMMARY_MAX);
}

function spokenOf(exception: Exception, viewer: Viewer, topic: ExceptionTopic | undefined): string {
  const { headline, next } = exceptionStateOf(exception, viewer);
  return plain(withTimes(`${exceptionTitle(exception, topic)}. ${headline}. ${next}`, viewer.zone), SPOKEN_MAX);
}

function againWords({ id }: Exception, gates: readonly Gate[]): string {
  return `${id} is granted: run the ${plural(gates.length, 'stage')} again.`;
}

function viewButton(exception: Exception, { isGuessed }: Reader) {
  return viewExceptionButton(exception, 'refresh', isGuessed && !isOver(exception.state) ? 'Show my view' : 'Refresh');
}

/** What can be typed instead of clicking. */
function commandsOf(exception: Exception, reader: Reader): string {
  const { id, state } = exception;
  const ways = [
    ...(mayDecide(exception, reader) ? [`"grant ${id}"`, `"refuse ${id}" and why`] : []),
    ...(state === 'requested' && reader.asker ? [`"withdraw ${id}"`] : []),
    ...(mayReview(exception, reader)
      ? [`"review ${id} keep", "shrink" or "close" and why`, `"renew ${id} until" a day`]
      : []),
  ];
  const shows = `"exception ${id}" for the details`;
  return `Type ${[...ways, shows].join(', or ')}.`;
}
