import type { Outage, Pulse } from '../domain/pulse.ts';

/** As it was read; `etag` is opaque. */
export interface StoredPulse {
  readonly pulse: Pulse;
  readonly etag: string;
}

export interface NotedOutage extends Outage {
  /** ISO-8601 UTC; when a process last began to tell of it. */
  readonly claimedAt?: string;
  /** `user:oid` of those who were told. */
  readonly told: readonly string[];
  /** Everybody was, or nobody is left to be told. */
  readonly isDone: boolean;
}

export interface StoredOutage {
  readonly outage: NotedOutage;
  readonly etag: string;
}

export interface PulseState {
  readonly pulses: readonly StoredPulse[];
  /** Oldest first. */
  readonly outages: readonly StoredOutage[];
}

export interface PulseChange {
  readonly pulse: Pulse;
  /** Of processes that are long gone: `pulse` holds what they had heard. */
  readonly instead: readonly StoredPulse[];
  readonly found?: NotedOutage;
  readonly forgotten: readonly StoredOutage[];
}

/** What processes note of themselves. Rejects with StoreUnavailableError. */
export interface Pulses {
  /** One call for 1,000 processes and outages. */
  read(): Promise<PulseState>;
  /** One transaction; false: another process was first with a part of it. */
  write(change: PulseChange): Promise<boolean>;
  /** In place of what was read; undefined: somebody else was first. */
  putOutage(outage: NotedOutage, before: StoredOutage): Promise<StoredOutage | undefined>;
}
