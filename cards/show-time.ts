const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const UTC = 'UTC';

/** What `localTime` writes; in outside text it cannot stand, because `clean` breaks it. */
export const LOCAL_TIME = /\{\{DATE\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\)\}\}/g;

/** Stands for an instant until it is known who reads it: every finished card goes through `inZone`. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? 'an unknown time' : `{{DATE(${at.toISOString().slice(0, 19)}Z)}}`;
}

/** The same text with its times as this reader reads them; `zone` is an IANA name, absent: UTC. */
export function withTimes(text: string, zone?: string): string {
  return text.replace(LOCAL_TIME, (_, iso: string) => showTime(iso, zone));
}

/**
 * A finished card with its times in its reader's zone. Teams does not support the functions by which Adaptive Cards leave
 * that to the client (Microsoft, "Format cards in Microsoft Teams").
 */
export function inZone<T>(card: T, zone?: string): T {
  return shownIn(card, zone) as T;
}

/** What a button sends back is not shown, and comes back as it was given. */
function shownIn(part: unknown, zone: string | undefined): unknown {
  if (typeof part === 'string') return withTimes(part, zone);
  if (Array.isArray(part)) return part.map((item) => shownIn(item, zone));
  if (typeof part !== 'object' || part === null) return part;
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(part))
    if (value !== undefined) shown[key] = key === 'data' ? structuredClone(value) : shownIn(value, zone);
  return shown;
}

/** `Tue 24 Nov 2026, 17:30 UTC`, or `…, 18:30 Europe/Berlin` for a reader whose zone (an IANA name) is known. */
export function showTime(iso: string, zone = UTC): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return 'an unknown time';
  const { year, month, day, hour, minute } = wallClock(at, zone);
  return `${showDay(new Date(Date.UTC(year, month - 1, day)))}, ${twoDigits(hour)}:${twoDigits(minute)} ${zone}`;
}

/** `Tue 24 Nov 2026` of an ISO date. */
export function showDate(isoDate: string): string {
  const at = new Date(`${isoDate.slice(0, 10)}T00:00:00.000Z`);
  return Number.isNaN(at.getTime()) ? 'an unknown day' : showDay(at);
}

/** `24 Nov`, where the year is plain. */
export function showDayOfYear(isoDate: string): string {
  return showDate(isoDate).split(' ').slice(1, 3).join(' ');
}

/** `2026-11-23 22:40 UTC`, as kept sentences say it, as an instant that each reader finds in their own zone. */
export function asLocalTimes(text: string): string {
  return text.replace(/\b(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC\b/g, (said, day: string, time: string) =>
    Number.isNaN(Date.parse(`${day}T${time}:00Z`)) ? said : localTime(`${day}T${time}:00Z`),
  );
}

/** Whether this runtime knows the zone of this name; an offset is none. */
export function isZone(name: string): boolean {
  try {
    return (
      /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
    );
  } catch {
    return false;
  }
}

function wallClock(at: Date, zone: string) {
  const parts = new Map(
    formatIn(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return { year: of('year'), month: of('month'), day: of('day'), hour: of('hour'), minute: of('minute') };
}

/** Made once for each zone: that takes far longer than formatting. */
const FORMATS = new Map<string, Intl.DateTimeFormat>();
/** Clients may write one zone in many ways. */
const FORMATS_KEPT = 500;

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timeZone);
  if (known !== undefined) return known;
  const numeric = 'numeric';
  const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric } as const;
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...parts });
  if (FORMATS.size >= FORMATS_KEPT) FORMATS.clear();
  FORMATS.set(timeZone, format);
  return format;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

function showDay(at: Date): string {
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
