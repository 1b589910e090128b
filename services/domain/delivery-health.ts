/** Something that was to be told and was given up. */
export interface DeadLetter {
  readonly requestId: string;
  readonly services: readonly string[];
  readonly environment: string;
  readonly kind: string;
  readonly attempts: number;
  /** ISO-8601 UTC; when what it was to tell was recorded. */
  readonly since: string;
}

/** How delivery stands: what the `status` command reads. */
export interface DeliveryHealth {
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly store: 'ok' | 'unavailable';
  /** Outbox items that are still to be carried out. */
  readonly waiting: number;
  /** ISO-8601 UTC; since when the oldest waits. */
  readonly waitingSince?: string;
  /** Outbox items that were given up, whatever became of their request. */
  readonly deadLetters: readonly DeadLetter[];
  /** Request ids of stages that went on without a decision, which nobody has explained and confirmed yet. */
  readonly bypasses: readonly string[];
  /** Names of people and channels for whom a card is parked. */
  readonly unreachable: readonly string[];
  /** `file:line message`. */
  readonly policyProblems: readonly string[];
  readonly contract?: { readonly version: number; readonly checksum: string };
}
