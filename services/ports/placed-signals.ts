import type { Place } from '../domain/asset.ts';
import type { Report } from '../domain/finding.ts';
import type { Stranger } from '../domain/source-note.ts';
import type { PlacedFrom } from './source-notes.ts';

/** What became of signals that were about things in Azure. */
export interface PlacedSignals {
  readonly places: readonly Place[];
  readonly strangers: readonly Stranger[];
  /** Why something is not known in full, in words. */
  readonly troubles: readonly string[];
}

/** Single words about things in Azure, as they were sent. */
export interface SentReport {
  readonly source: string;
  readonly report: Report;
  /** Subscriptions whose name is known, by id. */
  readonly names: ReadonlyMap<string, string>;
  /** Where the source said something before. */
  readonly placed: readonly PlacedFrom[];
}
