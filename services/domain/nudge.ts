import { dateIn } from './calendar.ts';
import type { Calendar, DigestPolicy } from './contract.ts';
import { nextSlotAt, openSlot } from './digest-schedule.ts';
import { plusMinutes } from './instant.ts';

/** Why somebody is told again of what they know: nobody has decided, or answered, it ends soon, or there is more of it. */
export type NudgeKind = 'approval' | 'exception' | 'review' | 'ending' | 'trends' | 'audit' | 'drift';

/** One thing that one reader is told of again, as far as a line about it needs to know. All instants here are ISO-8601 UTC. */
export interface Nudge {
  readonly kind: NudgeKind;
  /** What it is about, by kind and id: what is decided there ends it. */
  readonly about: string;
  /** Which one about it; each is said once. */
  readonly slot: string;
  /** Of the request, the exception or the review. */
  readonly id: string;
  readonly services: readonly string[];
  readonly environment?: string;
  /** Name of the run, or of the control. */
  readonly name?: string;
  /** After that nothing is left to do about it. */
  readonly deadline?: string;
  /** When the exception is suspended if its review is not answered. */
  readonly suspendedAt?: string;
}

/** One that is to be said later. */
export interface WaitingNudge extends Nudge {
  readonly until: string;
  /** The reader had as many messages that day as the contract allows: the next digest says it, if there is one before `until`. */
  readonly isHeldBack?: boolean;
}

/** One that was said. */
interface SaidNudge {
  readonly about: string;
  readonly slot: string;
  readonly at: string;
  /** It is known to have been sent; else the process may have died before it was. */
  readonly isSure: boolean;
}

/** The last message that can list several, though it may have begun with one; later ones are written into it. */
export interface NudgeCard {
  /** ISO date where its reader is. */
  readonly date: string;
  readonly conversation: string;
  readonly activityId: string;
  readonly nudges: readonly Nudge[];
  /** How many that it listed are decided by now. */
  readonly settled: number;
  /** When it was last written. */
  readonly shownAt: string;
  /** Something that it lists is decided. */
  readonly isStale: boolean;
}

/** What one person or channel was told again, and is still to be. */
export interface NudgeRecord {
  /** `user:oid` or `channel:…`. */
  readonly reader: string;
  /** Of the last days where they are: messages, and what was held back. */
  readonly days: readonly NudgeDay[];
  readonly said: readonly SaidNudge[];
  readonly waiting: readonly WaitingNudge[];
  /** When the last message came that made a sound. */
  readonly saidAt?: string;
  readonly card?: NudgeCard;
  /** Since when a process is writing the card, or died there. */
  readonly claim?: string;
  /** A hint for this instant is written. */
  readonly lookAt?: string;
}

export interface NudgeDay {
  /** ISO date. */
  readonly date: string;
  readonly said: number;
  readonly heldBack: number;
}

/** When and how often a reader may be spoken to. */
export interface NudgeRules {
  readonly calendar: Calendar;
  readonly quiet: DigestPolicy['quiet'];
  readonly capPerDay: number;
}

export type NudgeWay =
  /** Urgent: its deadline comes before the time at which it would be said else. */
  | { readonly kind: 'send'; readonly isUrgent: boolean }
  | { readonly kind: 'hold'; readonly until: string; readonly isHeldBack: boolean }
  /** It was said, or waits already, or there is nothing left to do. */
  | { readonly kind: 'done' }
  /** Another process says it at this moment, or died there. */
  | { readonly kind: 'busy'; readonly until: string };

/** What is claimed longer belongs to a process that died: a message twice is better than none. */
export const CLAIM_MINUTES = 10;
/** What comes so soon after a message, or after the card was written, waits to be written into the card with others. */
export const JOIN_MINUTES = 5;
/** A reader hears at most one message about a single thing and one card in so long; what comes further is written into the card. */
export const PAUSE_MINUTES = 60;
const LONGEST_PAUSE_MINUTES = 1_440;
/** What was held back is left to the next digest for so long after that is due. */
const DIGEST_FIRST_MINUTES = 60;

/** What becomes of a nudge that is due now. */
export function wayOf(record: NudgeRecord, nudge: Nudge, rules: NudgeRules, now: string): NudgeWay {
  if (isOver(nudge, now) || record.waiting.some((one) => isSame(one, nudge))) return { kind: 'done' };
  const said = record.said.findLast((one) => isSame(one, nudge));
  if (said?.isSure === true) return { kind: 'done' };
  const claimedUntil = said === undefined ? now : plusMinutes(said.at, CLAIM_MINUTES);
  if (now < claimedUntil) return { kind: 'busy', until: claimedUntil };
  const held = heldUntil(record, nudge, rules, now);
  if (held === undefined) return { kind: 'send', isUrgent: false };
  return isUrgent(nudge, held.until) ? { kind: 'send', isUrgent: true } : { kind: 'hold', ...held };
}

function heldUntil(record: NudgeRecord, nudge: Nudge, rules: NudgeRules, now: string) {
  const isLate = isSpokenToLately(record, now);
  const joins = isLate ? [plusMinutes(lastShown(record), JOIN_MINUTES)] : [];
  // What still waits there is said again with it, and there is one message to look at.
  const hasList = nudge.kind === 'approval' && isOfToday(record.card, rules, now) && record.card.nudges.length > 0;
  const from = [pauseEnd(record, nudge), ...joins].reduce(later, now);
  const until = openFrom(rules, from);
  // Whoever heard something a moment ago is not disturbed again: it is written into the card.
  if (until > now || isLate || hasList) return { until, isHeldBack: false };
  return isFull(record, rules, now) ? { until: afterDigest(rules, now), isHeldBack: true } : undefined;
}

/** Each pause after a message about the same is twice as long as the one before, up to a day. */
function pauseEnd({ said }: NudgeRecord, { about, slot }: Nudge): string {
  const before = said.filter((one) => one.about === about && one.slot !== slot);
  const last = before.map(({ at }) => at).reduce(later, '');
  const minutes = Math.min(PAUSE_MINUTES * 2 ** (before.length - 1), LONGEST_PAUSE_MINUTES);
  return before.length === 0 ? '' : plusMinutes(last, minutes);
}

export function isSpokenToLately({ saidAt }: NudgeRecord, now: string): boolean {
  return saidAt !== undefined && now < plusMinutes(saidAt, PAUSE_MINUTES);
}

export function isOfToday(card: NudgeCard | undefined, { calendar }: NudgeRules, now: string): card is NudgeCard {
  return card?.date === dateIn(calendar, now);
}

function lastShown({ saidAt = '', card }: NudgeRecord): string {
  return later(saidAt, card?.shownAt ?? '');
}

/** The first instant from this one on at which its reader may be spoken to: in working hours, when it is not quiet. */
export function openFrom({ calendar, quiet }: NudgeRules, at: string): string {
  return openSlot(calendar, quiet, at) === undefined ? nextSlotAt(calendar, quiet, at) : at;
}

/** When what was held back is said after all, unless a digest says it before. */
export function afterDigest(rules: NudgeRules, now: string): string {
  return openFrom(rules, plusMinutes(nextSlotAt(rules.calendar, rules.quiet, now), DIGEST_FIRST_MINUTES));
}

/** Whether the reader had as many messages on their day as they may. */
export function isFull({ days }: NudgeRecord, { calendar, capPerDay }: NudgeRules, now: string): boolean {
  const today = dateIn(calendar, now);
  return (days.find(({ date }) => date === today)?.said ?? 0) >= capPerDay;
}

/** Whether it would be too late at this instant. */
export function isUrgent({ deadline }: Nudge, until: string): boolean {
  return deadline !== undefined && deadline <= until;
}

export function isOver({ deadline }: Nudge, now: string): boolean {
  return deadline !== undefined && deadline <= now;
}

export function isSame(a: Pick<Nudge, 'about' | 'slot'>, b: Pick<Nudge, 'about' | 'slot'>): boolean {
  return a.about === b.about && a.slot === b.slot;
}

export function later(a: string, b: string): string {
  return a > b ? a : b;
}
