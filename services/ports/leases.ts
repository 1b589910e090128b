/**
 * Who does a piece of work that needs doing once. Leases only save work: two holders mean double attempts with the same
 * effects (storage.md rule 12). Rejects with StoreUnavailableError.
 */
export interface Leases {
  /** Takes or renews the lease for so many seconds from now; false while another instance holds it. */
  hold(name: string, seconds: number): Promise<boolean>;
  /** Gives it back early, if it is ours. */
  release(name: string): Promise<void>;
}
