import type { Place } from '../domain/asset.ts';
import type { Stranger } from '../domain/source-note.ts';

/** What became of signals that were about things in Azure. */
export interface PlacedSignals {
  readonly places: readonly Place[];
  readonly strangers: readonly Stranger[];
  /** Why something is not known in full, in words. */
  readonly troubles: readonly string[];
}
