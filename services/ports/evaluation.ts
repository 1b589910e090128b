import type { Assessment } from '../domain/assess.ts';
import type { Contract, EnvironmentPolicy } from '../domain/contract.ts';
import type { Ask, Gate } from '../domain/gate.ts';
import type { Obstacle } from '../domain/judgement.ts';
import type { RunSources } from '../domain/run.ts';
import type { PolicySnapshot } from './policy.ts';

/**
 * Reads policy, scopes and directory afresh and judges. `jobToken` gives none where Azure DevOps asks by an approval of
 * its own. Rejects when any of them does not answer (StoreUnavailable-, DirectoryUnavailable-,
 * AzureDevOpsUnavailableError): then nothing is known, and nothing passes.
 */
export type Evaluate = (gate: Gate, jobToken: () => Promise<string | undefined>, now: string) => Promise<Assessment>;

/** What a gate is asked by. */
export interface AskBasis {
  readonly sources: RunSources;
  readonly policy: PolicySnapshot;
  readonly contract: Contract;
  readonly environment: EnvironmentPolicy;
}

/** Whom to ask and when to remind them, or why nobody can be asked. */
export type Asked =
  | { readonly obstacle: Obstacle }
  | {
      readonly obstacle?: never;
      readonly ask: Ask;
      readonly requesterAliases: readonly string[];
      readonly remindAt?: string;
      readonly escalateAt?: string;
    };

/** Finds the people of a gate's routes. Rejects with DirectoryUnavailableError or StoreUnavailableError. */
export type AskPeople = (gate: Gate, basis: AskBasis, now: string) => Promise<Asked>;
