/** Instants are ISO-8601 UTC with milliseconds, so that they sort as texts. */

export function earlier(a: string, b: string): string {
  return a < b ? a : b;
}

export function later(a: string, b: string): string {
  return a < b ? b : a;
}

/** True until `date` (ISO, UTC) begins. */
export function isBeforeDay(now: string, date: string): boolean {
  return now < `${date}T00:00:00.000Z`;
}

/** `date` and the answer are ISO dates. */
export function plusDays(date: string, days: number): string {
  return plusMilliseconds(`${date}T00:00:00.000Z`, days * 86_400_000).slice(0, 10);
}

export function plusMinutes(instant: string, minutes: number): string {
  return plusMilliseconds(instant, minutes * 60_000);
}

export function plusSeconds(instant: string, seconds: number): string {
  return plusMilliseconds(instant, seconds * 1_000);
}

function plusMilliseconds(instant: string, milliseconds: number): string {
  return new Date(Date.parse(instant) + milliseconds).toISOString();
}
