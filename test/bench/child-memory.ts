import type { Table } from '../../services/ports/table.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { serveParent, usage } from './children.ts';
import { meetEverybody, playRequest, reportOnCommit } from './history.ts';

/** Rows of what was told, thrown away after so many requests: what is left is the product's own. */
const FORGET_EVERY = 100;
const KEPT: readonly string[] = ['conv', 'sys'];

let rows = createInMemoryTable();
const table: Table = {
  get: (...about) => rows.get(...about),
  list: (...about) => rows.list(...about),
  across: (...about) => rows.across(...about),
  commit: (...about) => rows.commit(...about),
  remove: (...about) => rows.remove(...about),
};
const world = createCoreWorldOn(table);
await meetEverybody(world);
let played = 0;

async function play(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    if (n % FORGET_EVERY === 0) {
      await world.settle();
      forget();
      await reportOnCommit(world);
    }
    await playRequest(world, played);
    world.advance(1);
    played += 1;
  }
  forget();
}

function forget(): void {
  // What the fakes of Teams and Azure DevOps have noted is theirs.
  world.posted.length = 0;
  world.told.length = 0;
  const kept = rows.dump().filter((row) => KEPT.includes(row.table));
  rows = createInMemoryTable();
  rows.load(kept);
}

serveParent({ play, usage });
