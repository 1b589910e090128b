import { plusDays } from '../../services/domain/instant.ts';
import type { Span } from '../../services/policy-trials.ts';

const DAYS = 30;

/** Of every command that looks back. */
export const SPAN_OPTIONS = [
  {
    flags: '--since <date>',
    meaning: 'requests received since, as 2026-11-01; else the last 30 days',
    isRequired: false,
  },
  { flags: '--environment <name>', meaning: 'only those for this one', isRequired: false },
];

/** The last 30 days unless `since` (an ISO date, from its start in UTC) is given. Throws where it is no date up to `today`. */
export function spanOf(
  { since, environment }: { readonly since?: string | undefined; readonly environment?: string | undefined },
  today: string,
): Span {
  const day = since ?? plusDays(today, -DAYS);
  if (!isDate(day) || day > today) {
    throw new Error(`--since is "${day}"; allowed: a date up to ${today}, written as in ${plusDays(today, -DAYS)}`);
  }
  return { since: `${day}T00:00:00.000Z`, ...(environment === undefined ? {} : { environment }) };
}

export function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00.000Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}
