import type { IncomingHttpHeaders } from 'node:http';

/** Of what an identity may use in five minutes: with less than this share left, others need the rest more than a scan does. */
const SHARE_LEFT_ALONE = 0.5;
const WINDOW_SECONDS = 300;

/** In seconds; Azure DevOps documents no other form. */
export function retryAfterOf(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/** Seconds for which whoever is in no hurry leaves the organization alone: as asked, or until its allowance is whole again (Rate limits). */
export function patienceOf(headers: IncomingHttpHeaders): number | undefined {
  const asked = retryAfterOf(headers);
  if (asked !== undefined) return asked;
  const [limit, remaining] = [numberIn(headers, 'x-ratelimit-limit'), numberIn(headers, 'x-ratelimit-remaining')];
  if (limit === undefined || remaining === undefined || remaining >= limit * SHARE_LEFT_ALONE) return undefined;
  const reset = numberIn(headers, 'x-ratelimit-reset');
  const now = Date.parse(headers.date ?? '') / 1_000;
  const seconds = reset === undefined || Number.isNaN(now) ? WINDOW_SECONDS : reset - now;
  return Math.min(Math.max(seconds, 1), WINDOW_SECONDS);
}

function numberIn(headers: IncomingHttpHeaders, name: string): number | undefined {
  const value = headers[name];
  const number = Number(typeof value === 'string' && value !== '' ? value : Number.NaN);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
