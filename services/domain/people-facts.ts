import type { PlatformIdentity } from './platform.ts';

/** A user or service principal of an organization that deserves a look. */
export interface NotedUser extends PlatformIdentity {
  /** Storage key, lower case: the id by which checks, service hooks and connections of Azure DevOps name them. */
  readonly key?: string;
  readonly isGuest: boolean;
  readonly isDisabled: boolean;
  /** ISO-8601 UTC; absent: never. */
  readonly lastSeen?: string;
  /** ISO-8601 UTC; when they were added. */
  readonly addedAt?: string;
  /** Some reach names them. */
  readonly reachesProduction: boolean;
}

export interface PeopleFact {
  readonly users: number;
  /** Those who deserve a look: guests, disabled ones, those who never or long ago signed in, and whoever the reach of production names. */
  readonly noted: readonly NotedUser[];
  /** How many stale and guest users there are besides those listed. */
  readonly more: number;
  /** Who created service hooks and is no user any more, by the id that these have of them, lower case and sorted; absent: nobody looked. */
  readonly gone?: readonly string[];
  /** Service principals, besides the users. */
  readonly services?: number;
  /** Among all users, when they were read. */
  readonly counts?: { readonly guests: number; readonly disabled: number; readonly stale: number };
  /** The account that all of this was read with, and whether it signs in by a personal access token. */
  readonly self?: PlatformIdentity & { readonly isByToken: boolean };
}

export interface TokenFact {
  readonly id: string;
  readonly name: string;
  readonly of: PlatformIdentity;
  readonly isFullAccess: boolean;
  readonly scopes: readonly string[];
  /** ISO-8601 UTC. */
  readonly from: string;
  readonly to: string;
}

/** Personal access tokens, never their values. Whoever reaches production is asked each time, everybody else in turns. */
export interface TokensFact {
  /** All of those who reach production and of service accounts, of others those that can do too much or for too long. */
  readonly tokens: readonly TokenFact[];
  /** There may be more of others than are listed. */
  readonly isCut: boolean;
  /** Users of the organization, and how many of them were asked this time. */
  readonly users: number;
  readonly asked: number;
  /** Whose turn it was. */
  readonly turn: number;
  /** Whether it is known whom programs sign in as: the organization's service accounts. */
  readonly isServiceKnown: boolean;
}

export interface AuditingFact {
  /** Undefined: nobody could tell. */
  readonly isOn: boolean | undefined;
  readonly streams: readonly { readonly id: string; readonly name: string; readonly status: string }[];
}
