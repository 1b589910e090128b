import { dateIn } from './calendar.ts';
import { earlier, plusDays, plusMinutes } from './instant.ts';
import {
  afterDigest,
  isFull,
  isOfToday,
  isOver,
  isSame,
  isSpokenToLately,
  isUrgent,
  type Nudge,
  type NudgeDay,
  type NudgeRecord,
  type NudgeRules,
  openFrom,
  PAUSE_MINUTES,
  type WaitingNudge,
} from './nudge.ts';

const KEPT_DAYS = 8;
const MOST_SAID = 600;
/** Characters of JSON that what waits, and what a card lists, may take in a row; whoever has more finds the others by asking. */
const MOST_LISTED = 200_000;
/** Decisions within so long of the first are taken out of the card together. */
const SETTLE_MINUTES = 1;

export function noNudges(reader: string): NudgeRecord {
  return { reader, days: [], said: [], waiting: [] };
}

/** It waits; of what was held back the day counts it. `date` is the reader's (ISO). */
export function held(record: NudgeRecord, nudge: WaitingNudge, date: string): NudgeRecord {
  const waiting = newestOf([...record.waiting.filter((one) => !isSame(one, nudge)), nudge]);
  return { ...counted(record, date, 0, nudge.isHeldBack === true ? 1 : 0), waiting };
}

/** These were said, or are about to be, in one message that makes a sound. */
export function said(
  record: NudgeRecord,
  nudges: readonly Nudge[],
  { at, date, isSure }: { readonly at: string; readonly date: string; readonly isSure: boolean },
): NudgeRecord {
  return { ...counted(noted(record, nudges, at, isSure), date, 1, 0), saidAt: at };
}

function noted(record: NudgeRecord, nudges: readonly Nudge[], at: string, isSure: boolean): NudgeRecord {
  const others = record.said.filter((one) => !nudges.some((nudge) => isSame(one, nudge)));
  const since = plusMinutes(at, -KEPT_DAYS * 1_440);
  const now = nudges.map(({ about, slot }) => ({ about, slot, at, isSure }));
  return {
    ...record,
    said: [...others.filter((one) => one.at >= since), ...now].slice(-MOST_SAID),
    waiting: record.waiting.filter((one) => !nudges.some((nudge) => isSame(one, nudge))),
  };
}

/** What was about to be said was sent, in a message that lists others from now on unless the list of the day still stands. */
export function confirmed(record: NudgeRecord, nudges: readonly Nudge[], { at, ...place }: Written): NudgeRecord {
  const isSent = (one: NudgeRecord['said'][number]) => nudges.some((nudge) => isSame(one, nudge));
  const { card } = record;
  const isStanding = card !== undefined && card.date === place.date && card.nudges.length > 0;
  return {
    ...record,
    said: record.said.map((one) => (isSent(one) ? { ...one, isSure: true } : one)),
    card: isStanding ? card : { ...place, nudges, settled: 0, shownAt: at, isStale: false },
  };
}

/** What was about to be said on this day could not be: as if nobody had tried. */
export function unsaid(record: NudgeRecord, nudges: readonly Nudge[], date: string): NudgeRecord {
  const { saidAt: _, ...rest } = counted(record, date, -1, 0);
  return { ...rest, said: record.said.filter((one) => !nudges.some((nudge) => isSame(one, nudge))) };
}

function counted(record: NudgeRecord, date: string, said: number, heldBack: number): NudgeRecord {
  if (said === 0 && heldBack === 0) return record;
  const day = record.days.find((one) => one.date === date) ?? { date, said: 0, heldBack: 0 };
  const now: NudgeDay = { date, said: Math.max(0, day.said + said), heldBack: day.heldBack + heldBack };
  const first = plusDays(date, -KEPT_DAYS);
  const days = record.days.filter((one) => one.date !== date && one.date > first);
  return { ...record, days: [...days, now].sort((a, b) => (a.date < b.date ? -1 : 1)) };
}

/** What is to be done about what waits. */
export type Release =
  | { readonly kind: 'wait'; readonly record: NudgeRecord }
  /** `edit`: the card that stands; it makes no sound. */
  | { readonly kind: 'post' | 'edit'; readonly fresh: readonly Nudge[]; readonly isUrgent: boolean };

export function releaseOf(given: NudgeRecord, rules: NudgeRules, now: string): Release {
  const record = { ...given, waiting: given.waiting.filter((one) => !isOver(one, now)) };
  const due = record.waiting.filter(({ until }) => until <= now);
  if (due.length === 0) return isCardDue(record, now) ? { kind: 'edit', fresh: [], isUrgent: false } : waits(record);
  const stands = isOfToday(record.card, rules, now) && isSpokenToLately(record, now);
  const heard = heardAt(record, rules, now, stands);
  const urgent = heard.until > now ? due.filter((one) => isUrgent(one, heard.until)) : [];
  if (urgent.length > 0) return { kind: 'post', fresh: urgent.map(asNudge), isUrgent: true };
  if (openFrom(rules, now) > now || heard.isHeldBack) return waits(postponed(record, rules, now, heard));
  return { kind: stands ? 'edit' : 'post', fresh: due.map(asNudge), isUrgent: false };
}

/** When a message that makes a sound may come; `stands`: a card that does not has to do until then. */
function heardAt(record: NudgeRecord, rules: NudgeRules, now: string, stands: boolean) {
  const until = openFrom(rules, stands ? plusMinutes(record.saidAt ?? now, PAUSE_MINUTES) : now);
  const isHeldBack = until <= now && isFull(record, rules, now);
  return { until: isHeldBack ? afterDigest(rules, now) : until, isHeldBack };
}

function waits(record: NudgeRecord): Release {
  return { kind: 'wait', record };
}

function postponed(
  record: NudgeRecord,
  { calendar }: NudgeRules,
  now: string,
  { until, isHeldBack }: Pick<WaitingNudge, 'until' | 'isHeldBack'>,
): NudgeRecord {
  const due = record.waiting.filter((one) => one.until <= now);
  return due.reduce((all, one) => {
    const { isHeldBack: _, ...nudge } = one;
    return held(all, { ...nudge, until, ...(isHeldBack === true ? { isHeldBack } : {}) }, dateIn(calendar, now));
  }, record);
}

function isCardDue({ card }: NudgeRecord, now: string): boolean {
  return card?.isStale === true && now >= plusMinutes(card.shownAt, SETTLE_MINUTES);
}

/** When the record is to be looked at next, if at all. */
export function nextLook({ waiting, card }: NudgeRecord, now: string): string | undefined {
  const settles = card?.isStale === true ? [plusMinutes(card.shownAt, SETTLE_MINUTES)] : [];
  const times = [...waiting.map(({ until }) => until), ...settles];
  return times.length === 0 ? undefined : times.map((at) => (at < now ? now : at)).reduce(earlier);
}

/** What the card lists once these are on it: of one that is posted anew what still stood on the one before, if that is of today. */
export function listed({ card }: NudgeRecord, { kind, fresh }: Exclude<Release, { kind: 'wait' }>, date: string) {
  const standing = card !== undefined && (kind === 'edit' || card.date === date) ? card.nudges : [];
  return newestOf([...standing.filter((one) => !fresh.some((nudge) => isSame(one, nudge))), ...fresh]);
}

function newestOf<T extends Nudge>(nudges: readonly T[]): T[] {
  let [first, taken] = [nudges.length, 0];
  for (; first > 0 && taken <= MOST_LISTED; first -= 1) taken += JSON.stringify(nudges[first - 1]).length + 1;
  return nudges.slice(taken > MOST_LISTED ? first + 1 : first);
}

/** Where a card was written. */
export interface Written {
  readonly date: string;
  readonly conversation: string;
  readonly activityId: string;
  readonly at: string;
}

/** After the card was written; what was decided meanwhile is not there any more, and the card has to be written again. */
export function written(
  record: NudgeRecord,
  release: Exclude<Release, { kind: 'wait' }>,
  shown: readonly Nudge[],
  { at, date, ...place }: Written,
): NudgeRecord {
  const { claim: _, ...before } = record;
  const known = [...record.waiting, ...(record.card?.nudges ?? [])];
  const nudges = shown.filter((one) => known.some((other) => isSame(one, other)));
  const next =
    release.kind === 'post'
      ? said(before, release.fresh, { at, date, isSure: true })
      : noted(before, release.fresh, at, true);
  const settled = (release.kind === 'edit' ? (record.card?.settled ?? 0) : 0) + shown.length - nudges.length;
  const day = release.kind === 'edit' ? (record.card?.date ?? date) : date;
  const isStale = nudges.length < shown.length;
  return {
    ...next,
    card: { date: day, ...place, nudges, settled, shownAt: at, isStale },
  };
}

/** How it had to wait is of no interest any more. */
function asNudge({ until: _, isHeldBack: __, ...nudge }: Nudge & Partial<WaitingNudge>): Nudge {
  return nudge;
}

/** Without what was decided; undefined: none of it waits or is on the card. */
export function settled(record: NudgeRecord, isSettled: (nudge: Nudge) => boolean): NudgeRecord | undefined {
  const { card } = record;
  const waiting = record.waiting.filter((one) => !isSettled(one));
  const nudges = (card?.nudges ?? []).filter((one) => !isSettled(one));
  const gone = (card?.nudges.length ?? 0) - nudges.length;
  if (gone === 0 && waiting.length === record.waiting.length) return undefined;
  if (card === undefined || gone === 0) return { ...record, waiting };
  return { ...record, waiting, card: { ...card, nudges, settled: card.settled + gone, isStale: true } };
}

/** Whether it was said before `at` (ISO-8601 UTC). What nobody knows any more, and does not wait, was said long ago. */
export function wasSaid({ said, waiting }: NudgeRecord, nudge: Pick<Nudge, 'about' | 'slot'>, at: string): boolean {
  const last = said.findLast((one) => isSame(one, nudge));
  return last === undefined ? !waiting.some((one) => isSame(one, nudge)) : last.at < at;
}

/** What the next digest says of it. */
export function heldBackIn({ waiting }: Pick<NudgeRecord, 'waiting'>): readonly Nudge[] {
  return waiting.filter(({ isHeldBack }) => isHeldBack === true);
}

/** A digest has said what was held back. */
export function toldInDigest(record: NudgeRecord, nudges: readonly Nudge[], at: string): NudgeRecord {
  return noted(record, nudges, at, true);
}
