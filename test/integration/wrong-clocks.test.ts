import { expect, test } from 'vitest';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

const YEAR = 525_600;

test('what was pulled while the clock was a year ahead is neither young nor the last word once it is right again', async () => {
  const scene = await setSignalScene(createInMemoryTable());
  const { world, azure } = scene;
  await scene.pull();
  world.advance(YEAR);
  await scene.pull();
  world.advance(-YEAR + 10);
  await scene.pull();
  expect(await scene.headOf()).toMatchObject({ complete: true, scannedAt: world.now });

  world.advance(70);
  azure.world.states = { [PAYMENTS]: [aState(vault('a'))], [ORDERS]: [] };
  await scene.pull();

  expect(await scene.openIn()).toHaveLength(1);
  expect(await scene.headOf()).toMatchObject({ complete: true, scannedAt: world.now });
  await scene.send(anEvent('NonCompliant', world.now, vault('b')));
  expect(await scene.openIn()).toHaveLength(2);
  expect((await scene.signals()).find(({ name }) => name === 'payments-prod')).toMatchObject({
    pulledAt: world.now,
    isStale: false,
  });
});

test('an event after the clock was ahead leaves nothing proven until it is pulled again', async () => {
  const scene = await setSignalScene(createInMemoryTable());
  const { world } = scene;
  world.advance(YEAR);
  await scene.pull();
  world.advance(-YEAR);
  expect((await scene.signals()).find(({ name }) => name === 'payments-prod')).toMatchObject({ isStale: true });
  await scene.send(anEvent('NonCompliant', world.now));

  expect(await scene.openIn()).toHaveLength(1);
  expect(await scene.headOf()).toMatchObject({ complete: false });
});

test('a list that was begun while the clock was ahead is begun anew', async () => {
  const scene = await setSignalScene(createInMemoryTable());
  const { world, azure } = scene;
  azure.world.pageSize = 1;
  azure.world.states = { [PAYMENTS]: ['a', 'b'].map((name) => aState(vault(name))), [ORDERS]: [] };
  const end = azure.faults.add({ on: /skiptoken=1/, status: 503 });
  world.advance(YEAR);
  await scene.pull();
  end();
  world.advance(-YEAR);
  await scene.pull();

  expect(await scene.openIn()).toHaveLength(2);
  expect(await scene.headOf()).toMatchObject({ scannedAt: world.now });
  expect(azure.requests.filter((one) => one.includes(PAYMENTS))).toHaveLength(4);
});
