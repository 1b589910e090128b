import type { PersonActor } from '../domain/person.ts';
import type { Review } from '../domain/review.ts';

/** A review as it was read; `etag` is opaque. */
export interface StoredReview {
  readonly review: Review;
  readonly etag: string;
}

/** Reviews of trends, one for each period. Rejects with StoreUnavailableError. */
export interface Reviews {
  /** Of the periods that began on this ISO date or later, oldest first: one call. */
  since(date: string): Promise<readonly StoredReview[]>;
  read(id: string): Promise<StoredReview | undefined>;
  /** In place of `before`, which is as it was read (undefined: there was none); undefined: somebody else was first. */
  put(review: Review, before: StoredReview | undefined): Promise<StoredReview | undefined>;
  /** The same with its evidence, in one transaction: who looked at what. */
  record(
    review: Review & { readonly recorded: NonNullable<Review['recorded']> },
    before: StoredReview,
    actor: PersonActor,
  ): Promise<StoredReview | undefined>;
}
