/** How many of each were listed anew. */
export interface RebuiltIndex {
  readonly requests: number;
  /** Of them: not told yet. */
  readonly open: number;
  readonly exceptions: number;
  readonly hints: number;
  /** Entries that nothing stood behind any more. */
  readonly removed: number;
  /** Partitions of a service or environment that neither policy nor key names: what is due there is found by its next report. */
  readonly unnamed: number;
}

/**
 * Writes what is open and what is due anew, from the records that these lists are made of. Harmless beside running processes, and a second
 * time. Rejects with StoreUnavailableError.
 */
export type RebuildIndex = () => Promise<RebuiltIndex>;
