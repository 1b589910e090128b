const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Tue 24 Nov 2026, 17:30 UTC`: a card is read in every zone, so it says the whole date and the zone. */
export function showTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return 'an unknown time';
  const clock = at.toISOString().slice(11, 16);
  return `${showDay(at)}, ${clock} UTC`;
}

/** `Tue 24 Nov 2026` of an ISO date. */
export function showDate(isoDate: string): string {
  const at = new Date(`${isoDate.slice(0, 10)}T00:00:00.000Z`);
  return Number.isNaN(at.getTime()) ? 'an unknown day' : showDay(at);
}

function showDay(at: Date): string {
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
}
