import type { ChainHead } from './evidence.ts';
import { plusMinutes } from './instant.ts';

/** Something under a checkpoint that is no more what it was. */
export interface EvidenceTrouble {
  /** Names it: the same trouble is told once. */
  readonly id: string;
  /** ISO-8601 UTC; when it was noticed. */
  readonly since: string;
  readonly about:
    | {
        readonly kind: 'chain';
        readonly aggregate: string;
        readonly table: string;
        readonly partition: string;
        readonly prefix: string;
        readonly problem: string;
        /** What is under a checkpoint, where something is. */
        readonly anchored?: ChainHead;
      }
    /** `number`: of the first checkpoint concerned. */
    | { readonly kind: 'log'; readonly day: string; readonly number: number; readonly problem: string };
}

/** How far evidence is under checkpoints. */
export interface Anchoring {
  /** Of the last checkpoint. */
  readonly last?: { readonly number: number; readonly at: string; readonly through: string };
  /** Since when no checkpoint can be written, and why. */
  readonly failure?: { readonly since: string; readonly why: string };
  readonly troubles: readonly EvidenceTrouble[];
}

export interface CheckpointHealth extends Anchoring {
  /** `off`: there is nowhere to write checkpoints. `late`: the last one is older than the next one should be. */
  readonly state: 'off' | 'ok' | 'none-yet' | 'late' | 'failing' | 'broken';
}

/** With nothing to anchor one is written all the same, so that what was cut off shows by its age. */
export const IDLE_MINUTES = 60;
const LATE_MINUTES = IDLE_MINUTES + 15;
/** What a log has lost cannot come back; it is told for so long. */
const TOLD_DAYS_MINUTES = 30 * 1_440;

export function checkpointHealth(anchoring: Anchoring, isConfigured: boolean, now: string): CheckpointHealth {
  const { last, failure } = anchoring;
  const troubles = anchoring.troubles.filter(({ about, since }) => about.kind === 'chain' || isTold(since, now));
  const known = { ...(last === undefined ? {} : { last }), ...(failure === undefined ? {} : { failure }), troubles };
  return { ...known, state: stateOf(known, isConfigured, now) };
}

function stateOf(
  { last, failure, troubles }: Anchoring,
  isConfigured: boolean,
  now: string,
): CheckpointHealth['state'] {
  if (troubles.length > 0) return 'broken';
  if (!isConfigured) return 'off';
  if (failure !== undefined) return 'failing';
  if (last === undefined) return 'none-yet';
  return last.at < plusMinutes(now, -LATE_MINUTES) ? 'late' : 'ok';
}

function isTold(since: string, now: string): boolean {
  return since > plusMinutes(now, -TOLD_DAYS_MINUTES);
}
