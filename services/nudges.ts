import { dateIn } from './domain/calendar.ts';
import { plusMinutes, plusSeconds } from './domain/instant.ts';
import {
  CLAIM_MINUTES,
  isOver,
  type Nudge,
  type NudgeRecord,
  type NudgeRules,
  type NudgeWay,
  type WaitingNudge,
  wayOf,
} from './domain/nudge.ts';
import {
  confirmed,
  held,
  listed,
  nextLook,
  noNudges,
  type Release,
  releaseOf,
  said,
  settled,
  toldInDigest,
  unsaid,
  type Written,
  wasSaid,
  written,
} from './domain/nudge-record.ts';
import type { Clock } from './ports/clock.ts';
import type { DueIndex } from './ports/due-index.ts';
import {
  type Conversation,
  type Conversations,
  type Notifier,
  type NudgeNews,
  nameOf,
  recipientNamed,
  type Sent,
} from './ports/notifier.ts';
import type { NudgeRecords, StoredNudges } from './ports/nudge-store.ts';
import type { Nudged, NudgedReader, Nudges } from './ports/nudges.ts';
import { turns } from './ports/one-at-a-time.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly due: Pick<DueIndex, 'remind'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell' | 'retell'>;
  readonly nudgeRecords: NudgeRecords;
  readonly failed: (reader: string, code: string) => void;
}

/** Each lost race means that another process has just written the same record. */
const TRIES = 8;
const SOON_SECONDS = 60;

/**
 * Tells people again of what they know, by one policy (domain/nudge.ts): in working hours, not again and again, not too often
 * a day, what falls together in one message, and nothing that is decided. Any number of processes may do so at once: each
 * message is claimed first.
 */
export function createNudges(needs: Needs): Nudges & {
  /** Says what waits for this reader and may be said now. Rejects when it must be tried again. */
  readonly lookAt: (reader: string) => Promise<void>;
} {
  const inTurn = turns();
  return {
    say: ({ recipient, conversation }, nudge, send, besides = []) => {
      const reader = nameOf(recipient);
      return inTurn(reader, () => say(needs, { reader, conversation, nudge, besides }, send));
    },
    toldInDigest: (recipient, nudges) => {
      const reader = nameOf(recipient);
      const now = needs.clock.now();
      return inTurn(reader, () => change(needs, reader, (record) => toldInDigest(record, nudges, now)));
    },
    said: (reader, nudge) => inTurn(nameOf(reader.recipient), () => noteSaid(needs, reader, nudge)),
    wasSaid: async (recipient, nudge, at) => {
      const reader = nameOf(recipient);
      return wasSaid((await needs.nudgeRecords.of(reader))?.record ?? noNudges(reader), nudge, at);
    },
    settled: async (about, isSettled) => {
      for (const { record } of await needs.nudgeRecords.all()) {
        const reader = recipientNamed(record.reader);
        const isGone = (nudge: Nudge) => nudge.about === about && isSettled(nudge, reader);
        if (settled(record, isGone) !== undefined)
          await inTurn(record.reader, () => change(needs, record.reader, (now) => settled(now, isGone)));
      }
    },
    lookAt: (reader) => inTurn(reader, () => lookAt(needs, reader)),
  };
}

interface Saying {
  readonly reader: string;
  readonly conversation: Conversation;
  readonly nudge: Nudge;
  readonly besides: readonly Nudge[];
}

async function say(needs: Needs, saying: Saying, send: (isUrgent: boolean) => Promise<Sent>): Promise<Nudged> {
  const rules = rulesFor(await needs.policy.current(), saying.nudge, saying.conversation);
  // Without a contract nobody knows when not to speak.
  if (rules === undefined) return send(false);
  for (let n = 0; n < TRIES; n += 1) {
    const now = needs.clock.now();
    const way = await claim(needs, saying, rules, now);
    if (way?.kind === 'done' || way?.kind === 'hold') return { kind: 'kept' };
    if (way?.kind === 'busy') return { kind: 'unavailable', retryAfter: secondsUntil(way.until, now) };
    if (way !== undefined)
      return sendClaimed(needs, saying, { date: dateIn(rules.calendar, now), at: now }, () => send(way.isUrgent));
  }
  return { kind: 'unavailable', retryAfter: SOON_SECONDS };
}

/** Written down before anything is sent, or that it waits; undefined: somebody else was first. */
async function claim(
  needs: Needs,
  { reader, nudge, besides }: Saying,
  rules: NudgeRules,
  now: string,
): Promise<NudgeWay | undefined> {
  const stored = await needs.nudgeRecords.of(reader);
  const record = stored?.record ?? noNudges(reader);
  const way = wayOf(record, nudge, rules, now);
  if (way.kind === 'done' || way.kind === 'busy') return way;
  const date = dateIn(rules.calendar, now);
  const next =
    way.kind === 'hold'
      ? held(record, waitingFor(nudge, way), date)
      : said(record, [nudge, ...besides], { at: now, date, isSure: false });
  return (await put(needs, next, stored, now)) === undefined ? undefined : way;
}

function waitingFor(nudge: Nudge, { until, isHeldBack }: NudgeWay & { kind: 'hold' }): WaitingNudge {
  return { ...nudge, until, ...(isHeldBack ? { isHeldBack } : {}) };
}

async function sendClaimed(
  needs: Needs,
  { reader, conversation, nudge, besides }: Saying,
  now: Pick<Written, 'date' | 'at'>,
  send: () => Promise<Sent>,
): Promise<Sent> {
  const sent = await send();
  const nudges = [nudge, ...besides];
  if (sent.kind !== 'sent') {
    await change(needs, reader, (record) => unsaid(record, nudges, now.date));
  } else if (nudge.kind === 'approval') {
    // Nobody else notes to whom it was sent, and its item may be tried again for others.
    const place = { ...now, conversation: conversation.id, activityId: sent.activityId };
    await change(needs, reader, (record) => confirmed(record, nudges, place));
  }
  return sent;
}

async function noteSaid(needs: Needs, { recipient, conversation }: NudgedReader, nudge: Nudge): Promise<void> {
  const rules = rulesFor(await needs.policy.current(), nudge, conversation);
  if (rules === undefined) return;
  const at = needs.clock.now();
  const now = { at, date: dateIn(rules.calendar, at), isSure: true };
  await change(needs, nameOf(recipient), (record) => said(record, [nudge], now));
}

/** Written by its ETag, on top of whatever others have written meanwhile; undefined: nothing is to be written. */
async function change(
  needs: Needs,
  reader: string,
  how: (record: NudgeRecord) => NudgeRecord | undefined,
): Promise<void> {
  for (let n = 0; n < TRIES; n += 1) {
    const stored = await needs.nudgeRecords.of(reader);
    const next = how(stored?.record ?? noNudges(reader));
    if (next === undefined || (await put(needs, next, stored, needs.clock.now())) !== undefined) return;
  }
  throw new Error(`the nudges of ${reader} changed again and again while they were written`);
}

/** The hint for what waits is written first (storage.md rule 2), unless it is there already. */
async function put(
  { due, nudgeRecords }: Needs,
  record: NudgeRecord,
  before: StoredNudges | undefined,
  now: string,
): Promise<StoredNudges | undefined> {
  const { lookAt: hinted, ...rest } = record;
  const next = nextLook(record, now);
  if (next === undefined) return nudgeRecords.put(rest, before);
  const isHinted = hinted !== undefined && now < hinted && hinted <= next;
  if (!isHinted) await due.remind({ kind: 'nudge', reader: record.reader }, next);
  return nudgeRecords.put({ ...rest, lookAt: isHinted ? hinted : next }, before);
}

async function lookAt(needs: Needs, reader: string): Promise<void> {
  const stored = await needs.nudgeRecords.of(reader);
  if (stored === undefined) return;
  const { record } = stored;
  const now = needs.clock.now();
  const claimedUntil = record.claim === undefined ? now : plusMinutes(record.claim, CLAIM_MINUTES);
  if (now < claimedUntil) return needs.due.remind({ kind: 'nudge', reader }, claimedUntil);
  const conversation = await needs.conversations.find(recipientNamed(reader));
  const rules = rulesFor(await needs.policy.current(), record.waiting[0] ?? record.card?.nudges[0], conversation);
  const release = rules === undefined ? undefined : releaseOf(record, rules, now);
  // Whoever is not there now, or while there is no contract: what waits stays as long as it is worth saying.
  if (conversation === undefined || rules === undefined || release === undefined)
    return record.waiting.every((one) => isOver(one, now))
      ? undefined
      : needs.due.remind({ kind: 'nudge', reader }, plusSeconds(now, 60 * SOON_SECONDS));
  const next = release.kind === 'wait' ? release.record : { ...record, claim: now };
  const claimed = await put(needs, next, stored, now);
  if (claimed === undefined) throw new Error(`the nudges of ${reader} changed while they were looked at`);
  if (release.kind !== 'wait') await write(needs, claimed.record, conversation, { rules, release, now });
}

interface Writing {
  readonly rules: NudgeRules;
  readonly release: Exclude<Release, { kind: 'wait' }>;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** Posts the card, or writes the one that stands anew; noted afterwards. */
async function write(needs: Needs, record: NudgeRecord, to: Conversation, { rules, release, now }: Writing) {
  const date = dateIn(rules.calendar, now);
  const shown = listed(record, release, date);
  const { sent, kind } = await sendCard(needs, record, to, release, shown);
  if (sent.kind === 'sent') {
    const place: Written = { date, conversation: to.id, activityId: sent.activityId, at: now };
    return change(needs, record.reader, (latest) => written(latest, { ...release, kind }, shown, place));
  }
  if (sent.kind === 'gone' || sent.kind === 'refused') await needs.conversations.forget(recipientNamed(record.reader));
  if (sent.kind === 'failed') needs.failed(record.reader, sent.code);
  const wait = sent.kind === 'unavailable' ? (sent.retryAfter ?? SOON_SECONDS) : 60 * SOON_SECONDS;
  await needs.due.remind({ kind: 'nudge', reader: record.reader }, plusSeconds(now, wait));
  await change(needs, record.reader, ({ claim: _, ...rest }) => rest);
}

/** A card that is gone is posted anew with what is new; the one before a new card says that it goes on there. */
async function sendCard(
  { notifier }: Needs,
  { reader, card }: NudgeRecord,
  to: Conversation,
  { kind, isUrgent, fresh }: Writing['release'],
  nudges: readonly Nudge[],
): Promise<{ readonly sent: Sent; readonly kind: 'post' | 'edit' }> {
  const audience = recipientNamed(reader);
  const settledSoFar = kind === 'edit' ? (card?.settled ?? 0) : 0;
  const news: NudgeNews = { nudges, settled: settledSoFar, audience, ...(isUrgent ? { isUrgent } : {}) };
  const isThere = card !== undefined && card.conversation === to.id;
  if (kind === 'edit' && isThere) {
    const sent = await notifier.retell(to, card.activityId, news);
    if (sent.kind !== 'gone') return { sent, kind };
    // Whoever has deleted it does not need to see that something on it is decided.
    if (fresh.length === 0) return { sent: { kind: 'sent', activityId: card.activityId }, kind };
  }
  const sent = await notifier.tell(to, news);
  if (sent.kind === 'sent' && kind === 'post' && isThere)
    await notifier.retell(to, card.activityId, { nudges: [], settled: card.settled, audience, isContinued: true });
  return { sent, kind: 'post' };
}

/** In the calendar of the service that it is about, in the reader's own zone where Teams told it. */
function rulesFor(
  { contract, catalog }: PolicySnapshot,
  nudge: Pick<Nudge, 'services'> | undefined,
  to: Conversation | undefined,
): NudgeRules | undefined {
  if (contract === undefined) return undefined;
  const [service = ''] = nudge?.services ?? [];
  const calendar = catalog.services.get(service)?.calendar ?? contract.calendar;
  const { quiet, capPerDay } = contract.digest;
  return { calendar: to?.zone === undefined ? calendar : { ...calendar, timezone: to.zone }, quiet, capPerDay };
}

function secondsUntil(until: string, now: string): number {
  return Math.ceil((Date.parse(until) - Date.parse(now)) / 1_000);
}
