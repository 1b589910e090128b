import type { ContractPast } from '../domain/soak.ts';

/** Earlier versions of contract.yaml, from wherever the policy is kept. */
export interface ContractHistory {
  /** The newest 200 at most. Never rejects: what cannot be read is `unknown`, with the reason. */
  past(): Promise<ContractPast>;
}
