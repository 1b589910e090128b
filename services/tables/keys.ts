import { sha256Base32 } from '../domain/checksum.ts';
import type { RowRange } from '../ports/table.ts';

const PLAIN = /^[a-z0-9.-]{1,200}$/;
const COMPONENT = /^[A-Za-z0-9._-]+$/;
const MAX_SEQUENCE = 9_999_999_999;

/**
 * One outside name as part of a key: kept while it is 1 to 200 of `[a-z0-9.-]`, else `_` and its SHA-256 in base32.
 * Different names never give the same component, except by case where the source is `caseInsensitive`.
 */
export function component(text: string, { caseInsensitive = false } = {}): string {
  const name = caseInsensitive ? text.toLowerCase() : text;
  if (PLAIN.test(name)) return name;
  // SHA-256 takes UTF-8, where every half of a surrogate pair is the same character: such names are told apart escaped.
  return name.isWellFormed() ? `_${sha256Base32(name)}` : `__${sha256Base32(JSON.stringify(name))}`;
}

/**
 * Components (each from `component`, `sequence`, `keyTime` or a constant) joined by `~`. Throws a RangeError for one
 * that is empty or holds anything but `[A-Za-z0-9._-]`: an outside name that did not pass through `component`.
 */
export function key(...components: readonly string[]): string {
  if (components.length === 0) throw new RangeError('a key needs at least one component');
  for (const part of components) {
    if (!COMPONENT.test(part)) throw new RangeError(`${JSON.stringify(part)} cannot be part of a key; use component()`);
  }
  return components.join('~');
}

/** A sequence number whose text sorts as the number does: 10 digits. Throws a RangeError outside 0 to 9,999,999,999. */
export function sequence(n: number): string {
  if (!Number.isInteger(n) || n < 0 || n > MAX_SEQUENCE) {
    throw new RangeError(`a sequence number is a whole number from 0 to ${MAX_SEQUENCE}, got ${n}`);
  }
  return String(n).padStart(10, '0');
}

/** An ISO-8601 time with a zone as `yyyyMMddTHHmmss` UTC, cut to the second. Throws a RangeError for anything else. */
export function keyTime(iso: string): string {
  const hasZone = /T.*(?:Z|[+-][0-9]{2}:?[0-9]{2})$/.test(iso);
  const time = new Date(hasZone ? iso : Number.NaN);
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) {
    throw new RangeError(`${JSON.stringify(iso)} is no ISO-8601 time with a zone`);
  }
  return keyTimeAt(time.getTime());
}

/** The same of milliseconds since 1970, within the years that keys hold. */
export function keyTimeAt(milliseconds: number): string {
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}`;
}

/** Every key of a partition. */
export const WHOLE: RowRange = { from: '', before: '~~' };

/** This key alone: `!` sorts before everything that can follow in a key. */
export function onlyRange(row: string): RowRange {
  return { from: row, before: `${row}!` };
}

/** All keys that go on after this one: `prefixRange('e')` holds `e~0000000001` but neither `e` nor `ex~1`. */
export function prefixRange(prefix: string): RowRange {
  if (prefix === '' || prefix.endsWith('~')) {
    throw new RangeError(`a prefix is one or more whole components without the last ~, got ${JSON.stringify(prefix)}`);
  }
  // `~` sorts after every character of a component, and no component is empty: nothing of the prefix reaches `~~`.
  return { from: `${prefix}~`, before: `${prefix}~~` };
}
