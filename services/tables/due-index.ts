import { sha256 } from '../domain/checksum.ts';
import type { Clock } from '../ports/clock.ts';
import type { DueHint, DueIndex, DueItem } from '../ports/due-index.ts';
import { ConflictError, type Table, type Write } from '../ports/table.ts';
import { component, key, keyTime } from './keys.ts';

const BUCKET_MS = 300_000;
const SHARDS = [0, 1, 2, 3] as const;
/** A hint written late still lands in a bucket that is read: buckets are left behind only this long after their end. */
const GRACE_MS = 120_000;
const CURSORS = 'due';

/** Buckets of 5 minutes in 4 shards; a stored cursor says which buckets are done (storage.md, Keys). */
export function createDueIndex({ table, clock }: { readonly table: Table; readonly clock: Clock }): DueIndex {
  const cursors = new Map<number, string>();
  let begun: Promise<void> | undefined;
  return {
    remind: async (hint, at) => {
      begun ??= begin(table, clock.now());
      await begun.catch((error: unknown) => {
        begun = undefined;
        throw error;
      });
      const aggregate = aggregateOf(hint);
      const shard = Number.parseInt(sha256(aggregate).slice(0, 2), 16) % SHARDS.length;
      const row = key(keyTime(at), hint.kind, component(aggregate));
      await table.commit('due', partitionOf(bucketOf(Date.parse(at)), shard), [
        { kind: 'put', row, values: { hint: JSON.stringify(hint) } },
      ]);
    },
    take: async (now) => (await Promise.all(SHARDS.map((shard) => takeShard(table, cursors, shard, now)))).flat(),
    done: (item) => table.remove('due', item.place.partition, item.place.row),
  };
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
  return hint.kind === 'gate' ? `${hint.org} ${hint.id}` : `${hint.org} ${hint.service} ${hint.environment}`;
}

function bucketOf(time: number): number {
  return Math.floor(time / BUCKET_MS) * BUCKET_MS;
}

function partitionOf(bucket: number, shard: number): string {
  return key(keyTime(new Date(bucket).toISOString()), String(shard));
}

async function takeShard(table: Table, cursors: Map<number, string>, shard: number, now: string): Promise<DueItem[]> {
  const time = Date.parse(now);
  let cursor = await cursorOf(table, cursors, shard, time);
  const items: DueItem[] = [];
  for (let bucket = cursor; bucket <= time; bucket += BUCKET_MS) {
    const partition = partitionOf(bucket, shard);
    const rows = await table.list('due', partition, { ranges: [{ from: '', before: `${keyTime(now)}~~` }] });
    items.push(
      ...rows.map(({ row, values }) => ({
        hint: JSON.parse(String(values['hint'])) as DueHint,
        place: { partition, row },
      })),
    );
    if (rows.length === 0 && bucket === cursor && time > bucket + BUCKET_MS + GRACE_MS) cursor = bucket + BUCKET_MS;
  }
  await moveCursor(table, cursors, shard, cursor);
  return items;
}

async function cursorOf(table: Table, cursors: Map<number, string>, shard: number, time: number): Promise<number> {
  const known = cursors.get(shard) ?? (await table.get('sys', CURSORS, cursorRow(shard)))?.values['bucket'];
  if (known === undefined) return bucketOf(time);
  cursors.set(shard, String(known));
  return Date.parse(String(known));
}

async function moveCursor(table: Table, cursors: Map<number, string>, shard: number, cursor: number): Promise<void> {
  const bucket = new Date(cursor).toISOString();
  if (cursors.get(shard) === bucket) return;
  await table.commit('sys', CURSORS, [{ kind: 'put', row: cursorRow(shard), values: { bucket } }]);
  cursors.set(shard, bucket);
}
