import type { RawWork } from './child-raw.ts';
import { startChild } from './children.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';
import { PREFIX, startStore } from './product.ts';
import { recordDecisions } from './recorded.ts';

const AT_ONCE = 16;
const WARM_UP = 32;
const ROUNDS = 3;
const A_ROUND = 48;
const BAR = 0.7;

/** Decisions recorded and told, beside the same storage calls by the table client alone on the same store. */
export async function decisions(): Promise<readonly Line[]> {
  const recorded = await recordDecisions(2 * (WARM_UP + ROUNDS * A_ROUND));
  const { azurite, connectionString } = await startStore(recorded.rows);
  const [product, raw] = await Promise.all([
    startChild('child-decide.ts', [connectionString, PREFIX]),
    startChild('child-raw.ts', [connectionString, PREFIX]),
  ]);
  let taken = 0;
  const take = (count: number) => {
    taken += count;
    return recorded.decisions.slice(taken - count, taken);
  };
  const decided = async (count: number) => {
    const ids = take(count).map(({ requestId }) => requestId);
    return count / (await product.ask<number>('decide', { concurrency: AT_ONCE, ids }));
  };
  const alone = async (count: number) => {
    const sequences = take(count).map(({ before, after }) => [...before, ...after]);
    return count / (await raw.ask<RawWork>('run', { concurrency: AT_ONCE, sequences })).seconds;
  };
  try {
    await decided(WARM_UP);
    await alone(WARM_UP);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let n = 0; n < ROUNDS; n += 1) {
      ours.push(await decided(A_ROUND));
      theirs.push(await alone(A_ROUND));
    }
    const [value, floor] = [median(ours), median(theirs)];
    const beside = { what: 'the same storage calls by the table client alone, one after the other', value: floor };
    const bar = { bar: `at least ${BAR}`, met: value >= BAR * floor };
    return [line('decisions recorded and told, 16 at once', '1/s', value, beside, bar)];
  } finally {
    await Promise.all([product, raw].map((child) => child.close()));
    await azurite.close();
  }
}
