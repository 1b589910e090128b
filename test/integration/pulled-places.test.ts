import { expect, test } from 'vitest';
import { type Asset, assetKey, assetOf } from '../../services/domain/asset.ts';
import { AssetsUnavailableError } from '../../services/ports/assets.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

const memory = async () => createInMemoryTable();

// Whose a resource is, where the catalog cannot tell by its id alone.

test('what is only sent is judged where Azure says that it belongs, and proves nothing', async () => {
  const asked: (readonly string[])[] = [];
  const find = async (ids: readonly string[]) => {
    asked.push(ids);
    return new Map(ids.map((id) => [assetKey(id), { ...(assetOf(id) as Asset), subscription: 'payments-prod' }]));
  };
  const scene = await setSignalScene(await memory(), {
    assets: { find, list: async () => ({ assets: [], unread: [] }) },
  });
  await scene.send(anEvent('NonCompliant', '2026-11-24T08:59:00Z'));
  const judged = (await scene.world.core.approvals.find(await scene.world.deliver()))?.judgement;

  expect(asked).toEqual([[vault()]]);
  expect(judged?.warns).toMatchObject([{ control: 'azure-policy', rule: 'purge-protection' }]);
  expect(judged?.signals.find(({ control }) => control === 'azure-policy')).toMatchObject({
    state: 'unknown',
    why: 'incomplete',
  });
});

test('while Azure does not say whose something is, what is sent is not taken', async () => {
  const find = async () => {
    throw new AssetsUnavailableError('Azure Resource Graph failed');
  };
  const scene = await setSignalScene(await memory(), { assets: { find, list: find } });

  await expect(scene.send(anEvent('NonCompliant', '2026-11-24T08:59:00Z'))).rejects.toThrow(AssetsUnavailableError);
  expect(await scene.headOf()).toBeUndefined();
});

test('an asset that nobody can be asked about, in a subscription that the catalog knows by name, is told', async () => {
  const scene = await setSignalScene(await memory());
  await scene.send(anEvent('NonCompliant', '2026-11-24T08:59:00Z'));

  expect((await scene.signals())[0]?.strangers).toEqual({ count: 1, samples: [{ asset: vault() }] });
});

test('where the catalog goes over to another subscription, what the old one said stands there no more', async () => {
  const dir = await policyFolder();
  const scene = await setSignalScene(await memory(), {}, dir);
  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await scene.pull();
  expect(await scene.openIn()).toHaveLength(1);

  await edited(dir, ['catalog.yaml', 'subscription: payments-prod', 'subscription: orders-prod']);
  scene.world.advance(70);
  await scene.pull();

  expect(await scene.openIn()).toEqual([]);
  expect(await scene.headOf()).toMatchObject({ complete: true });
  expect((await scene.signals()).map(({ name }) => name)).not.toContain('payments-prod');
});
