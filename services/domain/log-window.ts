import { earlier, later, plusMinutes } from './instant.ts';

/** ISO-8601 UTC, both inclusive. */
export interface LogWindow {
  readonly from: string;
  readonly until: string;
}

/** How far a log was read. All of it up to `through` was, but for entries that were late. */
export interface LogCursor {
  /** ISO-8601 UTC. */
  readonly through: string;
  /** A window that was begun, and where it goes on; absent: none is under way. */
  readonly open?: LogWindow & { readonly next: string };
}

/** Entries come minutes after they happened, seldom up to an hour: so much is read again each time. */
export const OVERLAP_MINUTES = 60;
/** Where nothing was read before. */
const FIRST_MINUTES = 1_440;
/** Both services keep 90 days; what is older cannot be asked for. */
const KEPT_MINUTES = 89 * 1_440;
/** Where a page goes on is known for a time only. */
const OPEN_MINUTES = 120;

/** What is to be read now: the window under way, else what came since the last one. */
export function nextWindow(cursor: LogCursor | undefined, now: string): LogWindow & { readonly next?: string } {
  const { open } = cursor ?? {};
  if (open !== undefined && open.until <= now && open.until > plusMinutes(now, -OPEN_MINUTES)) return open;
  const oldest = plusMinutes(now, -KEPT_MINUTES);
  const through = cursor === undefined ? plusMinutes(now, -FIRST_MINUTES) : earlier(cursor.through, now);
  const overlapping = cursor === undefined ? through : plusMinutes(through, -OVERLAP_MINUTES);
  return { from: later(overlapping, oldest), until: now };
}

/** After everything of a page is kept; `next`: another one follows. */
export function afterPage(
  cursor: LogCursor | undefined,
  { from, until }: LogWindow,
  next: string | undefined,
): LogCursor {
  if (next === undefined) return { through: until };
  return { through: cursor?.through ?? from, open: { from, until, next } };
}
