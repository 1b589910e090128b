import type { ContractInForce } from './judgement.ts';

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

/** How the service hooks of one organization are. */
export interface HookHealth {
  readonly organization: string;
  /** The worst of its subscriptions to us; `unknown` when Azure DevOps does not tell the bot. */
  readonly state: 'ok' | 'none' | 'incomplete' | 'on-probation' | 'disabled' | 'unknown';
  /** Event types that are needed and that nothing is subscribed to. */
  readonly missing: readonly string[];
  /** ISO-8601 UTC; when this process last took a delivery. */
  readonly lastEventAt?: string;
}

/** Readers by how their digest went in the last 24 hours. */
export interface DigestHealth {
  readonly sent: number;
  /** They had nothing new, and the contract wants no line then. */
  readonly silent: number;
  /** Being sent, or to be tried again. */
  readonly claimed: number;
  /** There is no conversation with them. */
  readonly unreachable: number;
  /** Teams does not take it. */
  readonly refused: number;
  /** ISO-8601 UTC; when the last one went, whichever way. */
  readonly lastAt?: string;
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
  /** Ids of exceptions that are asked for, none of whose approvers can be reached. */
  readonly unreachedExceptions: readonly string[];
  /** One for each organization; absent where no service hooks are expected. */
  readonly hooks?: readonly HookHealth[];
  /** Absent while the store does not answer. */
  readonly digests?: DigestHealth;
  /** `file:line message`. */
  readonly policyProblems: readonly string[];
  readonly contract?: ContractInForce;
}
