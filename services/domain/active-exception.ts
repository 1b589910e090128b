import { type Exception, type ExceptionTarget, expiryOf } from './exception.ts';
import { SEVERITIES, type Severity } from './finding.ts';

/** An exception as judgements read it: in force, or asked for and not decided yet. */
export interface ActiveException extends ExceptionTarget {
  readonly id: string;
  /** The worst that was known when it was granted: what is worse by now is not covered. */
  readonly severity?: Severity;
  /** Object ids of those who asked for it. */
  readonly askers?: readonly string[];
  /** ISO-8601 UTC, exclusive. */
  readonly expiresAt: string;
}

export function asJudged({ id, target, severity, askers, terms }: Exception): ActiveException {
  const oids = [...new Set(askers.map(({ by }) => by.oid))].sort();
  return { ...target, id, severity, askers: oids, expiresAt: expiryOf(terms) };
}

/** One finding, and where it is judged. */
export interface Excepted {
  readonly control: string;
  readonly service: string;
  readonly environment: string;
  readonly fingerprint: string;
  readonly severity: Severity;
}

/**
 * Exact matching: no wildcard, no inheritance; an exception that has ended covers nothing, nor does one
 * whose end cannot be read as an instant, nor does it cover what is worse than what it was granted for.
 */
export function covers(exception: ActiveException, finding: Excepted, now: string): boolean {
  return (
    Date.parse(now) < Date.parse(exception.expiresAt) &&
    exception.control === finding.control &&
    exception.service === finding.service &&
    exception.environment === finding.environment &&
    (exception.fingerprints === undefined || exception.fingerprints.includes(finding.fingerprint)) &&
    !isWorse(finding.severity, exception.severity)
  );
}

function isWorse(severity: Severity, known: Severity | undefined): boolean {
  return known !== undefined && SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(known);
}

/** The id of the exception for a finding here, of several the first by id; undefined when there is none. */
export type ExceptionFor = (control: string, fingerprint: string, severity: Severity) => string | undefined;

export function exceptionsFor(
  exceptions: readonly ActiveException[],
  here: Pick<ActiveException, 'service' | 'environment'>,
  now: string,
): ExceptionFor {
  const { service, environment } = here;
  const byKey = new Map<string, ActiveException[]>();
  for (const exception of [...exceptions].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    for (const fingerprint of exception.fingerprints ?? [undefined]) {
      const key = keyOf(exception.control, fingerprint);
      byKey.set(key, [...(byKey.get(key) ?? []), exception]);
    }
  }
  return (control, fingerprint, severity) => {
    const finding = { control, service, environment, fingerprint, severity };
    const candidates = [...(byKey.get(keyOf(control)) ?? []), ...(byKey.get(keyOf(control, fingerprint)) ?? [])];
    return candidates
      .filter((one) => covers(one, finding, now))
      .map(({ id }) => id)
      .reduce<string | undefined>(firstOf, undefined);
  };
}

function keyOf(control: string, fingerprint?: string): string {
  return JSON.stringify([control, fingerprint]);
}

function firstOf(a: string | undefined, b: string): string {
  return a === undefined || b < a ? b : a;
}
