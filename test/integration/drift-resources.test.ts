import { expect, test } from 'vitest';
import type { BaselineResources } from '../../services/ports/baseline-resources.ts';
import type { SignalSource } from '../../services/ports/signal-source.ts';
import { type DriftScene, SCOPE, setDriftScene } from '../fakes/drift-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { anEvent, ORDERS, PAYMENTS, vault } from '../fakes/signal-scene.ts';

const driftOf = async ({ world }: DriftScene) => (await world.ports.baselines.read(SCOPE)).drift?.drift;

/** Azure Policy, which has nothing to say but by events. */
const policies: SignalSource = {
  name: 'azure-policy',
  targets: async () => ({
    targets: [
      { id: PAYMENTS, name: 'payments-prod' },
      { id: ORDERS, name: 'orders-prod' },
    ],
    unseen: new Map(),
  }),
  page: async () => ({ body: new TextEncoder().encode('{"value":[]}') }),
};

/** A key vault that the catalog names, and how often Azure was asked for it. */
async function aNamedVault() {
  const azure = { asked: 0, purge: 'true' };
  const id = vault();
  const baselineResources: BaselineResources = {
    of: async () => {
      azure.asked += 1;
      const values = { 'properties.enablePurgeProtection': azure.purge };
      return { found: [{ id, type: 'microsoft.keyvault/vaults', values }], unread: [] };
    },
  };
  const named = 'baseline: [{ type: microsoft.keyvault/vaults, properties: [properties.enablePurgeProtection] }]';
  const from = 'resourceGroups: [rg-payments-prod] }';
  const policyDir = await policyFolder(['catalog.yaml', from, from.replace(' }', `, ${named} }`)]);
  const scene = await setDriftScene({ baselineResources, policyDir, signalSources: [policies] });
  // What subscriptions are called is known by what is pulled.
  await scene.round();
  await scene.release();
  return { scene, azure, changed: () => scene.world.core.azureReceived([anEvent('NonCompliant', scene.world.now)]) };
}

test('an event of Azure Policy has what the baseline names compared at once, however often it comes, and the last of a burst with the next round', async () => {
  const { scene, azure, changed } = await aNamedVault();
  await scene.round();
  azure.asked = 0;
  azure.purge = 'false';
  await changed();
  await scene.world.core.idle();
  expect((await driftOf(scene))?.items).toMatchObject([
    { kind: 'changed', after: { values: { 'properties.enablePurgeProtection': 'false' } } },
  ]);
  azure.purge = 'true';
  for (let n = 0; n < 5; n += 1) await changed();
  await scene.world.core.idle();
  expect(azure.asked).toBe(1);
  await scene.round();
  expect(azure.asked).toBe(2);
  expect((await driftOf(scene))?.items).toEqual([]);
  await scene.round();
  expect(azure.asked).toBe(2);
});

test('an event of Azure asks for nothing of a service of which the catalog names no resources', async () => {
  const { scene, azure } = await aNamedVault();
  azure.asked = 0;
  const ours = vault('keys', 'rg-orders-prod', ORDERS);
  await scene.world.core.azureReceived([anEvent('NonCompliant', scene.world.now, ours)]);
  await scene.world.core.idle();
  expect(azure.asked).toBe(0);
});
