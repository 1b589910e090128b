import { dateIn, dayEnd } from './calendar.ts';
import type { Cadence, Calendar } from './contract.ts';
import { plusDays } from './instant.ts';

/** What a written date is read by. */
export interface DateBasis {
  /** ISO-8601 UTC. */
  readonly now: string;
  /** IANA zone of the person who wrote it. */
  readonly timezone: string;
  readonly cadences?: Calendar['cadences'];
  /** Days from today to the last date that is taken. */
  readonly maxDays: number;
}

export type WrittenDate =
  /** `until` is the instant (ISO-8601 UTC) at which that day ends where it was written. */
  | { readonly kind: 'date'; readonly date: string; readonly until: string }
  | { readonly kind: 'refused'; readonly why: DateRefusal };

export type DateRefusal =
  | { readonly code: 'date-unreadable' }
  /** `cadences` are the names that the calendar has. */
  | { readonly code: 'cadence-unknown'; readonly cadences: readonly string[] }
  /** The calendar has the cadence and does not say when it begins. */
  | { readonly code: 'cadence-without-start'; readonly cadence: string }
  | { readonly code: 'date-past'; readonly date: string }
  /** `latest` is the last ISO date that is taken. */
  | { readonly code: 'date-too-far'; readonly latest: string };

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const SHORTEST_WEEKDAY = 3;

/**
 * A day as people write it: `2026-12-01`, `today`, `tomorrow`, `Friday` or `Fri` (the next one, never today), `in 3 days`,
 * `in 2 weeks`, `end of sprint` (the last day of the present one) and `next sprint` (the first of the next one) where the
 * calendar names that cadence. A date includes its whole day.
 */
export function readWrittenDate(text: string, basis: DateBasis): WrittenDate {
  const today = dateIn(basis, basis.now);
  const found = dateOf(normalised(text), today, basis.cadences);
  if (typeof found !== 'string') return { kind: 'refused', why: found };
  if (found < today) return { kind: 'refused', why: { code: 'date-past', date: found } };
  const latest = plusDays(today, basis.maxDays);
  if (found > latest) return { kind: 'refused', why: { code: 'date-too-far', latest } };
  return { kind: 'date', date: found, until: dayEnd(basis, found) };
}

/** Whether this has the form of a date, whatever day and calendar say; of cadences those with a name of one word. */
export function isWrittenDate(text: string): boolean {
  const written = normalised(text);
  return /^(?:end of|next) \S+$/.test(written) || typeof dateOf(written, '2000-01-01', undefined) === 'string';
}

function normalised(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

function dateOf(text: string, today: string, cadences: Calendar['cadences']): string | DateRefusal {
  if (ISO_DATE.test(text)) return isDate(text) ? text : { code: 'date-unreadable' };
  if (text === 'today') return today;
  if (text === 'tomorrow') return plusDays(today, 1);
  const [, count, unit] = /^in (\d{1,4}) (day|week)s?$/.exec(text) ?? [];
  if (count !== undefined) return plusDays(today, Number(count) * (unit === 'week' ? 7 : 1));
  const weekday = weekdayNamed(text);
  if (weekday !== undefined) return nextWeekday(today, weekday);
  const [, which, name] = /^(end of|next) (.{1,100})$/.exec(text) ?? [];
  return name === undefined ? { code: 'date-unreadable' } : cadenceDay(name, which === 'next', today, cadences);
}

/** Whether this is an ISO date that the calendar has. */
export function isDate(text: string): boolean {
  const day = new Date(`${text}T00:00:00.000Z`);
  return ISO_DATE.test(text) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** ISO weekday, Monday = 1. */
function weekdayNamed(text: string): number | undefined {
  const index = text.length < SHORTEST_WEEKDAY ? -1 : WEEKDAYS.findIndex((day) => day.startsWith(text));
  return index < 0 ? undefined : index + 1;
}

function nextWeekday(today: string, weekday: number): string {
  return plusDays(today, ((weekday - weekdayOf(today) + 6) % 7) + 1);
}

/** The first day of the next period, or the last of the present one: the day before. */
function cadenceDay(
  name: string,
  isNext: boolean,
  today: string,
  cadences: Calendar['cadences'] = new Map(),
): string | DateRefusal {
  const known = [...cadences].find(([other]) => other.toLowerCase() === name);
  if (known === undefined) return { code: 'cadence-unknown', cadences: [...cadences.keys()] };
  const next = nextStart(known[1], today);
  if (next === undefined) return { code: 'cadence-without-start', cadence: known[0] };
  return isNext ? next : plusDays(next, -1);
}

/**
 * The first ISO date after `today` on which a period of this cadence begins; undefined when it does not say. `from` names one start of many, before and
 * after it; of a week the weekday is enough.
 */
export function nextStart({ everyDays, from, on }: Cadence, today: string): string | undefined {
  if (from === undefined) return everyDays === 7 && on !== undefined ? nextWeekday(today, on) : undefined;
  const start = on === undefined ? from : nextWeekday(plusDays(from, -1), on);
  const periods = Math.floor((dayNumber(today) - dayNumber(start)) / everyDays) + 1;
  return plusDays(start, periods * everyDays);
}

/** ISO weekday, Monday = 1. */
function weekdayOf(date: string): number {
  return new Date(dayNumber(date) * DAY_MS).getUTCDay() || 7;
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00.000Z`) / DAY_MS;
}
