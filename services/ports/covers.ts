import type { Cover, CoverNews, NamedCover } from '../domain/cover.ts';
import type { PersonActor } from '../domain/person.ts';

/** Who arranged or ended it, and when. */
export interface CoverChange {
  /** Stable over replays of the same message (storage.md rule 3). */
  readonly op: string;
  readonly actor: PersonActor;
  /** ISO-8601 UTC of now. */
  readonly at: string;
  /** What others have to be told of it. */
  readonly news: readonly CoverNews[];
}

/** `cover` is the one that was there before. */
export type CoverChanged =
  | { readonly kind: 'changed'; readonly cover?: Cover }
  /** This operation was carried out before: nothing was written. */
  | { readonly kind: 'known' };

export interface Untold {
  readonly news: CoverNews;
  /** As what it was read; opaque. */
  readonly etag: string;
}

/** Who covers for whom; one cover at most for each absent person. Rejects with StoreUnavailableError. */
export interface Covers {
  /** Those that have not ended; at most 60 s old. */
  inForce(now: string): Promise<readonly Cover[]>;
  /** Replaces an earlier cover of the same person; cover, evidence and news are one transaction. */
  set(cover: NamedCover, change: CoverChange): Promise<CoverChanged>;
  /** Ends the cover of this person, if one is there; evidence and news are written with it. */
  end(cover: NamedCover, change: CoverChange): Promise<CoverChanged>;
  /** The one that stands for this person, ended or not, as of now. */
  coverOf(absent: string): Promise<Cover | undefined>;
  /** What people have not been told yet; of one cover the newest alone. */
  untold(): Promise<readonly Untold[]>;
  /** Leaves what has been written anew meanwhile. */
  told(untold: Untold): Promise<void>;
}
