import type { Catalog } from '../domain/catalog.ts';
import type { Contract } from '../domain/contract.ts';
import type { KnownExploited } from '../domain/known-exploited.ts';
import type { ProvenanceTrust } from '../domain/provenance.ts';
import type { Route } from '../domain/route.ts';

/** The policy in force, read together so that one judgement never mixes two versions. */
export interface PolicySnapshot {
  /** Absent until a valid contract was read: every gate is then blocked with `no-contract`. */
  readonly contract?: Contract;
  /** The commit that the contract was read from, where it comes from a repository. */
  readonly commit?: string;
  /** ISO-8601 UTC; when this process first read the contract, which may be in force for longer. */
  readonly readAt?: string;
  /** Absent: no list was read, and nothing is known to be exploited by it. */
  readonly knownExploited?: KnownExploited;
  readonly catalog: Catalog;
  readonly routes: readonly Route[];
  /** Service → why its own file of routes could not be read: no route, not even a wider one, applies to it. */
  readonly brokenRoutes: ReadonlyMap<string, string>;
  /** Whom to believe about where an artifact comes from; absent: nobody, also while its files are broken. */
  readonly provenance?: ProvenanceTrust;
  /** What is wrong with newer files, each `file:line message`; the last good version stays in force. */
  readonly problems: readonly string[];
}

export interface Policy {
  /** The newest valid policy; at most 60 s behind its source. Never rejects. */
  current(): Promise<PolicySnapshot>;
}
