/** Somebody decides in the place of somebody who is away. Object ids, lower case. */
export interface Cover {
  readonly absent: string;
  readonly by: string;
  /** ISO-8601 UTC, exclusive. */
  readonly until: string;
  /** Who arranged it: the absent person, or their lead. */
  readonly setBy: string;
}

/** Who covers for whom; one cover at most for each absent person. Rejects with StoreUnavailableError. */
export interface Covers {
  /** Those that have not ended; at most 60 s old. */
  inForce(now: string): Promise<readonly Cover[]>;
  /** Replaces an earlier cover of the same person. */
  set(cover: Cover): Promise<void>;
  end(absent: string): Promise<void>;
}
