import { type EvidenceTrouble, IDLE_MINUTES } from './domain/anchoring.ts';
import {
  type CheckpointHead,
  chainProblem,
  checkpointLine,
  checkpointText,
  EMPTY_LOG,
  headOf,
  lineChecksum,
  MOST_HEADS,
  nextCheckpoint,
} from './domain/checkpoint.ts';
import { later, plusMinutes, plusSeconds } from './domain/instant.ts';
import type { Anchors, LogState } from './ports/anchors.ts';
import { type CheckpointLog, CheckpointLogUnavailableError, type LogPosition } from './ports/checkpoint-log.ts';
import type { Clock } from './ports/clock.ts';
import type { ChainPlace, EvidenceLog } from './ports/evidence-log.ts';
import { inLanes } from './ports/lanes.ts';
import type { SignatureVerifier } from './ports/signature-verifier.ts';
import type { Signer } from './ports/signer.ts';
import { type LogTrouble, stateAfter, walkLog } from './ports/walked-log.ts';

interface Needs {
  readonly clock: Clock;
  /** Entra tenant id. */
  readonly tenant: string;
  readonly evidenceLog: EvidenceLog;
  readonly anchors: Anchors;
  readonly checkpointLog: CheckpointLog;
  readonly signer: Signer;
  readonly verifier: SignatureVerifier;
  /** Chains that this process has changed so far; absent: that is not known, and every five minutes are waited for. */
  readonly noted?: () => number;
  /** Somebody must look at it: called once for each trouble that this process notices. */
  readonly alarmed: (trouble: EvidenceTrouble) => void;
}

const BUCKET_MINUTES = 5;
/** Five minutes are looked at so long after their end, and once more with the next five: a commit may be slow. */
const CLOSED_MINUTES = 2;
const RETRY_SECONDS = 60;
const EARLY_SECONDS = 60;
/** So far back is looked at where the last checkpoint lies in the future. */
const DOUBTFUL_MINUTES = 2_880;
/** Of the chains that were broken so many are looked at again each round. */
const MOST_LOOKS = 100;
const TRIES = 4;
/** Nothing was recorded before. */
const START = '2000-01-01T00:00:00.000Z';
const KIND = 'countersign-checkpoint+jws';

/** Somebody else appended: what was read does not hold any more. */
class OvertakenError extends Error {}

/** What a process remembers from one round to the next. */
interface Memory {
  /** Up to when pointers were followed, whether or not there was something to write. */
  looked: string;
  /** Of `noted`, as it was looked at. */
  noted: number;
  ranAt: string;
  retryAt: string;
  mayBeFailing: boolean;
  /** How the log stands, as this process has seen it. */
  state: LogState | undefined;
  /** Troubles that were told. */
  readonly told: Set<string>;
}

export type Checkpoints = ReturnType<typeof createCheckpoints>;

/** Puts where every chain of evidence stands under signed checkpoints that follow one another, in a log outside of the tables. */
export function createCheckpoints(needs: Needs) {
  const { clock, anchors } = needs;
  const fresh = { looked: START, noted: 0, ranAt: START, retryAt: START, mayBeFailing: true, state: undefined };
  const memory: Memory = { ...fresh, told: new Set() };
  return {
    /** Whether the last five minutes that have ended are not looked at here, or a thousand chains were changed since; without a call. */
    isDue: (): boolean => {
      const now = clock.now();
      return (closedBefore(now) !== memory.looked || isMuch(needs, memory)) && now >= memory.retryAt;
    },
    /**
     * Everything that changed until two minutes ago is under a checkpoint; after a thousand chains of this process, everything that is there. Rejects with CheckpointLogUnavailableError,
     * SignerUnavailableError or StoreUnavailableError: then it is due again a minute later, and nothing is lost.
     */
    run: async (): Promise<void> => {
      try {
        await tried(needs, memory);
        if (memory.mayBeFailing) await anchors.failing(undefined, clock.now());
        memory.mayBeFailing = false;
      } catch (error) {
        memory.retryAt = plusSeconds(clock.now(), RETRY_SECONDS);
        memory.mayBeFailing = true;
        // Where the store itself does not answer, status says so.
        await anchors.failing((error as Error).message, clock.now()).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** Not at every turn: what has not ended yet is read anew each time. */
function isMuch({ noted, clock }: Needs, memory: Memory): boolean {
  return (noted?.() ?? 0) - memory.noted >= MOST_HEADS && clock.now() >= plusSeconds(memory.ranAt, EARLY_SECONDS);
}

async function tried(needs: Needs, memory: Memory): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await round(needs, memory);
    } catch (error) {
      // Written or not: the log says. Who is overtaken reads it first.
      memory.state = undefined;
      if (!(error instanceof OvertakenError)) throw error;
      if (tries === TRIES) throw new CheckpointLogUnavailableError('others append to the log again and again');
    }
  }
}

async function round(needs: Needs, memory: Memory): Promise<void> {
  const now = needs.clock.now();
  const before = closedBefore(now);
  const { state: known, troubles } = await needs.anchors.read();
  const alarm = alarmOf(needs, memory);
  let state = await synced(needs, { known, seen: memory.state, now, alarm });
  const add = async (written: Written) => {
    state = await write(needs, state, written);
    memory.state = state;
  };
  memory.state = state;
  const noted = needs.noted?.() ?? 0;
  // What has not ended yet is looked at again once it has: then nothing can come to it any more.
  const until = isMuch(needs, memory) ? plusMinutes(now, BUCKET_MINUTES) : before;
  const places = await needs.evidenceLog.places(lookFrom(state, memory.looked, before), until);
  let heads = await restoredHeads(needs, memory, troubles);
  for (let done = 0; done < places.length; done += MOST_HEADS) {
    const found = await inLanes(places.slice(done, done + MOST_HEADS), (place) => newHead(needs, place, alarm));
    heads = distinct([...heads, ...found.filter(isThere)]);
    if (heads.length < MOST_HEADS) continue;
    await add({ heads: heads.slice(0, MOST_HEADS), through: state.through });
    heads = heads.slice(MOST_HEADS);
  }
  if (heads.length > 0 || !isIdle(state, now, before)) await add({ heads, through: before });
  memory.looked = before;
  memory.noted = noted;
  memory.ranAt = now;
}

type Alarm = (trouble: EvidenceTrouble) => Promise<void>;

function alarmOf({ anchors, alarmed }: Needs, { told }: Memory): Alarm {
  return async (trouble) => {
    await anchors.raise(trouble);
    if (!told.has(trouble.id)) alarmed(trouble);
    told.add(trouble.id);
  };
}

/** The end of the last five minutes that ended two minutes ago. */
function closedBefore(now: string): string {
  const length = BUCKET_MINUTES * 60_000;
  return new Date(Math.floor(Date.parse(plusMinutes(now, -CLOSED_MINUTES)) / length) * length).toISOString();
}

/**
 * From where pointers are followed: the five minutes before what is under a checkpoint, once more. A checkpoint of a process whose clock was
 * ahead says more than it looked at: then the last days count for nothing, and the next checkpoint says less.
 */
function lookFrom({ through }: LogState, looked: string, before: string): string {
  if (through > before) return plusMinutes(before, -DOUBTFUL_MINUTES);
  return plusMinutes(looked > before ? through : later(looked, through), -BUCKET_MINUTES);
}

function isIdle({ through, at }: LogState, now: string, before: string): boolean {
  return through <= before && at > plusMinutes(now, -IDLE_MINUTES);
}

interface Known {
  readonly known: LogState | undefined;
  readonly seen: LogState | undefined;
  readonly now: string;
  readonly alarm: Alarm;
}

/** Read anew unless it is exactly as this process left it: what was taken away or changed is noticed with the next round. */
async function synced(needs: Needs, { known, seen, now, alarm }: Known): Promise<LogState> {
  const { checkpointLog: log, anchors, tenant } = needs;
  if (seen !== undefined && known?.number === seen.number && isSame(await log.end(seen.end.day), seen.end)) return seen;
  const { keys } = await needs.signer.jwks();
  const payloadOf = (jws: string) => needs.verifier.payloadOf(KIND, jws, keys);
  const walked = await walkLog({ log, tenant, payloadOf }, known, dayOf(now));
  for (const trouble of walked.troubles) await alarm(logTrouble(trouble, now));
  // Written by somebody who did not come to note it.
  for (const { checkpoint, state } of walked.added) await anchors.anchored(checkpoint.heads, state);
  if (walked.state !== undefined) return walked.state;
  const { end } = walked;
  return await anchors.begin({ ...EMPTY_LOG, at: START, through: START, day: end.day, end });
}

function isSame(a: LogPosition, b: LogPosition): boolean {
  return a.day === b.day && a.bytes === b.bytes && a.version === b.version;
}

function dayOf(instant: string): string {
  return instant.slice(0, 10);
}

function logTrouble({ day, number, problem }: LogTrouble, since: string): EvidenceTrouble {
  return { id: `log ${day} ${number} ${problem}`, since, about: { kind: 'log', day, number, problem } };
}

/** Undefined where nothing is new, and where nothing may be anchored: that is told. */
async function newHead(needs: Needs, place: ChainPlace, alarm: Alarm): Promise<CheckpointHead | undefined> {
  const looked = await lookAt(needs, place);
  if (!('trouble' in looked)) return looked.head;
  await alarm({ ...looked.trouble, since: needs.clock.now() });
  return undefined;
}

/** Of chains that were broken, and are again what is under a checkpoint. */
async function restoredHeads(
  needs: Needs,
  { told }: Memory,
  troubles: readonly EvidenceTrouble[],
): Promise<CheckpointHead[]> {
  const chains = troubles.flatMap((one) =>
    one.about.kind === 'chain' ? { trouble: one, place: placeIn(one.about) } : [],
  );
  const found = await inLanes(chains.slice(0, MOST_LOOKS), async ({ trouble, place }) => {
    const looked = await lookAt(needs, place);
    if ('trouble' in looked) return undefined;
    await needs.anchors.settle(trouble, needs.clock.now());
    told.delete(trouble.id);
    return looked.head;
  });
  return found.filter(isThere);
}

/** It was made from the place of a chain of ours. */
function placeIn({ table, partition, prefix }: EvidenceTrouble['about'] & { kind: 'chain' }): ChainPlace {
  return { table, partition, prefix } as ChainPlace;
}

/** Without a head: nothing is new. */
type Looked = { readonly head?: CheckpointHead } | { readonly trouble: Omit<EvidenceTrouble, 'since'> };

/** What is under a checkpoint is read first: the chain that is read after it cannot be older. */
async function lookAt({ anchors, evidenceLog }: Needs, place: ChainPlace): Promise<Looked> {
  const anchored = await anchors.headOf(place);
  const chain = await evidenceLog.chain(place);
  // A pointer is written before its commit, which may have failed.
  if (chain === undefined && anchored === undefined) return {};
  const entries = chain?.entries ?? [];
  const problem = chainProblem(entries, anchored);
  if (problem === undefined) {
    const head = headOf(place, entries);
    return head.hash === anchored?.hash ? {} : { head };
  }
  const { table, partition, prefix } = place;
  const aggregate = entries[0]?.aggregate ?? '';
  const about = { kind: 'chain', aggregate, table, partition, prefix, problem } as const;
  const id = [table, partition, prefix].join(' ');
  return { trouble: { id, about: anchored === undefined ? about : { ...about, anchored } } };
}

function distinct(heads: readonly CheckpointHead[]): CheckpointHead[] {
  return [...new Map(heads.map((head) => [[head.table, head.partition, head.prefix].join(' '), head])).values()];
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

interface Written {
  readonly heads: readonly CheckpointHead[];
  readonly through: string;
}

/** Appends one checkpoint, after one that ends the day before where a new one has begun; then notes it. */
async function write(needs: Needs, before: LogState, written: Written): Promise<LogState> {
  const today = dayOf(needs.clock.now());
  const isOver = before.end.day < today;
  const { through } = before;
  const state = isOver ? await append(needs, before, { heads: [], through, continues: today }) : before;
  return await append(needs, state, written);
}

async function append(
  needs: Needs,
  after: LogState,
  what: Written & { readonly continues?: string },
): Promise<LogState> {
  const { tenant, clock, signer, anchors, checkpointLog } = needs;
  const checkpoint = nextCheckpoint(after, { ...what, tenant, at: clock.now() });
  // In canonical order, so that whoever reads it sees what was signed to the last character.
  const line = checkpointLine(await signer.sign(KIND, JSON.parse(checkpointText(checkpoint)) as object));
  const end = await checkpointLog.append(line, after.end);
  if (end === 'moved') throw new OvertakenError('somebody else appended to the log');
  const state = stateAfter(checkpoint, { number: checkpoint.number, checksum: lineChecksum(line) }, end);
  await anchors.anchored(what.heads, state);
  return state;
}
