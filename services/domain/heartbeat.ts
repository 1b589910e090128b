import { dateIn, workingMorningBefore, workingSpan } from './calendar.ts';
import type { Calendar } from './contract.ts';
import { plusMinutes } from './instant.ts';

const A_DAY_MINUTES = 1_440;

/**
 * Whether none was sent in the 24 hours up to the end of the last working day that is over: whoever gets it elsewhere
 * may begin work earlier or later than this calendar. `triedAt`: when one was first tried, where none was ever sent.
 */
export function isHeartbeatMissing(
  calendar: Calendar,
  { lastAt, triedAt }: { readonly lastAt: string | undefined; readonly triedAt: string },
  now: string,
): boolean {
  const today = workingSpan(calendar, dateIn(calendar, now));
  const before = dateIn(calendar, workingMorningBefore(calendar, dateIn(calendar, now), 1));
  const ended = today !== undefined && today.until <= now ? today : workingSpan(calendar, before);
  if (ended === undefined) return false;
  return lastAt === undefined ? triedAt <= ended.until : lastAt < plusMinutes(ended.until, -A_DAY_MINUTES);
}
