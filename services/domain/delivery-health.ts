/** How delivery stands: what the `status` command reads. */
export interface DeliveryHealth {
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly store: 'ok' | 'unavailable';
  /** Outbox items that are still to be carried out. */
  readonly waiting: number;
  /** ISO-8601 UTC; since when the oldest waits. */
  readonly waitingSince?: string;
  /** Outbox items that were given up. */
  readonly deadLetters: readonly { readonly requestId: string; readonly kind: string }[];
  /** Names of people and channels for whom a card is parked. */
  readonly unreachable: readonly string[];
  /** `file:line message`. */
  readonly policyProblems: readonly string[];
  readonly contract?: { readonly version: number; readonly checksum: string };
}
