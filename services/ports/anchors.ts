import type { Anchoring, EvidenceTrouble } from '../domain/anchoring.ts';
import type { CheckpointHead, LogHead } from '../domain/checkpoint.ts';
import type { ChainHead } from '../domain/evidence.ts';
import type { LogPosition } from './checkpoint-log.ts';
import type { ChainPlace } from './evidence-log.ts';

/** The last checkpoint that is known to stand in the log; number 0 before the first. */
export interface LogState extends LogHead {
  /** ISO-8601 UTC, as are all times here. */
  readonly at: string;
  readonly through: string;
  /** The part that its line stands in. */
  readonly day: string;
  /** Where the next one goes. */
  readonly end: LogPosition;
}

export interface KeptAnchoring extends Anchoring {
  readonly state?: LogState;
}

/** What the table storage remembers of the checkpoint log: what was there cannot be missing unnoticed. Rejects with StoreUnavailableError. */
export interface Anchors {
  /** One call. Troubles are those that are still so. */
  read(): Promise<KeptAnchoring>;
  /** Notes where an empty log begins; gives what stands by then, so that of two that begin it at once both go on at the same place. */
  begin(state: LogState): Promise<LogState>;
  /** As it is under a checkpoint; undefined where none has it. */
  headOf(place: ChainPlace): Promise<ChainHead | undefined>;
  /** Notes what stands in the log; done again, it changes nothing. Of two that note at once the later checkpoint stays. */
  anchored(heads: readonly CheckpointHead[], state: LogState): Promise<void>;
  /** Notes a trouble with its evidence; false when it is noted already. */
  raise(trouble: EvidenceTrouble): Promise<boolean>;
  /** It is no more so; evidence too. */
  settle(trouble: EvidenceTrouble, at: string): Promise<void>;
  /** Since when checkpoints fail and why; undefined: they do not. Noted where it changed. */
  failing(why: string | undefined, at: string): Promise<void>;
}
