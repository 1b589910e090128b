import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Table } from '../../services/ports/table.ts';
import type { Operation } from '../bench/operations.ts';
import { setScene } from '../bench/scene.ts';
import { countedInMemory } from '../fakes/counted-tables.ts';
import type { SoakWorld } from './soak-world.ts';

/** How much there was after so many requests. */
export interface Sample {
  readonly requests: number;
  readonly heapMb: number;
  readonly rssMb: number;
  readonly rows: number;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MB = 1024 * 1024;

export function sample({ table }: SoakWorld, requests: number): Sample {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return { requests, heapMb: heapUsed / MB, rssMb: rss / MB, rows: table.size() };
}

/** Calls that one operation takes, and those that it may. */
export interface Calls {
  readonly what: string;
  readonly made: number;
  readonly budget: number;
}

export interface Counting {
  /** What stands between the operations and a store of so many rows. */
  readonly through: (table: Table, rows: number) => Table;
  readonly operations: readonly Operation[];
}

/** On a copy of the store as it now is, in a process for which everything is warm: docs/storage.md, Budgets. */
export async function callsOn(world: SoakWorld, { through, operations }: Counting): Promise<readonly Calls[]> {
  const rows = world.table.dump();
  const scene = await setScene({ requests: 0, now: world.now, rows }, (all) => {
    const counted = countedInMemory(all);
    return { ...counted, table: through(counted.table, rows.length) };
  });
  const calls: Calls[] = [];
  for (const operation of operations) {
    for (const { what, made, allowed } of await operation.run(scene))
      calls.push({ what, made: made.length, budget: allowed.length });
  }
  return calls;
}

/** Until the oldest rows are taken away for the first time the store grows, as it should. */
const SETTLED_SHARE = 0.3;
/** What collection leaves behind differs from time to time. */
const LEAST_MB = 12;
const MOST_SHARE = 0.15;
/** What a row of the store takes, which lives in this process as well: 1.8 KB were measured. */
const ROW_MB = 2 / 1024;

/**
 * By how much the heap grew beside the rows of the store, as a line through the later samples says it; and how much it may, of what
 * came after the first sample: whatever else the process holds is not the soak's.
 */
export function heapGrowth(samples: readonly Sample[]): { readonly grownMb: number; readonly allowedMb: number } {
  const last = samples.at(-1)?.requests ?? 0;
  const beside = ({ heapMb, rows }: Sample) => heapMb - rows * ROW_MB;
  const settled = samples.filter(({ requests }) => requests >= last * SETTLED_SHARE);
  const mean = (of: (one: Sample) => number) => settled.reduce((sum, one) => sum + of(one), 0) / settled.length;
  const [x, y] = [mean(({ requests }) => requests), mean(beside)];
  const spread = settled.reduce((sum, { requests }) => sum + (requests - x) ** 2, 0);
  const slope = settled.reduce((sum, one) => sum + (one.requests - x) * (beside(one) - y), 0) / spread;
  return {
    grownMb: slope * last * (1 - SETTLED_SHARE),
    allowedMb: Math.max(LEAST_MB, mean(({ heapMb }) => heapMb - (samples[0]?.heapMb ?? 0)) * MOST_SHARE),
  };
}
