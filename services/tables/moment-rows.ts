import type { Recalled, ScopeMoment } from '../domain/scope-overview.ts';
import type { Row, RowRange, Write } from '../ports/table.ts';
import { key, keyTime } from './keys.ts';

export const MOMENT = 'y';
/** So many rows are read at once: what came before the last of them is not. */
export const MOST_RECALLED = 100;
const LAST_TIME = 99_999_999_999_999;

/** To the second, and what came last sorts first: a list of so many rows has the newest. */
export function newestFirstTime(iso: string): string {
  return String(LAST_TIME - Number(keyTime(iso).replace('T', ''))).padStart(14, '0');
}

/** The same `id` at the same time is the same row, however often it is written: for the transaction of what it tells of. */
export function momentWrite(id: readonly string[], moments: readonly ScopeMoment[]): Write[] {
  const [first] = moments;
  if (first === undefined) return [];
  const row = key(MOMENT, newestFirstTime(first.at), ...id);
  return [{ kind: 'put', row, values: { at: first.at, moments: JSON.stringify(moments) } }];
}

/** From now back to an instant. */
export function sinceRange(prefix: string, instant: string): RowRange {
  return { from: `${prefix}~`, before: `${prefix}~${newestFirstTime(instant)}~~` };
}

/** One more row than is told is read: it says that there is more. */
export function recalled<T>(rows: readonly Row[], told: (row: Row) => readonly T[]): Recalled<T> {
  const last = rows.length > MOST_RECALLED ? rows[MOST_RECALLED - 1] : undefined;
  return {
    found: rows.slice(0, MOST_RECALLED).flatMap(told),
    ...(last === undefined ? {} : { cutBefore: String(last.values['at']) }),
  };
}
