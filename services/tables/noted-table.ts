import { plusSeconds } from '../domain/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { ChainPlace } from '../ports/evidence-log.ts';
import type { Table, Values } from '../ports/table.ts';
import { bucketOf, placeKey, placesIn, placeValues, pointersAt } from './evidence-places.ts';

const MOST_WRITES = 100;
/** So many chains of five minutes are remembered as noted; a pointer that is written again changes nothing. */
const MOST_KNOWN = 10_000;
/** A commit that took longer may land after its pointers were looked at twice (checkpoints.ts). */
const SLOW_SECONDS = 30;

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
}

interface Noted {
  /** How many pointers this process has asked for so far: a chain that changes counts once in five minutes. */
  noted(): number;
}

/**
 * A table in which all evidence is found by time: whatever commits a link of a chain, a pointer to the chain is written before, in table
 * `log`. One for each chain, five minutes and process; those asked for at the same time in one transaction.
 */
export function createNotedTable<T extends Table>(table: T, { tenant, clock }: Needs): T & Noted {
  const { note, noted } = createPointers(table, tenant);
  const commit: Table['commit'] = async (name, partition, writes) => {
    const places = placesIn(name, partition, writes);
    if (places.length === 0) return await table.commit(name, partition, writes);
    const began = clock.now();
    const noteSlow = async () => {
      if (clock.now() > plusSeconds(began, SLOW_SECONDS)) await note(bucketOf(clock.now()), places);
    };
    await note(bucketOf(began), places);
    try {
      const etags = await table.commit(name, partition, writes);
      await noteSlow();
      return etags;
    } catch (error) {
      // Whether it was committed may be unknown; the caller's fault is the one to tell of.
      await noteSlow().catch(() => undefined);
      throw error;
    }
  };
  // All else is the table's own, also what is put in its place later.
  return Object.assign(Object.create(table) as T, { commit, noted });
}

interface Batch {
  readonly bucket: string;
  readonly rows: Map<string, Values>;
  readonly done: Promise<void>;
}

/** Resolves once a pointer to each of these chains stands under this bucket. Rejects as a commit does. */
function createPointers(table: Table, tenant: string) {
  let known: { readonly bucket: string; readonly rows: Map<string, Promise<void>> } | undefined;
  let next: Batch | undefined;
  let count = 0;

  async function write(batch: Pick<Batch, 'bucket' | 'rows'>): Promise<void> {
    // Whoever asks before this goes on is taken along; nobody waits for a transaction that is under way.
    await Promise.resolve();
    if (next?.rows === batch.rows) next = undefined;
    const writes = [...batch.rows].map(([row, values]) => ({ kind: 'put', row, values }) as const);
    await table.commit('log', pointersAt(tenant, batch.bucket), writes);
  }

  function batchFor(bucket: string): Batch {
    if (next?.bucket === bucket && next.rows.size < MOST_WRITES) return next;
    const batch = { bucket, rows: new Map<string, Values>() };
    next = { ...batch, done: write(batch) };
    return next;
  }

  function noteOne(bucket: string, place: ChainPlace): Promise<void> {
    if (known?.bucket !== bucket || known.rows.size >= MOST_KNOWN) known = { bucket, rows: new Map() };
    const { rows } = known;
    const row = placeKey(place);
    const before = rows.get(row);
    if (before !== undefined) return before;
    count += 1;
    const batch = batchFor(bucket);
    batch.rows.set(row, placeValues(place));
    // What was not written is asked for again.
    const done = batch.done.catch((error: unknown) => {
      rows.delete(row);
      throw error;
    });
    rows.set(row, done);
    return done;
  }

  return {
    note: async (bucket: string, places: readonly ChainPlace[]): Promise<void> => {
      await Promise.all(places.map((place) => noteOne(bucket, place)));
    },
    noted: () => count,
  };
}
