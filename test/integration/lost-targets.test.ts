import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createAdvancedSecurity } from '../../services/azure-devops/advanced-security.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { orgOf } from '../../services/domain/gate.ts';
import { TENANT } from '../builders.ts';
import { startAdvancedSecurity } from '../fakes/advanced-security.ts';
import { createCoreWorld } from '../fakes/core-world.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

const memory = () => createInMemoryTable();

test('a subscription that Azure shows no more keeps what was found in it, and its age', async () => {
  const scene = await setSignalScene(memory());
  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await scene.pull();
  const before = await scene.headOf();

  scene.azure.world.subscriptions = { [ORDERS]: 'orders-prod' };
  scene.world.advance(70);
  await scene.pull();

  expect(await scene.headOf()).toEqual(before);
  const [payments] = (await scene.signals()).filter(({ name }) => name === 'payments-prod');
  expect(payments?.failure?.why).toContain('give its identity the role Reader');
  expect(payments?.pulledAt).toBe(before?.scannedAt);

  scene.azure.world.subscriptions = { [PAYMENTS]: 'payments-prod', [ORDERS]: 'orders-prod' };
  scene.azure.world.states = { [PAYMENTS]: [], [ORDERS]: [] };
  scene.world.advance(70);
  await scene.pull();
  expect(await scene.openIn()).toEqual([]);
  expect((await scene.signals()).filter(({ name }) => name === 'payments-prod')).toMatchObject([{ isStale: false }]);
});

test('a catalog that cannot be read takes nothing away, also where the process knows no earlier one', async () => {
  const dir = await policyFolder();
  const table = memory();
  const scene = await setSignalScene(table, {}, dir);
  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await scene.pull();

  await edited(dir, ['catalog.yaml', 'kind: Catalog', 'kind: [']);
  scene.world.advance(70);
  await scene.pull(scene.world.restart());

  expect(await scene.openIn()).toHaveLength(1);
});

const ledger = (owner: string, subscription: string) => `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ledger
  annotations:
    dev.azure.com/project-repo: Shop/ledger
    countersign/environments: |
      prod: { subscription: ${subscription}, resourceGroups: [rg-ledger] }
spec: { type: service, lifecycle: production, owner: ${owner} }
`;

test.each([
  ['that nobody else names', 'ledger-prod'],
  ['of another service too', 'payments-prod'],
])(
  'while the file of a service is broken what was found in it, in a subscription %s, stays',
  async (_, subscription) => {
    const dir = await policyFolder();
    const file = join(dir, 'catalog', 'ledger.yaml');
    await mkdir(join(dir, 'catalog'), { recursive: true });
    await writeFile(file, ledger('group:ledger', subscription));
    const scene = await setSignalScene(memory(), {}, dir);
    const { azure, world } = scene;
    azure.world.subscriptions = { [PAYMENTS]: subscription, [ORDERS]: 'orders-prod' };
    azure.world.states = { [PAYMENTS]: [aState(vault('own', 'rg-ledger'))], [ORDERS]: [] };
    await scene.pull();
    expect(await scene.openIn('prod', 'ledger')).toHaveLength(1);

    await writeFile(file, ledger('user:jane', subscription));
    world.advance(70);
    await scene.pull(world.restart());
    expect(await scene.openIn('prod', 'ledger')).toHaveLength(1);

    await rm(file);
    world.advance(70);
    await scene.pull(world.restart());
    expect(await scene.openIn('prod', 'ledger')).toEqual([]);
  },
);

test('while Azure asks for patience which subscriptions there are is not asked again', async () => {
  const scene = await setSignalScene(memory());
  await scene.pull();
  scene.azure.faults.add({ on: /subscriptions\?/, status: 429, headers: { 'retry-after': '3000' } });
  scene.world.advance(70);
  await scene.pull();
  const asked = scene.azure.requests.length;
  for (const minutes of [6, 6, 6]) {
    scene.world.advance(minutes);
    await scene.pull();
  }
  expect(scene.azure.requests).toHaveLength(asked);

  scene.world.advance(40);
  await scene.pull();
  expect(scene.azure.requests.length).toBeGreaterThan(asked);
});

const RENAMED = ['catalog.yaml', 'resourceGroups: [rg-payments-prod]', 'resourceGroups: [rg-renamed]'] as const;
const TAKEN_OVER = ['catalog.yaml', /prod: \{ subscription: orders-prod, resourceGroups: \[rg-orders-prod\]/g] as const;

test('what an event said of a service to which it no longer belongs is gone with the next list', async () => {
  const dir = await policyFolder(['catalog.yaml', 'prod: { subscription: payments-prod, ', 'prod: { ']);
  const scene = await setSignalScene(memory(), {}, dir);
  await scene.send(anEvent('NonCompliant', '2026-11-24T08:59:00Z'));
  expect(await scene.openIn()).toHaveLength(1);

  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await edited(dir, RENAMED);
  await edited(dir, [...TAKEN_OVER, 'prod: { subscription: payments-prod, resourceGroups: [rg-payments-prod]']);
  scene.world.advance(20);
  await scene.pull();

  expect(await scene.openIn()).toEqual([]);
  expect(await scene.openIn('prod', 'orders-api')).toHaveLength(1);
});

test.each([
  ['is still wrong', 'NonCompliant', 1],
  ['is well again', 'Compliant', 0],
] as const)(
  'an event of something that came to another service and %s ends it at the old one',
  async (_, state, open) => {
    const dir = await policyFolder(['catalog.yaml', 'prod: { subscription: payments-prod, ', 'prod: { ']);
    const scene = await setSignalScene(memory(), {}, dir);
    await scene.send(
      anEvent('NonCompliant', '2026-11-24T08:50:00Z'),
      anEvent('NonCompliant', '2026-11-24T08:50:00Z', vault('other')),
    );
    await edited(dir, RENAMED);
    await edited(dir, [...TAKEN_OVER, 'prod: { resourceGroups: [rg-payments-prod]']);
    scene.world.advance(2);
    await scene.send(anEvent(state, '2026-11-24T09:00:00Z'));

    expect((await scene.openIn()).map((path) => path.split('/').at(-1))).toEqual(['other']);
    expect(await scene.openIn('prod', 'orders-api')).toHaveLength(open);
  },
);

test('a process that dies after it stored something leaves nothing that later lists do not find', async () => {
  const dir = await policyFolder(['catalog.yaml', 'prod: { subscription: orders-prod, ', 'prod: { ']);
  const table = memory();
  const scene = await setSignalScene(table, {}, dir);
  scene.azure.world.states = { [PAYMENTS]: [aState(vault('a', 'rg-orders-prod'))] };
  await scene.pull();
  expect(await scene.openIn('prod', 'orders-api')).toHaveLength(1);
  // As if the process had died before it noted how the pull went.
  for (const { table: name, partition, row } of table.dump())
    if (name === 'sys' && row.startsWith('n~azure')) await table.remove(name, partition, row);
  scene.azure.world.states = { [PAYMENTS]: [] };
  scene.world.advance(20);
  await scene.pull(scene.world.restart());

  expect(await scene.openIn('prod', 'orders-api')).toEqual([]);
});

const PROJECT = { id: '9d444840-9dc0-11d1-b245-5ffdce74fad2', name: 'Shop' };
const IDS = ['ad444840-9dc0-11d1-b245-5ffdce74fad2', 'bd444840-9dc0-11d1-b245-5ffdce74fad2'] as const;

test('while the bot does not see one of the repositories that the catalog names, nothing of the service is proven', async () => {
  const fake = await startAdvancedSecurity();
  onTestFinished(() => fake.close());
  const { organization, pat } = fake;
  const see = (...names: readonly string[]) => {
    fake.world.repositories = names.map((name, n) => ({ id: IDS[n] ?? '', name, project: PROJECT, alerts: [] }));
  };
  const source = createAdvancedSecurity({ organizations: [organization], identity: createPatIdentity(pat) });
  const world = await createCoreWorld({ organization, signalSources: [source] });
  const scope = { org: orgOf(TENANT, organization), service: 'payments-api', environment: '-' };
  const pulled = async () => {
    world.advance(70);
    await world.core.reconcile();
    await world.core.idle();
    return (await world.ports.scopes.view(scope, [])).heads.map(({ complete }) => complete);
  };

  see('payments-api');
  expect(await pulled()).toEqual([false]);
  see('payments-api', 'payments-api-deploy');
  expect(await pulled()).toEqual([true]);
});
