const DAY = 86_400_000;

/** Noon in UTC (milliseconds) of the next Tuesday that is no holiday of the sample calendar: work is under way in Europe. */
export function nextWorkingNoon(now: number): number {
  const noon = new Date(now);
  noon.setUTCHours(12, 0, 0, 0);
  const days = Array.from({ length: 28 }, (_, n) => new Date(noon.getTime() + (n + 1) * DAY));
  const day = days.find((one) => one.getUTCDay() === 2 && !/-(?:12-2[4-9]|12-3|01-0)/.test(one.toISOString()));
  if (day === undefined) throw new Error('four weeks without a working Tuesday');
  return day.getTime();
}
