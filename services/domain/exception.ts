/** An exception in force for exactly one control, service and environment and, if given, one finding. */
export interface ActiveException {
  readonly id: string;
  readonly control: string;
  readonly service: string;
  readonly environment: string;
  readonly fingerprint?: string;
  /** Object id of whoever asked for it. */
  readonly requester?: string;
  /** ISO-8601 UTC, exclusive. */
  readonly expiresAt: string;
}

/**
 * Exact matching: no wildcard, no inheritance; an exception that has ended covers nothing, nor does one
 * whose end cannot be read as an instant.
 */
export function covers(
  exception: ActiveException,
  finding: Omit<ActiveException, 'id' | 'expiresAt' | 'fingerprint'> & { readonly fingerprint: string },
  now: string,
): boolean {
  return (
    Date.parse(now) < Date.parse(exception.expiresAt) &&
    exception.control === finding.control &&
    exception.service === finding.service &&
    exception.environment === finding.environment &&
    (exception.fingerprint === undefined || exception.fingerprint === finding.fingerprint)
  );
}

/** The id of the exception in force for a finding here, of several the first by id; undefined when there is none. */
export function exceptionsFor(
  exceptions: readonly ActiveException[],
  here: Pick<ActiveException, 'service' | 'environment'>,
  now: string,
): (control: string, fingerprint: string) => string | undefined {
  const ids = new Map<string, string>();
  for (const exception of exceptions) {
    const { id, control, fingerprint } = exception;
    if (!covers(exception, { ...here, control, fingerprint: fingerprint ?? '' }, now)) continue;
    const key = keyOf(control, fingerprint);
    ids.set(key, firstOf(id, ids.get(key)) ?? id);
  }
  return (control, fingerprint) => firstOf(ids.get(keyOf(control)), ids.get(keyOf(control, fingerprint)));
}

function keyOf(control: string, fingerprint?: string): string {
  return JSON.stringify([control, fingerprint]);
}

function firstOf(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}
