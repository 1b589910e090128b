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
