import { sha256 } from '../domain/checksum.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { DueHint, DueIndex, DueItem } from '../ports/due-index.ts';
import { ConflictError, type Table, type Write } from '../ports/table.ts';
import { component, key, keyTime, keyTimeAt, WHOLE } from './keys.ts';

const BUCKET_MS = 300_000;
const SHARDS = [0, 1, 2, 3] as const;
/** A hint written late still lands in a bucket that is read: buckets are left behind only this long after their end. */
const GRACE_MS = 120_000;
/** What lies this long in a bucket that ended is carried into the present one, or every tick would read all in between. */
const CARRY_AFTER_MS = 2 * BUCKET_MS;
/** Behind by more than this, after a standstill or by a process that waited for the lease, one query tells what to read. */
const ASKED_AFTER_MS = 12 * BUCKET_MS;
const CURSORS = 'due';

/** Work whose process died is found by its hint after this time. */
export const RECOVER_AFTER_SECONDS = 60;

/** Buckets of 5 minutes in 4 shards; a stored cursor says which buckets are done (storage.md, Keys). */
export function createDueIndex({ table, clock }: { readonly table: Table; readonly clock: Clock }): DueIndex {
  const shards = SHARDS.map((shard): Shard => ({ shard, start: 0, cursor: undefined, emptyBucket: undefined }));
  let begun: Promise<void> | undefined;
  const index: DueIndex = {
    remind: async (hint, at) => {
      begun ??= begin(table, clock.now());
      await begun.catch((error: unknown) => {
        begun = undefined;
        throw error;
      });
      const aggregate = aggregateOf(hint);
      const shard = Number.parseInt(sha256(aggregate).slice(0, 2), 16) % SHARDS.length;
      // Keys hold whole seconds: a hint that came up a moment early would find nothing to do, and be gone.
      const due = Math.ceil(Date.parse(at) / 1_000) * 1_000;
      const row = key(keyTimeAt(due), hint.kind, component(aggregate));
      // For a time that has passed, the bucket of now: its own may be left behind already.
      const bucket = bucketOf(Math.max(due, Date.parse(clock.now())));
      await table.commit('due', partitionOf(bucket, shard), [
        { kind: 'put', row, values: { hint: JSON.stringify(hint) } },
      ]);
    },
    remindAgain: async (hint, at) => {
      const now = clock.now();
      if (now >= plusSeconds(at, RECOVER_AFTER_SECONDS / 2))
        await index.remind(hint, plusSeconds(now, RECOVER_AFTER_SECONDS));
    },
    take: async (now) => {
      const time = Date.parse(now);
      await Promise.all(shards.map((shard) => findStart(table, shard, time)));
      const held = await heldSince(table, Math.min(...shards.map(({ start }) => start)), time);
      const items = (await Promise.all(shards.map((shard) => takeShard(table, shard, now, held)))).flat();
      return items.sort((a, b) => compare(a.place.row, b.place.row));
    },
    oldest: async (now) => {
      const found = await Promise.all(SHARDS.map((shard) => oldestIn(table, shard, now)));
      return found.filter((at) => at !== undefined).sort()[0];
    },
    done: ({ place }) => table.remove('due', place.partition, place.row, place.etag),
  };
  return index;
}

/** Before the first hint of a new store: readers start no later than here, however late they come. */
async function begin(table: Table, now: string): Promise<void> {
  const bucket = new Date(bucketOf(Date.parse(now))).toISOString();
  const writes = SHARDS.map((shard): Write => ({ kind: 'create', row: cursorRow(shard), values: { bucket } }));
  try {
    await table.commit('sys', CURSORS, writes);
  } catch (error) {
    // They are there already, moved on by those who read.
    if (!(error instanceof ConflictError)) throw error;
  }
}

function cursorRow(shard: number): string {
  return key('cursor', String(shard));
}

function aggregateOf(hint: DueHint): string {
  if (hint.kind === 'gate' || hint.kind === 'post-deploy') return `${hint.org} ${hint.id}`;
  if (hint.kind === 'scope')
    return `${hint.org} ${hint.service} ${hint.environment}${hint.step === true ? ' step' : ''}`;
  if (hint.kind === 'exception') return `${hint.org} ${hint.id}`;
  if (hint.kind === 'nudge') return hint.reader;
  const { organization, projectId, id } = hint.ref;
  return `${organization} ${projectId} ${id}`;
}

function bucketOf(time: number): number {
  return Math.floor(time / BUCKET_MS) * BUCKET_MS;
}

function partitionOf(bucket: number, shard: number): string {
  return key(keyTimeAt(bucket), String(shard));
}

/** Where this process stands in one shard. */
interface Shard {
  readonly shard: number;
  /** The first bucket that is still read. */
  cursor: number | undefined;
  /** Where this pass begins. */
  start: number;
  /** An ended bucket found empty: looked at once more before it is left behind, not at every tick until then. */
  emptyBucket: number | undefined;
}

/** A clock that ran ahead and was put right has left the cursor in the future: what is written now lies before it. */
async function findStart(table: Table, shard: Shard, time: number): Promise<void> {
  shard.start = Math.min(await cursorOf(table, shard, time), bucketOf(time));
}

/** Of buckets that ended long ago, those that hold anything, by shard; undefined: too few of them to ask. */
async function heldSince(table: Table, start: number, time: number): Promise<Held | undefined> {
  if (time - start <= ASKED_AFTER_MS) return undefined;
  const held = new Map(SHARDS.map((shard) => [shard as number, new Set<number>()]));
  const range = { from: keyTimeAt(start), before: keyTimeAt(lately(time)) };
  for await (const { partition } of table.across('due', range, [WHOLE])) {
    const [bucket = '', shard] = partition.split('~');
    held.get(Number(shard))?.add(Date.parse(timeIn(bucket)));
  }
  return held;
}

type Held = ReadonlyMap<number, ReadonlySet<number>>;

/** The first bucket of which nothing is carried over yet. */
function lately(time: number): number {
  return bucketOf(time - BUCKET_MS - CARRY_AFTER_MS);
}

function bucketsOf({ shard, start }: Shard, time: number, held: Held | undefined): number[] {
  const old = held === undefined ? [] : [...(held.get(shard) ?? [])].filter((bucket) => bucket >= start);
  const from = held === undefined ? start : Math.max(start, lately(time));
  const all = Array.from({ length: Math.floor((time - from) / BUCKET_MS) + 1 }, (_, n) => from + n * BUCKET_MS);
  return [...old, ...all];
}

async function takeShard(table: Table, shard: Shard, now: string, held: Held | undefined): Promise<DueItem[]> {
  const time = Date.parse(now);
  const until = { time, before: `${keyTime(now)}~~` };
  let cursor = shard.start;
  let isDone = true;
  const items: DueItem[] = [];
  for (const bucket of bucketsOf(shard, time, held)) {
    const { found, isEmpty } = await visit(table, shard, bucket, until);
    items.push(...found);
    isDone &&= isEmpty && time - bucket - BUCKET_MS > GRACE_MS;
    if (isDone) cursor = bucket + BUCKET_MS;
  }
  if (cursor !== shard.cursor && shard.cursor !== undefined) await moveCursor(table, shard, cursor);
  return distinct(items);
}

/** What is due: by now in milliseconds, and by row key. */
interface Until {
  readonly time: number;
  readonly before: string;
}

/** What is due of one bucket, and whether nothing stays there. */
async function visit(table: Table, shard: Shard, bucket: number, { time, before }: Until) {
  const endedFor = time - bucket - BUCKET_MS;
  if (bucket === shard.emptyBucket && endedFor <= GRACE_MS) return { found: [], isEmpty: true };
  const found = await readBucket(table, partitionOf(bucket, shard.shard), before);
  if (found.length === 0 && endedFor >= 0) shard.emptyBucket = bucket;
  if (found.length === 0 || endedFor <= CARRY_AFTER_MS) return { found, isEmpty: found.length === 0 };
  return { found: await carryOver(table, found, partitionOf(bucketOf(time), shard.shard)), isEmpty: true };
}

async function readBucket(table: Table, partition: string, before: string): Promise<DueItem[]> {
  const rows = await table.list('due', partition, { ranges: [{ from: '', before }] });
  return rows.map(({ row, etag, values }) => ({
    hint: JSON.parse(String(values['hint'])) as DueHint,
    place: { partition, row, etag },
  }));
}

/** First written there, then taken away here: a crash in between leaves a duplicate, never nothing. */
async function carryOver(table: Table, items: readonly DueItem[], partition: string): Promise<DueItem[]> {
  const carried: DueItem[] = [];
  for (const { hint, place } of items) {
    const write: Write = { kind: 'put', row: place.row, values: { hint: JSON.stringify(hint) } };
    const etag = (await table.commit('due', partition, [write])).get(place.row) ?? '';
    await table.remove('due', place.partition, place.row, place.etag);
    carried.push({ hint, place: { partition, row: place.row, etag } });
  }
  return carried;
}

/** After a longer standstill the buckets at its beginning tell enough. */
const LOOKED_INTO = 24;

/** By the stored cursor: another process may have moved it since this one read it. */
async function oldestIn(table: Table, shard: number, now: string): Promise<string | undefined> {
  const time = Date.parse(now);
  const stored = await table.get('sys', CURSORS, cursorRow(shard));
  const start = stored === undefined ? bucketOf(time) : Date.parse(String(stored.values['bucket']));
  const until = Math.min(time, start + (LOOKED_INTO - 1) * BUCKET_MS);
  const rows: string[] = [];
  const ranges = [{ from: '', before: `${keyTime(now)}~~` }];
  for (let bucket = Math.min(start, bucketOf(time)); bucket <= until; bucket += BUCKET_MS) {
    const [first] = await table.list('due', partitionOf(bucket, shard), { ranges, top: 1 });
    if (first !== undefined) rows.push(first.row);
  }
  const [oldest] = rows.sort();
  return oldest === undefined ? undefined : timeIn(oldest);
}

/** The inverse of `keyTime`, of the first part of a key. */
function timeIn(row: string): string {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(row) ?? [];
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

/** What was carried into the present bucket is met there again in the same pass. */
function distinct(items: readonly DueItem[]): DueItem[] {
  return [...new Map(items.map((item) => [`${item.place.partition} ${item.place.row}`, item])).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

async function cursorOf(table: Table, shard: Shard, time: number): Promise<number> {
  if (shard.cursor !== undefined) return shard.cursor;
  const stored = await table.get('sys', CURSORS, cursorRow(shard.shard));
  // Without any hint yet there is no cursor, and nothing to miss: the first hint writes it.
  if (stored === undefined) return bucketOf(time);
  shard.cursor = Date.parse(String(stored.values['bucket']));
  return shard.cursor;
}

async function moveCursor(table: Table, shard: Shard, cursor: number): Promise<void> {
  const bucket = new Date(cursor).toISOString();
  await table.commit('sys', CURSORS, [{ kind: 'put', row: cursorRow(shard.shard), values: { bucket } }]);
  shard.cursor = cursor;
}
