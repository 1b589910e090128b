import * as z from 'zod';
import type { Principal } from '../domain/person.ts';
import { wrong } from './load-file.ts';

/** Text of one form, read into a value; `parse` returns undefined for any other text. */
export function scalar<T>(allowed: string, parse: (text: string) => T | undefined) {
  return z.string({ error: (issue) => wrong(issue.input, allowed) }).transform((text, context) => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: wrong(text, allowed) });
    return z.NEVER;
  });
}

const MINUTES_IN: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1440, w: 10_080 };

/** A duration such as `60m`, `3h`, `7d` or `2w` as a whole number of `unit`, within the range given in that unit. */
export function duration(unit: 'minutes' | 'hours' | 'days', { min = 1, max }: { min?: number; max: number }) {
  const size = { minutes: 1, hours: 60, days: 1440 }[unit];
  const samples = { minutes: '60m, 3h, 7d, 2w', hours: '12h, 7d, 2w', days: '7d, 2w' }[unit];
  return scalar(`a duration such as ${samples} (${min} to ${max} ${unit}, whole)`, (text) => {
    const [, count, letter] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
    const value = (Number(count) * (MINUTES_IN[letter ?? ''] ?? Number.NaN)) / size;
    return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  });
}

/** A day that exists, `2026-12-25`. */
export const isoDate = scalar('a date such as 2026-12-25', (text) => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const day = new Date(`${text}T00:00:00.000Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) ? text : undefined;
});

/** `09:00-17:30` as minutes after midnight; `orOvernight` lets the end lie on the next day. */
export function hours({ orOvernight }: { orOvernight: boolean }) {
  return scalar(`hours such as "${orOvernight ? '18:00-08:00' : '09:00-17:30'}"`, (text) => {
    const [from, until] = text.split('-').map(minuteOfDay);
    if (from === undefined || until === undefined || text.split('-').length !== 2) return undefined;
    return from < until || (orOvernight && from !== until) ? ([from, until] as const) : undefined;
  });
}

function minuteOfDay(text: string): number | undefined {
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text)) return undefined;
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

/** A zone that this runtime knows (IANA names; offsets are no zones). */
export const zone = scalar('an IANA time zone such as Europe/Berlin or UTC', (text) => {
  if (!/^[A-Za-z]/.test(text)) return undefined;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    return undefined;
  }
});

/** Entra object ids and other GUIDs, in lower case. */
export const guid = scalar('an object id such as 0f8fad5b-d9cb-469f-a165-70867728950e', asGuid);

function asGuid(text: string): string | undefined {
  const id = text.toLowerCase();
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id : undefined;
}

/** `group:name`, or `user:` with an object id. */
export const principal = scalar('group:name or user:object-id', (text): Principal | undefined => {
  const [, kind, name = ''] = /^(group|user):(.+)$/.exec(text) ?? [];
  if (kind === 'group' && isPlain(name)) return `group:${name}`;
  const oid = kind === 'user' ? asGuid(name) : undefined;
  return oid === undefined ? undefined : `user:${oid}`;
});

/** Text for people, without white space around it. */
export function text(max: number) {
  return scalar(`text of 1 to ${max} characters`, (value) => {
    const trimmed = value.trim();
    return isPlain(trimmed.replaceAll('\n', ' ')) && trimmed.length <= max ? trimmed : undefined;
  });
}

/** A key that people choose: a service, an environment, a control, a cadence. */
export const name = scalar('a name of letters, digits, ".", "_" and "-" (up to 100)', (value) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value) ? value : undefined,
);

function isPlain(value: string): boolean {
  return value !== '' && value.trim() === value && !/\p{Cc}/u.test(value);
}

/** A lone value counts as a list of one. */
export function oneOrMany<T extends z.ZodType>(item: T, atLeast = 1) {
  return z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).min(atLeast));
}
