import type { Place } from '../domain/asset.ts';
import type { Category, Finding } from '../domain/finding.ts';

/** Everything that one source of our own says of one place, as of an instant: what it lacks is no more. */
export interface StandingFindings {
  readonly organization: string;
  readonly place: Place;
  /** Such as `drift`. */
  readonly source: string;
  readonly tool: string;
  readonly category: Category;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly findings: readonly Finding[];
}

/** Stores them as the posture of their source, and has gates know it. Why not in full, in words; undefined: all of it. Rejects with StoreUnavailableError. */
export type KeepStanding = (told: StandingFindings) => Promise<string | undefined>;
