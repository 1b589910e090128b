import { counted } from './names.ts';

const HOUR = 60;
const DAY = 24 * HOUR;

/** `3 minutes`, from two days on `3 days`: how long it was from one instant (ISO-8601 UTC) to the other. */
export function ageWords(from: string, to: string): string {
  const minutes = Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / 60_000));
  if (Number.isNaN(minutes)) return 'an unknown time';
  if (minutes === 0) return 'less than a minute';
  if (minutes < 2 * HOUR) return counted(minutes, 'minute');
  if (minutes < 2 * DAY) return `${Math.floor(minutes / HOUR)} hours`;
  return `${Math.floor(minutes / DAY)} days`;
}
