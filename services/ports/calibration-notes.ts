import type { Advice } from '../domain/calibration.ts';
import type { Erosion } from '../domain/erosion.ts';

/** The measurement of one day. */
export interface Round {
  /** ISO date where the contract's calendar is. */
  readonly day: string;
  /** ISO-8601 UTC; when it was claimed, or done. */
  readonly at: string;
  /** False: a process is at it, or died there. */
  readonly isDone: boolean;
}

/** What an owner of controls was told. */
export interface OwnerNote {
  readonly oid: string;
  /** ISO date, as in `Round`: when something was last sent to them. */
  readonly day: string;
  /** Only advice that still stands: what is given again later is told again. */
  readonly told: readonly { readonly control: string; readonly advice: Advice }[];
}

/** As it was read or written; `etag` is opaque. */
export interface Noted<T> {
  readonly note: T;
  readonly etag: string;
}

export interface CalibrationState {
  /** Absent: nothing was ever measured. */
  readonly round?: Noted<Round>;
  readonly erosions: readonly Erosion[];
  /** By object id. */
  readonly owners: ReadonlyMap<string, Noted<OwnerNote>>;
}

/** What the daily measurement of the controls leaves behind. Rejects with StoreUnavailableError. */
export interface CalibrationNotes {
  /** One call for 1,000 notes. */
  read(): Promise<CalibrationState>;
  /** In place of `before`, which is as it was read (undefined: there was none); undefined: somebody else was first. */
  putRound(round: Round, before: Noted<Round> | undefined): Promise<Noted<Round> | undefined>;
  putOwner(owner: OwnerNote, before: Noted<OwnerNote> | undefined): Promise<Noted<OwnerNote> | undefined>;
  /** These and no others; `before` are those that are noted. */
  putErosions(erosions: readonly Erosion[], before: readonly Erosion[]): Promise<void>;
}
