import { describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { freshTables } from '../contracts/fresh-tables.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

const found = (name: string) => anEvent('NonCompliant', '2026-11-24T08:59:00Z', vault(name));
const named = (paths: readonly string[]) => paths.map((path) => path.split('/').at(-1)).sort();

describe.each(freshTables())('signals that meet one another or a fault, on %s', (_name, newTable) => {
  test.each(['find', 'scope'] as const)(
    'of two at once neither is lost, whoever comes first to table %s',
    async (between) => {
      const table = await newTable();
      const scene = await setSignalScene(table);
      await scene.pull();
      table.beforeNextWrite(between, () => scene.send(found('second')));
      await scene.send(found('first'));

      expect(named(await scene.openIn())).toEqual(['first', 'second']);
    },
  );

  test.each(['find', 'scope'] as const)(
    'what the store did not take into table %s is taken whole when it comes again',
    async (failing) => {
      const table = await newTable();
      const scene = await setSignalScene(table);
      await scene.pull();
      table.failNextCommit(failing, 'before');
      await expect(scene.send(found('a'))).rejects.toThrow(StoreUnavailableError);
      await scene.send(found('a'));

      expect(named(await scene.openIn())).toEqual(['a']);
    },
  );
});

test('what two parts of the catalog have an equal claim to is judged for neither, and told with both', async () => {
  const dir = await policyFolder([
    'catalog.yaml',
    'prod: { subscription: orders-prod, resourceGroups: [rg-orders-prod] }',
    'prod: { subscription: payments-prod, resourceGroups: [rg-payments-prod] }',
  ]);
  const scene = await setSignalScene(createInMemoryTable(), {}, dir);
  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await scene.pull();

  expect(await scene.openIn()).toEqual([]);
  expect(await scene.openIn('prod', 'orders-api')).toEqual([]);
  const [sample] = (await scene.signals()).find(({ name }) => name === 'payments-prod')?.strangers.samples ?? [];
  expect(sample?.places?.map(({ service }) => service).sort()).toEqual(['orders-api', 'payments-api']);
});

test('where the bot serves several organizations, each has what Azure says', async () => {
  const scene = await setSignalScene(createInMemoryTable(), {}, undefined, ['https://dev.azure.com/other']);
  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await scene.pull();

  for (const org of scene.orgs) {
    const { heads } = await scene.world.ports.scopes.view({ ...scene.scopeOf('prod'), org }, []);
    expect(heads.map(({ groups }) => groups.length)).toEqual([1]);
  }
  expect(scene.orgs).toHaveLength(2);
});
