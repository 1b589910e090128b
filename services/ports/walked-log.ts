import {
  type Checkpoint,
  claimedIn,
  EMPTY_LOG,
  jwsIn,
  type LineProblem,
  type LogHead,
  readLine,
} from '../domain/checkpoint.ts';
import type { LogState } from './anchors.ts';
import type { CheckpointLog, LogPart, LogPosition } from './checkpoint-log.ts';

interface Needs {
  readonly log: CheckpointLog;
  readonly tenant: string;
  /** The payload of a checkpoint's JWS; undefined for one that is not ours. */
  readonly payloadOf: (jws: string) => Promise<string | undefined>;
}

/** What is wrong with the log: where, and at which checkpoint it shows. */
export interface LogTrouble {
  readonly day: string;
  readonly number: number;
  /** `missing`: it was there, and is gone or another. */
  readonly problem: LineProblem | 'missing';
}

export interface WalkedLog {
  /** The last checkpoint that stands in the log or stood there; absent before the first. */
  readonly state?: LogState;
  /** Behind everything that stands there. */
  readonly end: LogPosition;
  /** Checkpoints after the one that was known, and how the log stood at each. */
  readonly added: readonly { readonly checkpoint: Checkpoint; readonly state: LogState }[];
  readonly troubles: readonly LogTrouble[];
}

/**
 * Reads the log from the part that its last known checkpoint stands in, line by line. What is no line of ours is named and stepped over, so
 * that the log goes on after it. `today`: the part that an empty log begins with. Rejects with CheckpointLogUnavailableError.
 */
export async function walkLog(needs: Needs, known: LogState | undefined, today: string): Promise<WalkedLog> {
  const walk = beginWalk(needs, known);
  let day = known?.day ?? (await lastDay(needs.log)) ?? today;
  for (;;) {
    const part = await needs.log.read(day);
    const end = part?.end ?? { day, bytes: 0 };
    for (const line of part?.lines ?? []) await walk.step(line, end);
    const next = walk.continuesIn();
    if (next === undefined || next <= day) return walk.end(end);
    day = next;
  }
}

/** The newest part with a line in it: one that was begun and not written is no end. */
async function lastDay(log: CheckpointLog): Promise<string | undefined> {
  for (const day of (await log.days()).toReversed()) {
    const part: LogPart | undefined = await log.read(day);
    if (part !== undefined && part.lines.length > 0) return day;
  }
  return undefined;
}

function beginWalk({ tenant, payloadOf }: Needs, known: LogState | undefined) {
  const troubles: LogTrouble[] = [];
  const added: { readonly checkpoint: Checkpoint; readonly state: LogState }[] = [];
  let head: LogHead | undefined;
  let last: Checkpoint | undefined;
  let isSeen = known === undefined || known.number === EMPTY_LOG.number;

  function take(checkpoint: Checkpoint, at: LogHead, end: LogPosition): void {
    [head, last] = [at, checkpoint];
    if (at.number === known?.number && at.checksum === known.checksum) isSeen = true;
    if (at.number <= (known?.number ?? 0)) return;
    added.push({ checkpoint, state: stateAfter(checkpoint, at, end) });
  }

  /** Up to the one that is known, lines are proved by its checksum, whichever key signed them; only what follows needs a signature of now. */
  async function textOf(jws: string): Promise<string | undefined> {
    const said = claimedIn(jws);
    return known !== undefined && said !== undefined && said.number <= known.number ? said.text : await payloadOf(jws);
  }

  return {
    continuesIn: () => last?.continues,
    step: async (line: string, end: LogPosition) => {
      const jws = jwsIn(line);
      const signed = jws === undefined ? undefined : await textOf(jws);
      const strict = readLine(line, signed, { after: head, tenant });
      const number = (head?.number ?? 0) + 1;
      if ('problem' in strict) troubles.push({ day: end.day, number, problem: strict.problem });
      const read = 'problem' in strict ? readLine(line, signed, { tenant }) : strict;
      if ('checkpoint' in read) take(read.checkpoint, read.head, end);
    },
    end: (end: LogPosition): WalkedLog => {
      if (!isSeen && known !== undefined) troubles.push({ day: known.day, number: known.number, problem: 'missing' });
      const state = added.at(-1)?.state ?? known;
      return { ...(state === undefined ? {} : { state: { ...state, end } }), end, added, troubles };
    },
  };
}

/** The next line goes behind this one, or into the part that it names. */
export function stateAfter(checkpoint: Checkpoint, head: LogHead, end: LogPosition): LogState {
  const { at, through, continues } = checkpoint;
  return { ...head, at, through, day: end.day, end: continues === undefined ? end : { day: continues, bytes: 0 } };
}
