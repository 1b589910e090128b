import { dateIn, dayEnd, workingMorning, workingSpan } from './calendar.ts';
import type { Calendar, DigestPolicy } from './contract.ts';
import { plusDays } from './instant.ts';

/** When the digest of one local date may be sent: [from, until), ISO-8601 UTC. */
export interface Slot {
  /** ISO date where its reader is; of one date nobody gets two. */
  readonly date: string;
  readonly from: string;
  readonly until: string;
}

type Quiet = DigestPolicy['quiet'];

/** From when work begins there, or quiet ends if that is later, until work ends. Undefined on a day off. */
export function slotOn(calendar: Calendar, quiet: Quiet, date: string): Slot | undefined {
  const [opens, closes] = calendar.workingMinutes;
  const [, loud] = quiet;
  // Somebody who works only while others are quiet is told when they begin.
  const begins = isQuiet(quiet, opens) && opens < loud && loud < closes ? loud : opens;
  const span = workingSpan({ ...calendar, workingMinutes: [begins, closes] }, date);
  return span === undefined ? undefined : { date, ...span };
}

/** The slot in which `now` lies: what was missed before it is told in it, what nobody could be told in it in the next. */
export function openSlot(calendar: Calendar, quiet: Quiet, now: string): Slot | undefined {
  const slot = slotOn(calendar, quiet, dateIn(calendar, now));
  return slot !== undefined && slot.from <= now && now < slot.until ? slot : undefined;
}

/** ISO-8601 UTC; when the next slot after this instant begins. */
export function nextSlotAt(calendar: Calendar, quiet: Quiet, now: string): string {
  const today = slotOn(calendar, quiet, dateIn(calendar, now));
  if (today !== undefined && now < today.from) return today.from;
  const date = nextWorkingDate(calendar, now);
  return slotOn(calendar, quiet, date)?.from ?? workingMorning(calendar, date);
}

/** When the next working day ends there (ISO-8601 UTC): what happens until then is told now, the last time before it. */
export function horizonOf(calendar: Calendar, now: string): string {
  return dayEnd(calendar, nextWorkingDate(calendar, now));
}

function nextWorkingDate(calendar: Calendar, now: string): string {
  return dateIn(calendar, workingMorning(calendar, plusDays(dateIn(calendar, now), 1)));
}

/** Whether nobody is spoken to at this minute of the day. */
function isQuiet([from, until]: Quiet, minute: number): boolean {
  return from < until ? from <= minute && minute < until : minute >= from || minute < until;
}
