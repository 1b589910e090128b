import type { Contract } from '../domain/contract.ts';
import type { ContractChange, ContractVersion } from '../domain/contract-change.ts';

/** A change that not everybody has been told of. */
export interface UntoldChange {
  readonly change: ContractChange;
  /** Place in the chain of evidence. */
  readonly seq: number;
  /** Object ids of those who were told. */
  readonly told: readonly string[];
  /** ISO-8601 UTC; a process is telling it, or died there. */
  readonly claimedAt?: string;
}

/** As it was read or written; `etag` is opaque. */
export interface StoredChange extends UntoldChange {
  readonly etag: string;
}

export interface ContractState {
  /** The contract that was last noted as in force; absent: none ever was. */
  readonly newest?: ContractVersion & { readonly seq: number; readonly hash: string; readonly at: string };
  /** Oldest first. */
  readonly untold: readonly StoredChange[];
}

/** Which contracts were in force, as a chain of evidence, and what each of them said. Rejects with StoreUnavailableError. */
export interface ContractVersions {
  /** One call for 1,000 versions. */
  read(): Promise<ContractState>;
  /** Undefined: never in force, too large to be kept, or kept in a form that is not read any more. */
  contract(checksum: string): Promise<Contract | undefined>;
  /** What this contract says, at the latest when a gate is first judged by it: one call, none where this process knows it is kept. */
  keep(contract: Contract): Promise<void>;
  /**
   * Evidence that this contract is in force from now on, what it says, and, where another was before it, that this is to
   * be told, in one transaction. False: somebody else was first.
   */
  append(
    contract: Contract,
    found: { readonly at: string; readonly commit?: string },
    newest: ContractState['newest'],
  ): Promise<boolean>;
  /** Undefined: somebody else was first. */
  put(change: UntoldChange, before: StoredChange): Promise<StoredChange | undefined>;
  /** Nothing is left to be told of it. */
  done(change: Pick<StoredChange, 'seq'>): Promise<void>;
}
