import { createAzureTable } from '../../services/tables/azure-table.ts';
import { ORG } from '../builders.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { serveParent } from './children.ts';
import { click, meetEverybody } from './history.ts';
import { atOnce } from './load.ts';

/** The product's core on the real table client, with Teams and Azure DevOps that answer at once. */
const [connectionString = '', prefix = ''] = process.argv.slice(2);
const world = createCoreWorldOn(createAzureTable({ connection: { connectionString }, prefix, budgetMs: 20_000 }));
world.now = new Date().toISOString();
await meetEverybody(world);

interface Work {
  readonly concurrency: number;
  readonly ids: readonly string[];
}

/** Seconds until the last of them is decided and told. */
async function decide({ concurrency, ids }: Work): Promise<number> {
  const begun = performance.now();
  const approve = async (id: string) => {
    const { kind } = await click(world, id);
    if (kind !== 'decided') throw new Error(`the click on ${id} was ${kind}`);
    await world.core.outbox.drain(ORG, id);
  };
  await atOnce(
    concurrency,
    ids.map((id) => () => approve(id)),
  );
  await world.core.idle();
  return (performance.now() - begun) / 1_000;
}

serveParent({ decide });
