import { describe, expect, test } from 'vitest';
import { freshTables } from '../contracts/fresh-tables.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

describe.each(freshTables())('pulled signals, on %s', (_name, newTable) => {
  test('what is wrong in an environment is judged with its next deployment, and once it is mended it is gone, with its history', async () => {
    const scene = await setSignalScene(await newTable());
    const { world, azure } = scene;
    azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
    await scene.pull();
    const judged = (await world.core.approvals.find(await world.deliver()))?.judgement;

    expect(judged?.warns).toMatchObject([{ control: 'azure-policy', tool: 'azure-policy', rule: 'purge-protection' }]);
    expect(judged?.signals.find(({ control }) => control === 'azure-policy')).toMatchObject({ state: 'known' });
    const print = judged?.warns[0]?.fingerprints[0] ?? '';

    azure.world.states = { [PAYMENTS]: [], [ORDERS]: [] };
    world.advance(66);
    await scene.pull();
    const { events } = await world.ports.scopes.finding(scene.scopeOf('prod'), print);

    expect(await scene.headOf()).toMatchObject({ complete: true, groups: [] });
    expect(events.map(({ kind }) => kind)).toEqual(['first-seen', 'gone']);
  });

  test('a list is stored when its last page is there, not before, and goes on where it was stopped', async () => {
    const scene = await setSignalScene(await newTable());
    const { world, azure } = scene;
    azure.world.pageSize = 1;
    azure.world.states = { [PAYMENTS]: ['a', 'b', 'c'].map((name) => aState(vault(name))), [ORDERS]: [] };
    azure.faults.add({
      on: new RegExp(`${PAYMENTS}.*skiptoken=2`),
      status: 429,
      headers: { 'retry-after': '600' },
      times: 1,
    });
    await scene.pull();

    expect(await scene.headOf()).toBeUndefined();
    expect(await scene.headOf('prod', 'orders-api')).toMatchObject({ complete: true });

    world.advance(9);
    await scene.pull();
    expect(await scene.headOf()).toBeUndefined();
    world.advance(2);
    await scene.pull();

    expect(await scene.openIn()).toHaveLength(3);
    expect(azure.requests.filter((one) => one.includes(PAYMENTS))).toHaveLength(4);
  });

  test('a process that dies between two pages leaves nothing behind: the next one begins anew', async () => {
    const scene = await setSignalScene(await newTable());
    const { world, azure } = scene;
    azure.world.pageSize = 1;
    azure.world.states = { [PAYMENTS]: ['a', 'b'].map((name) => aState(vault(name))), [ORDERS]: [] };
    const end = azure.faults.add({ on: new RegExp(`${PAYMENTS}.*skiptoken=1`), status: 503 });
    await scene.pull();
    expect(await scene.headOf()).toBeUndefined();

    end();
    world.advance(6);
    await scene.pull(world.restart());

    expect(await scene.openIn()).toHaveLength(2);
    expect(azure.requests.filter((one) => one.includes(PAYMENTS))).toHaveLength(4);
  });

  test('the same list again costs the gates nothing, and what is known is as old as the last pull', async () => {
    const scene = await setSignalScene(await newTable());
    const { world, azure } = scene;
    azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
    await scene.pull();
    const first = await scene.headOf();
    world.advance(66);
    await scene.pull();
    const second = await scene.headOf();

    expect(second?.scannedAt).toBe(world.now);
    expect(second?.receivedAt).toBe(first?.receivedAt);
    expect(await world.ports.scopes.pendingWakes(scene.scopeOf('prod'))).toEqual([]);
  });

  test('events and pulls in any order end in what is so', async () => {
    const scene = await setSignalScene(await newTable());
    const { azure } = scene;
    azure.world.states = { [PAYMENTS]: [aState(vault('a')), aState(vault('b'))], [ORDERS]: [] };
    await scene.pull();
    // Later than the list, earlier than the list, and the same one once more.
    await scene.send(anEvent('Compliant', '2026-11-24T08:59:00Z', vault('a')));
    await scene.send(anEvent('NonCompliant', '2026-11-24T08:58:00Z', vault('c')));
    await scene.send(anEvent('NonCompliant', '2026-11-20T08:00:00Z', vault('a')));
    await scene.send(
      anEvent('Compliant', '2026-11-24T08:59:00Z', vault('a')),
      anEvent('Compliant', '2026-11-10T00:00:00Z', vault('b')),
    );

    expect((await scene.openIn()).map((path) => path.split('/').at(-1)).sort()).toEqual(['b', 'c']);
  });
});

const memory = async () => createInMemoryTable();

test('a control that nothing was pulled for is unknown, one that was and found nothing is known, with its age', async () => {
  const scene = await setSignalScene(await memory());
  const before = (await scene.world.core.approvals.find(await scene.world.deliver()))?.judgement;
  await scene.pull();

  expect(before?.signals.find(({ control }) => control === 'azure-policy')).toMatchObject({
    state: 'unknown',
    why: 'absent',
  });
  expect(await scene.headOf()).toMatchObject({ complete: true, groups: [], commit: '-', scannedAt: scene.world.now });
});

test('an environment that no pull covers is not told clean', async () => {
  const scene = await setSignalScene(await memory());
  await scene.pull();

  expect(await scene.headOf('staging')).toBeUndefined();
  const unseen = (await scene.signals()).filter(({ failure }) => failure !== undefined);
  expect(unseen.map(({ name }) => name).sort()).toEqual(['orders-test', 'payments-test']);
  expect(unseen.every(({ isStale }) => isStale)).toBe(true);
});

test('a subscription that may not be read is unknown with the role that is missing, and the others go on', async () => {
  const scene = await setSignalScene(await memory());
  scene.azure.world.states = { [ORDERS]: [] };
  await scene.pull();

  expect(await scene.headOf()).toBeUndefined();
  expect(await scene.headOf('prod', 'orders-api')).toMatchObject({ complete: true });
  const payments = (await scene.signals()).find(({ name }) => name === 'payments-prod');
  expect(payments).toMatchObject({ isStale: true });
  expect(payments?.failure?.why).toContain('403 AuthorizationFailed');
  expect(payments?.failure?.why).toContain('role Reader');
});

test('a pull that keeps failing makes what is known too old, never clean', async () => {
  const scene = await setSignalScene(await memory());
  const { world, azure } = scene;
  await scene.pull();
  azure.faults.add({ on: /policyStates/, status: 500 });
  for (let day = 0; day < 8; day += 1) {
    world.advance(1_440);
    await scene.pull();
  }
  const judged = (await world.core.approvals.find(await world.deliver()))?.judgement;

  expect(judged?.signals.find(({ control }) => control === 'azure-policy')).toMatchObject({
    state: 'unknown',
    why: 'too-old',
  });
  expect((await scene.signals()).find(({ name }) => name === 'payments-prod')).toMatchObject({ isStale: true });
});

test('after hours of silence the same list is news to whoever waits', async () => {
  const scene = await setSignalScene(await memory());
  await scene.pull();
  const end = scene.azure.faults.add({ on: /policyStates/, status: 500 });
  for (let hour = 0; hour < 4; hour += 1) {
    scene.world.advance(61);
    await scene.pull();
  }
  expect((await scene.headOf())?.receivedAt).toBe('2026-11-24T09:00:00.000Z');
  end();
  scene.world.advance(61);
  await scene.pull();

  expect((await scene.headOf())?.receivedAt).toBe(scene.world.now);
});

test('pages without an end are given up with a reason, and nothing of them is stored', async () => {
  const scene = await setSignalScene(await memory());
  scene.azure.world.pageSize = 1;
  scene.azure.world.states = { [PAYMENTS]: [aState(), aState(vault('b'))], [ORDERS]: [] };
  scene.azure.world.nextLink = (link) => link.replace('skiptoken=1', 'skiptoken=0');
  await scene.pull();

  expect(await scene.headOf()).toBeUndefined();
  expect((await scene.signals()).find(({ name }) => name === 'payments-prod')?.failure?.why).toContain('no end');
});

test('what two pages both have is one finding', async () => {
  const scene = await setSignalScene(await memory());
  scene.azure.world.pageSize = 1;
  scene.azure.world.states = { [PAYMENTS]: [aState(), aState()], [ORDERS]: [] };
  await scene.pull();

  expect((await scene.headOf())?.groups.map(({ count }) => count)).toEqual([1]);
});

test('an answer that no reader takes is told, and nothing is taken for clean', async () => {
  const scene = await setSignalScene(await memory());
  scene.azure.world.states = { [PAYMENTS]: [{ complianceState: 'NonCompliant' }], [ORDERS]: [] };
  await scene.pull();

  expect(await scene.headOf()).toBeUndefined();
  expect((await scene.signals()).find(({ name }) => name === 'payments-prod')?.failure?.why).toContain(
    'names no resource',
  );
});

test('a pull that cannot tell of something whether it is one is no success, and what it told before grows old', async () => {
  const scene = await setSignalScene(await memory());
  const ofPayments = async () => (await scene.signals()).find(({ name }) => name === 'payments-prod');
  await scene.pull();
  const first = await ofPayments();
  scene.azure.world.states = { [PAYMENTS]: [aState(vault(), { complianceState: 'Later' })], [ORDERS]: [] };
  scene.world.advance(66);
  await scene.pull();

  expect(first?.pulledAt).toBeDefined();
  expect(await ofPayments()).toMatchObject({
    pulledAt: first?.pulledAt,
    failure: { why: expect.stringContaining('neither yes nor no') },
  });
});

test('what belongs to nobody in the catalog is judged nowhere, and counted and named in status', async () => {
  const scene = await setSignalScene(await memory());
  const shared = vault('shared', 'rg-shared');
  scene.azure.world.states = { [PAYMENTS]: [aState(shared), aState()], [ORDERS]: [] };
  await scene.pull();
  await scene.send(anEvent('NonCompliant', '2026-11-24T08:59:00Z', vault('event', 'rg-shared')));

  expect(await scene.openIn()).toHaveLength(1);
  const signals = await scene.signals();
  expect(signals.find(({ name }) => name === 'payments-prod')?.strangers).toEqual({
    count: 1,
    samples: [{ asset: shared }],
  });
  expect(signals.find(({ isSent }) => isSent)?.strangers.count).toBe(1);
});

test('a gate that waits is judged again when something is found, and again when it is mended', async () => {
  const scene = await setSignalScene(await memory());
  const { world } = scene;
  await scene.pull();
  const id = await world.deliver();
  const warns = async () => (await world.core.approvals.find(id))?.judgement?.warns.length;
  await scene.send(anEvent('NonCompliant', '2026-11-24T08:59:00Z'));
  await world.core.idle();
  expect(await warns()).toBe(1);

  await scene.send(anEvent('Compliant', '2026-11-24T08:59:30Z'));
  await world.core.idle();
  expect(await warns()).toBe(0);
});
