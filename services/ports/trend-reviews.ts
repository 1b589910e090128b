import type { PersonActor } from '../domain/person.ts';
import type { TrendReview } from '../domain/trend-review.ts';

/** A review as it was read; `etag` is opaque. */
export interface StoredTrendReview {
  readonly review: TrendReview;
  readonly etag: string;
}

/** Reviews of trends, one for each period. Rejects with StoreUnavailableError. */
export interface TrendReviews {
  /** Of the periods that began on this ISO date or later, oldest first: one call. */
  since(date: string): Promise<readonly StoredTrendReview[]>;
  read(id: string): Promise<StoredTrendReview | undefined>;
  /** In place of `before`, which is as it was read (undefined: there was none); undefined: somebody else was first. */
  put(review: TrendReview, before: StoredTrendReview | undefined): Promise<StoredTrendReview | undefined>;
  /** The same with its evidence, in one transaction: who looked at what. */
  record(
    review: TrendReview & { readonly recorded: NonNullable<TrendReview['recorded']> },
    before: StoredTrendReview,
    actor: PersonActor,
  ): Promise<StoredTrendReview | undefined>;
}
