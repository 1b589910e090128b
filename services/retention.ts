import type { ArchivedHead } from './domain/archived-head.ts';
import { runningSha256 } from './domain/checksum.ts';
import { readExportLine } from './domain/evidence-export.ts';
import { plusDays, plusMinutes } from './domain/instant.ts';
import { createLineSplitter, type SplitLine } from './domain/line-splitter.ts';
import type { Archive } from './ports/archive.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import { inLanes } from './ports/lanes.ts';
import type { RetentionState, RetentionStore } from './ports/retention-store.ts';

interface Needs {
  readonly clock: Clock;
  /** So long after its last change a request stays. */
  readonly retentionDays: number;
  /** Nothing is deleted while it is true. */
  readonly legalHold: boolean;
  readonly archive: Archive;
  readonly retention: RetentionStore;
  readonly exceptions: Pick<ExceptionStore, 'live'>;
  /** All evidence of this time as an export that verifies without us. */
  readonly exported: (time: Time) => Promise<AsyncIterable<string>>;
  /** Why such an export is not what was written, or undefined. */
  readonly problemOf: (bytes: AsyncIterable<Uint8Array>) => Promise<string | undefined>;
  readonly failed: (error: unknown) => void;
}

const DAY_MINUTES = 1_440;
/** Before anything was recorded. */
const FIRST_DAY = '2000-01-01';
/** In one entry of evidence; about 150 bytes each. */
const MOST_HEADS = 500;
/** Of a round. */
const MOST_DELETED = 100;
const LONGEST_LINE = 16 * 1024 * 1024;

/**
 * Day by day what ended long ago is exported to an archive, read back and verified; that is evidence, and when it is under a checkpoint, the
 * requests that stand there as they stand here are deleted. One small step a round; done again after a crash, it changes nothing.
 */
export function createRetention(needs: Needs) {
  const { retention, clock } = needs;
  return {
    /** For the process that holds the lease. Never rejects: what fails is tried again with the next round, and told by `status`. */
    run: async (): Promise<void> => {
      let state: RetentionState | undefined;
      try {
        state = (await retention.state()) ?? { day: FIRST_DAY };
        await step(needs, state);
      } catch (error) {
        needs.failed(error);
        if (state === undefined) return;
        const failure = { since: state.failure?.since ?? clock.now(), why: (error as Error).message };
        // Where the store itself does not answer, status says so.
        await retention.note({ ...state, failure }).catch(() => undefined);
      }
    },
  };
}

async function step(needs: Needs, state: RetentionState): Promise<void> {
  if (state.archived !== undefined) return await deleteSome(needs, state, state.archived);
  const { retention, clock, retentionDays } = needs;
  const day = await retention.nextDay(state.day);
  const kept = plusMinutes(clock.now(), -retentionDays * DAY_MINUTES).slice(0, 10);
  if (day === undefined || day >= kept) return;
  const file = `${day.slice(0, 7)}/${day}.jsonl`;
  const time = { from: `${day}T00:00:00.000Z`, to: `${plusDays(day, 1)}T00:00:00.000Z` };
  await needs.archive.create(
    file,
    later(() => needs.exported(time)),
  );
  const read = await readBack(needs, file, time);
  const ended = await retention.ended(day);
  const heads = ended.filter(({ aggregate, seq, hash }) => isSame(read.heads.get(aggregate), { seq, hash }));
  let through = 0;
  for (let from = 0; from < heads.length; from += MOST_HEADS) {
    const some = heads.slice(from, from + MOST_HEADS);
    through = await retention.archived({ day, file, sha256: read.sha256, heads: some }, clock.now());
  }
  await retention.note({ day, archived: { through, done: 0 }, last: file });
}

async function* later(begin: () => Promise<AsyncIterable<string>>): AsyncGenerator<string> {
  yield* await begin();
}

type Head = Pick<ArchivedHead, 'seq' | 'hash'>;

interface Time {
  readonly from: string;
  readonly to: string;
}

function isSame(a: Head | undefined, b: Head): boolean {
  return a?.seq === b.seq && a.hash === b.hash;
}

/** What stands in the archive, whoever wrote it. Rejects with a sentence where that is not what was written. */
async function readBack({ archive, problemOf }: Needs, file: string, time: Time) {
  const problem = await problemOf(archive.read(file));
  if (problem !== undefined)
    throw new Error(`archive ${file} does not verify, and nothing of it is deleted: ${problem}`);
  const bytes = runningSha256();
  const heads = new Map<string, Head>();
  for await (const lines of linesOf(archive.read(file))) {
    for (const one of lines) {
      if ('why' in one) throw new Error(`archive ${file} cannot be read: ${one.why}`);
      bytes.add(`${one.text}\n`);
      noteLine(readExportLine(one.text), time, file, heads);
    }
  }
  return { sha256: bytes.hex(), heads };
}

function noteLine(line: ReturnType<typeof readExportLine>, time: Time, file: string, heads: Map<string, Head>): void {
  if (line.kind === 'head' && !isOf(line.head, time)) throw new Error(`archive ${file} is of another time or scope`);
  if (line.kind === 'entry') heads.set(line.entry.aggregate, { seq: line.entry.seq, hash: line.entry.hash });
}

function isOf(
  head: { readonly from?: string; readonly to?: string; readonly scope?: string },
  { from, to }: Time,
): boolean {
  return head.from === from && head.to === to && head.scope === undefined;
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly SplitLine[]> {
  const splitter = createLineSplitter(LONGEST_LINE);
  for await (const chunk of chunks) yield splitter.push(chunk);
  yield splitter.rest();
}

/** Not before the entry that says so is under a checkpoint, so that nobody can make one up afterwards. */
async function deleteSome(
  { retention, exceptions, legalHold }: Needs,
  { failure: _, ...state }: RetentionState,
  { through, done }: NonNullable<RetentionState['archived']>,
): Promise<void> {
  if (legalHold || (through > 0 && (await retention.signedThrough(state.day)) < through)) return;
  const heads = through === 0 ? [] : await retention.headsOf(state.day);
  const some = heads.slice(done, done + MOST_DELETED);
  const inForce = new Set(
    (await exceptions.live()).flatMap(({ exception }) => exception.askers.map(({ requestId }) => requestId)),
  );
  await inLanes(some, async (head) => {
    const [, id = ''] = head.aggregate.split(' ');
    if (!inForce.has(id)) await retention.delete(head);
  });
  const { day, last } = state;
  const rest = last === undefined ? {} : { last };
  if (done + some.length >= heads.length) await retention.note({ day: plusDays(day, 1), ...rest });
  else await retention.note({ day, archived: { through, done: done + some.length }, ...rest });
}
