import type { Catalog } from '../domain/catalog.ts';
import type { Contract } from '../domain/contract.ts';
import type { Route } from '../domain/route.ts';

/** The policy in force, read together so that one judgement never mixes two versions. */
export interface PolicySnapshot {
  /** Absent until a valid contract was read: every gate is then blocked with `no-contract`. */
  readonly contract?: Contract;
  readonly catalog: Catalog;
  readonly routes: readonly Route[];
  /** What is wrong with newer files, each `file:line message`; the last good version stays in force. */
  readonly problems: readonly string[];
}

export interface Policy {
  /** The newest valid policy; at most 60 s behind its source. Never rejects. */
  current(): Promise<PolicySnapshot>;
}
