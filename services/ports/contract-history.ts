/** One version that contract.yaml has had where it comes from. */
export interface ContractVersion {
  readonly version: number;
  /** ISO-8601 UTC; when it came to be in force. */
  readonly since: string;
  readonly commit: string;
  readonly text: string;
}

/** What contract.yaml was before: how long a rule has warned is read from it. */
export interface ContractHistory {
  /** Newest first. Never rejects: `why` says what could not be read. */
  earlier(): Promise<
    | { readonly kind: 'known'; readonly versions: readonly ContractVersion[] }
    | { readonly kind: 'unknown'; readonly why: string }
  >;
}
