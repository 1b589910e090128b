import { expect, test } from 'vitest';
import { aPlan } from '../fakes/azure-signals.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

// While a plan of Defender is off its lists are as empty as where all is well.

const unhealthy = {
  id: `${vault()}/providers/Microsoft.Security/assessments/151e82c5`,
  name: '151e82c5',
  type: 'Microsoft.Security/assessments',
  properties: {
    resourceDetails: { source: 'Azure', id: vault() },
    displayName: 'Key vaults should be protected',
    status: { code: 'Unhealthy' },
  },
};

async function aScene() {
  const scene = await setSignalScene(createInMemoryTable(), { isDefender: true });
  scene.azure.world.assessments = { [PAYMENTS]: [], [ORDERS]: [] };
  scene.azure.world.alerts = { [PAYMENTS]: [], [ORDERS]: [] };
  return {
    ...scene,
    pull: async () => {
      await scene.pull();
      scene.world.advance(70);
    },
    heads: async (service = 'payments-api') =>
      (await scene.world.ports.scopes.view(scene.scopeOf('prod', service), [])).heads,
    whyOf: async (name: string) => (await scene.signals()).find((one) => one.name === name)?.failure?.why,
  };
}

test('where every plan is on, empty lists are clean; one that is replaced by another counts as little as free posture management', async () => {
  const scene = await aScene();
  await scene.pull();

  expect(await scene.heads()).toMatchObject([{ tool: 'defender', category: 'runtime', complete: true, groups: [] }]);
  expect(await scene.whyOf('payments-prod')).toBeUndefined();
});

test.each([
  ['one plan is off', [aPlan('VirtualMachines', 'Standard'), aPlan('KeyVaults', 'Free')], 'are off (KeyVaults)'],
  ['all plans are off', [aPlan('VirtualMachines', 'Free'), aPlan('Arm', 'Free')], 'are off (VirtualMachines, Arm)'],
  ['no plan is known', [], 'no plan of Defender is known'],
  ['a plan has a tier that nobody knows', [{ name: 'KeyVaults', properties: {} }], 'are off (another)'],
])(
  'where %s empty lists are unknown, with what to switch on; other subscriptions go on',
  async (_what, plans, words) => {
    const scene = await aScene();
    scene.azure.world.plans = { [PAYMENTS]: plans };
    await scene.pull();

    expect((await scene.heads()).every(({ complete }) => !complete)).toBe(true);
    const why = await scene.whyOf('payments-prod');
    expect(why).toContain(words);
    expect(why).toContain('switch them on in this subscription');
    expect(await scene.heads('orders-api')).toMatchObject([{ complete: true }]);
  },
);

test('a plan that is switched off takes nothing back that Defender has said; once it is on again the list counts', async () => {
  const scene = await aScene();
  scene.azure.world.assessments = { ...scene.azure.world.assessments, [PAYMENTS]: [unhealthy] };
  await scene.pull();
  const open = async () => (await scene.heads()).flatMap(({ groups }) => groups).length;
  expect(await open()).toBe(1);

  scene.azure.world.assessments = { ...scene.azure.world.assessments, [PAYMENTS]: [] };
  scene.azure.world.plans = { [PAYMENTS]: [aPlan('KeyVaults', 'Free')] };
  await scene.pull();
  expect(await open()).toBe(1);

  scene.azure.world.plans = {};
  await scene.pull();
  expect(await open()).toBe(0);
});

test('plans that may not be read are unknown with the role that is missing', async () => {
  const scene = await aScene();
  scene.azure.world.plans = { [PAYMENTS]: null };
  await scene.pull();

  expect(await scene.heads()).toEqual([]);
  expect(await scene.whyOf('payments-prod')).toContain('403 AuthorizationFailed');
  expect(await scene.whyOf('payments-prod')).toContain('role Security Reader');
});
