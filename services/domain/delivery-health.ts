import type { CheckpointHealth } from './anchoring.ts';
import { plusMinutes } from './instant.ts';
import type { ContractInForce } from './judgement.ts';
import type { OffPath } from './off-path.ts';
import type { PlatformHealth } from './platform-health.ts';
import { type ClockSkew, type Heard, MOST_SKEW_SECONDS, type Outage, type Throttling } from './pulse.ts';
import type { RetentionHealth } from './retention-health.ts';
import { isStale, SENT, type SourceNote } from './source-note.ts';
import type { Unreachable } from './unreachable.ts';

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

/** Somebody for whom something waits that does not reach them. */
export interface OutOfReach extends Unreachable {
  /** Ids of the requests and exceptions. */
  readonly waits: readonly string[];
}

/** How the last digest of a channel went. */
export interface ChannelDigest {
  readonly channel: string;
  readonly outcome: 'sent' | 'silent' | 'claimed' | 'unreachable' | 'refused';
  /** ISO-8601 UTC. */
  readonly at: string;
  /** What Teams answered, where it took none. */
  readonly code?: string;
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
  /** Of every channel that ever had one. */
  readonly channels: readonly ChannelDigest[];
}

/** When something last came from there, as this process knows or one of all has noted. */
export interface SourceHealth extends Heard {
  readonly by: 'this-process' | 'noted';
}

/** What processes hear and meet: of this one to the moment, of others as they note it every five minutes. */
export interface PulseHealth {
  /** The newest first. */
  readonly sources: readonly SourceHealth[];
  readonly clocks: readonly ClockSkew[];
  /** That run now, as far as they have noted it. */
  readonly processes: number;
  /** Absent: Teams held back nothing in the last hour. */
  readonly throttled?: Throttling;
  /** Of the last week. */
  readonly lastOutage?: Outage;
}

/** How the daily heartbeat to operators stands. */
export interface HeartbeatHealth {
  /** ISO-8601 UTC; when the last one was sent. */
  readonly lastAt?: string;
  /** A working day went by without one. */
  readonly isMissing: boolean;
}

/** How one source of signals about environments stands. */
export interface SignalHealth extends Pick<SourceNote, 'source' | 'name' | 'pulledAt' | 'failure' | 'strangers'> {
  /** It comes by itself, and has no age. */
  readonly isSent: boolean;
  /** Its pulls have failed for hours, or never succeeded. */
  readonly isStale: boolean;
}

export function signalHealth({ nextAt: _, target, ...note }: SourceNote, now: string): SignalHealth {
  return { ...note, isSent: target === SENT, isStale: isStale({ target, ...note }, now) };
}

/** Something that was done beside the release path, as far as operators need it. */
export type OpenOffPath = Pick<OffPath, 'id' | 'kind' | 'services' | 'environment' | 'at'>;

/** How delivery stands: what the `status` command reads. */
export interface DeliveryHealth extends PulseHealth {
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
  /** What was done beside the release path and is not confirmed yet, the oldest first. */
  readonly offPaths: readonly OpenOffPath[];
  /** ISO-8601 UTC; since when the oldest of what is due waits to be looked at. Absent: nothing does. */
  readonly dueSince?: string;
  /** People and channels for whom a card is parked. */
  readonly unreachable: readonly OutOfReach[];
  /** Names of people to whom something was to be sent and for whom the app is not installed. */
  readonly withoutApp: readonly string[];
  /** Ids of exceptions that are asked for, none of whose approvers can be reached. */
  readonly unreachedExceptions: readonly string[];
  /** One for each organization; absent where no service hooks are expected. */
  readonly hooks?: readonly HookHealth[];
  /** Of every subscription and repository, and of what is sent; absent where there is none. */
  readonly signals?: readonly SignalHealth[];
  /** Every part of each organization's delivery platform; absent where none is read. */
  readonly platform?: readonly PlatformHealth[];
  /** How far evidence is under checkpoints; absent while the store does not answer. */
  readonly checkpoints?: CheckpointHealth;
  /** Absent while the store does not answer. */
  readonly retention?: RetentionHealth;
  /** Absent while the store does not answer. */
  readonly digests?: DigestHealth;
  /** Absent while no contract names the operators, and before the first one is due. */
  readonly heartbeat?: HeartbeatHealth;
  /** `file:line message`. */
  readonly policyProblems: readonly string[];
  readonly contract?: ContractInForce;
}

const BEHIND_MINUTES = 2;

/** What is due is looked at within seconds: so long after it, it is not. */
export function isBehind({ dueSince, at }: Pick<DeliveryHealth, 'dueSince' | 'at'>): boolean {
  return dueSince !== undefined && dueSince <= plusMinutes(at, -BEHIND_MINUTES);
}

export function isSkewed({ seconds }: ClockSkew): boolean {
  return Math.abs(seconds) > MOST_SKEW_SECONDS;
}
