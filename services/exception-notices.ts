import type { Calendar } from './domain/contract.ts';
import { type Exception, isOver } from './domain/exception.ts';
import { reached } from './domain/exception-contact.ts';
import { nextLookAt } from './domain/exception-schedule.ts';
import { type ExceptionTopic, lookOf, topicsOf } from './domain/exception-topics.ts';
import { type Gate, isSettled } from './domain/gate.ts';
import { plusSeconds } from './domain/instant.ts';
import { aboutException, exceptionNudge, mayBeNudge } from './domain/nudge-about.ts';
import { isLetThrough } from './domain/seal.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import type { Detour } from './ports/detour.ts';
import type { Directory } from './ports/directory.ts';
import { recipientsOf, requestersOf } from './ports/exception-audience.ts';
import type { ExceptionCard, ExceptionStore, StoredException } from './ports/exception-store.ts';
import type { GateStore } from './ports/gate-store.ts';
import {
  type Conversation,
  type Conversations,
  distinct,
  type ExceptionNews,
  lossIn,
  type Notifier,
  nameOf,
  type Recipient,
  reach,
  recipientNamed,
  type Sent,
} from './ports/notifier.ts';
import type { Nudged, Nudges } from './ports/nudges.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly gates: Pick<GateStore, 'locate'>;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly nudges: Nudges;
  readonly exceptions: ExceptionStore;
  /** Who gets a message that reaches nobody of those it is for. */
  readonly detourOf: (exception: Exception, lost: readonly Recipient[]) => Promise<Detour | undefined>;
  readonly failed: (id: string, recipient: string, code: string) => void;
}

/**
 * Brings every message about an exception in line with its record, and sends those that it calls for. Works from the record
 * alone, so that a pass that dies is made again. Rejects when store, directory or policy do not answer.
 */
export function createExceptionNotices(needs: Needs) {
  return async (stored: StoredException): Promise<void> => {
    const policy = await needs.policy.current();
    const { exception } = stored;
    const runAgain = await endedGates(needs, exception);
    const wanted = stored.showing === undefined ? [] : await wantedCards(needs, stored, policy, runAgain);
    const ended = await endNudges(needs, stored);
    const direct = await Promise.all(wanted.map((card) => bringInLine(needs, { exception, runAgain }, card)));
    const sent =
      stored.showing === undefined ? direct : [...direct, ...(await goAround(needs, stored, runAgain, direct))];
    const waits = sent.flatMap(({ retryAfter }) => (retryAfter === undefined ? [] : [retryAfter]));
    const calendar = policy.catalog.services.get(exception.target.service)?.calendar ?? policy.contract?.calendar;
    const shown = sent.flatMap(({ card }) => (card === undefined ? [] : [card]));
    const isUnnoted = waits.length === 0 && isReachUnnoted(needs, stored, shown);
    const lookAt = lookTime(needs, exception, calendar, isUnnoted);
    const retryAt = waits.length === 0 ? undefined : retryTime(needs, stored, Math.max(...waits));
    await needs.exceptions.shown(stored, {
      cards: [...ended, ...shown],
      ...(retryAt === undefined ? {} : { retryAt }),
      ...(lookAt === undefined ? {} : { lookAt }),
    });
  };
}

const WITHOUT_CALENDAR_SECONDS = 3_600;

/** Without a contract nothing is noted: it is looked at again until there is one. */
function lookTime({ clock }: Needs, exception: Exception, calendar: Calendar | undefined, isUnnoted: boolean) {
  if (calendar === undefined)
    return isOver(exception.state) ? undefined : plusSeconds(clock.now(), WITHOUT_CALENDAR_SECONDS);
  return isUnnoted ? clock.now() : nextLookAt(exception, calendar);
}

/** Whom the question reaches is known now, and otherwise than the record says: the next look notes it. */
function isReachUnnoted({ clock }: Needs, { exception, cards }: StoredException, shown: readonly ExceptionCard[]) {
  const all = new Map([...cards, ...shown].map((card) => [keyOf(card), card]));
  return reached(exception, [...all.values()], clock.now()) !== undefined;
}

const FIRST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 600;

function retryTime({ clock }: Needs, { showing }: StoredException, asked: number): string {
  const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** (showing?.attempts ?? 0), LONGEST_WAIT_SECONDS);
  return plusSeconds(clock.now(), Math.max(wait, Math.min(asked, 3_600)));
}

/** Those that were sent and look otherwise by now, and those that are still to be sent. */
async function wantedCards(
  needs: Needs,
  stored: StoredException,
  policy: PolicySnapshot,
  runAgain: readonly Gate[],
): Promise<ExceptionCard[]> {
  const { exception, cards } = stored;
  const known = new Set(cards.map(keyOf));
  const topics = topicsOf(exception);
  const fresh: ExceptionCard[] = [];
  for (const topic of topics) {
    const deployers = topic.topic === 'outcome' ? await requestersOf(needs, runAgain) : [];
    for (const recipient of distinct([...(await recipientsOf(needs, exception, topic, policy)), ...deployers])) {
      const card = { topic: topic.key, recipient: nameOf(recipient), conversation: '', activityId: '', shows: '' };
      if (!known.has(keyOf(card))) fresh.push(card);
    }
  }
  const current = new Set(topics.map(({ key }) => key));
  // Somebody who never saw a message that nothing calls for any more is spared it.
  const outdated = cards.filter(
    (card) =>
      card.shows !== lookOf(exception, card.topic) &&
      (card.activityId !== '' || (current.has(card.topic) && !isKept(card))),
  );
  return [...outdated, ...fresh];
}

function topicOf({ topic }: Pick<ExceptionCard, 'topic'>): ExceptionTopic {
  return topic.split(' ')[0] as ExceptionTopic;
}

/** A nudge without a message of its own: it waits, or is one of a list. */
function isKept(card: ExceptionCard): boolean {
  return card.activityId === '' && card.conversation !== '' && mayBeNudge(topicOf(card));
}

/** What nothing calls for any more is not said, nor is whoever has voted asked once more; their cards as they are from now on. */
async function endNudges({ nudges }: Needs, { exception, cards }: StoredException): Promise<ExceptionCard[]> {
  const current = new Set(topicsOf(exception).map(({ key }) => key));
  const isEnded = (slot: string, reader: string) =>
    !current.has(slot) ||
    (slot === 'remind' && exception.votes.some(({ by }) => nameOf({ kind: 'person', oid: by.oid }) === reader));
  const ended = cards.filter((card) => isKept(card) && isEnded(card.topic, card.recipient));
  if (ended.length === 0) return [];
  await nudges.settled(aboutException(exception), ({ slot }, reader) => isEnded(slot, nameOf(reader)));
  return ended.map((card) => ({ ...card, conversation: '', shows: lookOf(exception, card.topic) }));
}

function keyOf({ topic, recipient }: ExceptionCard): string {
  return JSON.stringify([topic, recipient]);
}

/** Only what an exception opens the way for is worth running again. */
async function endedGates({ gates }: Needs, { state, askers }: Exception): Promise<Gate[]> {
  if (state !== 'active') return [];
  const ids = [...new Set(askers.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId])))];
  const found = await Promise.all(ids.map((id) => gates.locate(id)));
  return found.flatMap((stored) =>
    stored !== undefined && isSettled(stored.gate.state) && !isLetThrough(stored.gate) ? [stored.gate] : [],
  );
}

interface Brought {
  readonly card?: ExceptionCard;
  /** Seconds. */
  readonly retryAfter?: number;
}

const INSTEAD = ' instead';
/** When nobody can be asked, the control's owner hears of it (domain/exception-topics.ts). */
const ASKING: readonly ExceptionTopic[] = ['ask', 'remind'];

/** What reached nobody of those it is for goes to somebody else too, once; it stays due for them. */
async function goAround(
  needs: Needs,
  { exception, cards }: StoredException,
  runAgain: readonly Gate[],
  brought: readonly Brought[],
): Promise<Brought[]> {
  const all = new Map([...cards, ...brought.flatMap(({ card }) => card ?? [])].map((card) => [keyOf(card), card]));
  const around: Brought[] = [];
  for (const { topic, key } of topicsOf(exception)) {
    const meant = [...all.values()].filter((card) => card.topic === key);
    const isHeard = meant.some(({ conversation }) => conversation !== '');
    if (isHeard || ASKING.includes(topic)) continue;
    const detour = await needs.detourOf(
      exception,
      meant.map(({ recipient }) => recipientNamed(recipient)),
    );
    for (const recipient of detour?.to ?? []) {
      const card = { topic: key + INSTEAD, recipient: nameOf(recipient), conversation: '', activityId: '', shows: '' };
      if (!all.has(keyOf(card)))
        around.push(await bringInLine(needs, { exception, runAgain, instead: detour?.instead ?? [] }, card));
    }
  }
  return around;
}

/** What a message says beside its topic. */
type Said = Pick<ExceptionNews, 'exception' | 'runAgain' | 'instead'>;

async function bringInLine(needs: Needs, said: Said, card: ExceptionCard): Promise<Brought> {
  const { exception, runAgain = [], instead = [] } = said;
  const audience = recipientNamed(card.recipient);
  const to = await reach(needs.conversations, audience, exception);
  if (to === undefined) return { card: waiting(card) };
  const topic = topicOf(card);
  const news: ExceptionNews = {
    exception,
    topic,
    audience,
    ...(runAgain.length === 0 ? {} : { runAgain }),
    ...(instead.length === 0 ? {} : { instead }),
  };
  const shown = { ...card, conversation: to.id, shows: lookOf(exception, card.topic) };
  if (card.activityId !== '') {
    const again = await needs.notifier.retell(to, card.activityId, news);
    if (again.kind === 'refused') return parked(needs, exception, card, again.code);
    if (again.kind !== 'gone') return outcomeOf(needs, exception, shown, again);
  }
  const sent = await tell(needs, to, news, card);
  if (sent.kind === 'kept') return { card: shown };
  const loss = lossIn(sent);
  if (loss === undefined) return outcomeOf(needs, exception, shown, sent);
  return parked(needs, exception, { ...card, conversation: '', activityId: '' }, loss);
}

/** A message that was lost is sent anew as it was the first time. */
async function tell(
  { notifier, nudges }: Needs,
  conversation: Conversation,
  news: ExceptionNews,
  { topic: slot, activityId }: ExceptionCard,
): Promise<Nudged> {
  const { exception, topic, audience: recipient } = news;
  const nudge = activityId === '' ? exceptionNudge(exception, topic, slot) : undefined;
  if (nudge === undefined) return notifier.tell(conversation, news);
  return nudges.say({ recipient, conversation }, nudge, (isUrgent) =>
    notifier.tell(conversation, isUrgent ? { ...news, isUrgent } : news),
  );
}

async function parked(
  { conversations }: Needs,
  { org, id }: Exception,
  card: ExceptionCard,
  loss: string,
): Promise<Brought> {
  const audience = recipientNamed(card.recipient);
  await conversations.forget(audience, loss);
  await conversations.park(audience, { org, id });
  return { card: waiting(card) };
}

/** Of somebody without a conversation: whatever they do next sends it, or brings what they have up to date. */
function waiting(card: ExceptionCard): ExceptionCard {
  return { ...card, shows: '' };
}

function outcomeOf(needs: Needs, exception: Exception, card: ExceptionCard, sent: Sent): Brought {
  if (sent.kind === 'sent') return { card: { ...card, activityId: sent.activityId } };
  if (sent.kind === 'unavailable') return { retryAfter: sent.retryAfter ?? 0 };
  const code = 'code' in sent ? sent.code : sent.kind;
  needs.failed(exception.id, card.recipient, code);
  // The same again would be refused again: it counts as shown, and the log has it.
  return sent.kind === 'failed' && !sent.isFinal ? { retryAfter: 0 } : { card };
}
