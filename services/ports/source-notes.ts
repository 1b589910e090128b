import type { Place } from '../domain/asset.ts';
import type { SourceNote } from '../domain/source-note.ts';

/** Somebody said that something has changed there. */
export interface PullHint {
  readonly source: string;
  /** Organization (URL) whose targets are meant. */
  readonly organization: string;
  readonly etag: string;
}

/** Where something may stand that was said of one target, pulled or sent. */
export interface PlacedFrom {
  readonly source: string;
  readonly target: string;
  readonly places: readonly Place[];
  readonly etag: string;
}

/** How the sources of signals stand, for all processes. Rejects with StoreUnavailableError. */
export interface SourceNotes {
  /** One call. */
  all(): Promise<{
    readonly notes: readonly SourceNote[];
    readonly hints: readonly PullHint[];
    readonly placed: readonly PlacedFrom[];
  }>;
  put(note: SourceNote): Promise<void>;
  forget(note: SourceNote): Promise<void>;
  /** Adds these places, before anything of the target is stored there. */
  remember(source: string, target: string, places: readonly Place[]): Promise<void>;
  /** In place of what was read; nothing where somebody has changed it since. */
  narrow(placed: PlacedFrom, places: readonly Place[]): Promise<void>;
  /** Its targets are pulled with the next round. */
  hint(source: string, organization: string, at: string): Promise<void>;
  /** Unless it came again since it was read. */
  heeded(hint: PullHint): Promise<void>;
}
