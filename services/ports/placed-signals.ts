import type { Place } from '../domain/asset.ts';
import type { Finding, Report } from '../domain/finding.ts';
import type { JudgedTarget } from '../domain/posture.ts';
import type { Stranger } from '../domain/source-note.ts';
import type { PolicySnapshot } from './policy.ts';
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

/** Findings whose places are known already: everything that is known of one target. */
export interface JudgedPlaces extends Pick<JudgedTarget, 'target' | 'scans'> {
  readonly source: string;
  /** Organization (URL). */
  readonly organization: string;
  readonly policy: PolicySnapshot;
  readonly findings: readonly { readonly finding: Finding; readonly places: readonly Place[] }[];
  /** Where it is known what is wrong, also where nothing is. */
  readonly own: readonly Place[];
  /** By what a place is known. */
  readonly known: (place: Place) => JudgedTarget['parts'];
  /** Where something stood before. */
  readonly before: readonly Place[];
}

/** What became of a judgement. */
export interface JudgedOutcome extends Pick<PlacedSignals, 'places' | 'troubles'> {
  /** Somewhere a later one stands already, and stays. */
  readonly isOlder: boolean;
}

/** Stores what is known of one target in the place of what was said of it before, wherever that stands. Rejects with StoreUnavailableError. */
export type KeepJudged = (judged: JudgedPlaces) => Promise<JudgedOutcome>;
