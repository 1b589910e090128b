import { expect, test } from 'vitest';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { aCheck, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

/** Azure DevOps is asked for this and asks to be left alone for so many seconds, until it is let go. */
function throttle(world: CoreWorld, method: 'complete' | 'sources', retryAfter: number) {
  const { azureDevOps } = world.ports;
  const original = azureDevOps[method];
  const tries: string[] = [];
  Object.assign(azureDevOps, {
    [method]: async () => {
      tries.push(world.now);
      throw new AzureDevOpsUnavailableError('throttled', { retryAfter });
    },
  });
  return { tries, letGo: () => Object.assign(azureDevOps, { [method]: original }) };
}

async function after(world: CoreWorld, minutes: number): Promise<void> {
  world.advance(minutes);
  await world.settle();
}

test('a verdict is not told again before the time that Azure DevOps asked for, and then at once', async () => {
  const { world, id } = await aWaitingGate();
  const { tries, letGo } = throttle(world, 'complete', 240);
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  for (let n = 0; n < 7; n += 1) await after(world, 0.5);
  expect(tries).toHaveLength(1);
  letGo();
  await after(world, 0.6);
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('a verdict whose telling could not be noted is not told a second time', async () => {
  const { world, id } = await aWaitingGate();
  const { commit } = world.ports.gates;
  let silent = true;
  const forgetting: typeof commit = async (from, change) => {
    if (change.evidence.kind === 'told' && silent) throw new StoreUnavailableError('the store does not answer');
    return commit(from, change);
  };
  Object.assign(world.ports.gates, { commit: forgetting });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  silent = false;
  await after(world, 5);
  expect(world.told).toHaveLength(1);
  expect((await world.core.approvals.find(id))?.toldAt).toBeDefined();
});

test('what a process held when it died is done by another, though the only hint came before its time', async () => {
  const world = await createCoreWorld();
  const { commit } = world.ports.gates;
  const died = Promise.withResolvers<void>();
  const dying: typeof commit = async (from, change) => {
    await commit(from, change);
    died.resolve();
    return new Promise(() => {});
  };
  Object.assign(world.ports.gates, { commit: dying });
  const delivery = { check: aCheck(), jobToken: 'token', runId: 7, stage: 'Deploy', environment: 'staging' };
  const receipt = await world.core.deliveries.receive(delivery);
  world.advance(0.75);
  if (receipt.kind === 'accepted') void world.core.outbox.drain(receipt.org, receipt.requestId);
  await died.promise;

  const other = world.restart();
  for (let n = 0; n < 4; n += 1) {
    world.advance(0.5);
    for (const item of await world.ports.due.take(world.now)) {
      await other.runDue(item.hint);
      await world.ports.due.done(item);
    }
  }
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

/** The check is hinted at, and arrives in the store after this many minutes; who carried it dies at once. */
async function storedLate(minutes: number) {
  const world = await createCoreWorld();
  const delivery = { check: aCheck(), jobToken: 'token', runId: 7, stage: 'Deploy', environment: 'staging' };
  const takeDue = async () => {
    for (const item of await world.ports.due.take(world.now)) {
      await other.runDue(item.hint);
      await world.ports.due.done(item);
    }
  };
  const { table } = world;
  const commit = table.commit.bind(table);
  const died = Promise.withResolvers<void>();
  table.commit = async (name, ...args) => {
    if (name !== 'gate') return commit(name, ...args);
    table.commit = commit;
    for (let minute = 0; minute < minutes; minute += 1) {
      world.advance(1);
      await takeDue();
    }
    await commit(name, ...args);
    died.resolve();
    return new Promise(() => {});
  };
  const other = world.restart();
  void world.core.deliveries.receive(delivery);
  await died.promise;
  return { world, takeDue };
}

test('a check that reached the store long after its hint is judged, though who carried it died at once', async () => {
  const { world, takeDue } = await storedLate(4);
  world.advance(2);
  await takeDue();
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('a hint whose check never reaches the store is looked at for ten minutes and no longer', async () => {
  const { world } = await storedLate(15);
  world.advance(60);
  expect(await world.ports.due.take(world.now)).toEqual([]);
});

test('a judgement waits as long, and an absurd wait is an hour', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const { tries, letGo } = throttle(world, 'sources', 1_000_000);
  const id = await world.deliver();
  for (let n = 0; n < 5; n += 1) await after(world, 10);
  expect(tries).toHaveLength(1);
  expect((await world.core.status.deliveryHealth()).deadLetters).toEqual([]);
  letGo();
  await after(world, 11);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked' });
});

test('a card that never arrived is named though its request is told, and arrives once it is replayed', async () => {
  const { world, id } = await aWaitingGate();
  world.teams.answer = () => ({ kind: 'unavailable' });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  for (let n = 0; n < 40; n += 1) await after(world, 10);
  expect(await world.ports.gates.open()).toEqual([]);
  const { deadLetters } = await world.core.status.deliveryHealth();
  expect(new Set(deadLetters.map(({ kind }) => kind))).toEqual(new Set(['card']));
  expect(deadLetters[0]).toMatchObject({
    requestId: id,
    services: ['payments-api'],
    environment: 'prod',
    attempts: 30,
  });

  world.teams.answer = () => undefined;
  expect(await world.core.replay(id)).toMatchObject({ kind: 'replayed', hopeless: [] });
  await after(world, 0.1);
  expect(world.posted[0]?.notice.gate.toldAt).toBeDefined();
  expect(await world.core.status.deliveryHealth()).toMatchObject({ deadLetters: [] });
  expect((await world.ports.gates.read(ORG, id))?.outbox).toEqual([]);
});

test('a dead verdict can be replayed while its job token lives, and not after', async () => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.down = true;
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  const stored = (await world.ports.gates.read(ORG, id)) ?? expect.fail('no request');
  const verdict = stored.outbox.filter(({ kind }) => kind === 'verdict');
  const giveUp = async (items: typeof verdict) => {
    const retry = items.map((item) => ({ ...item, dead: true }));
    await world.ports.gates.tidy(stored, { done: [], retry, cards: [], droppedCards: [] });
  };
  await giveUp(verdict);
  expect(await world.core.replay(id)).toMatchObject({ replayed: ['verdict'], hopeless: [] });
  await giveUp((await world.ports.gates.read(ORG, id))?.outbox.filter(({ kind }) => kind === 'verdict') ?? []);
  world.advance(48 * 60);
  world.azureDevOps.down = false;
  expect(await world.core.replay(id)).toMatchObject({ replayed: [], hopeless: ['verdict'] });
  await world.settle();
  expect(world.told).toEqual([]);
});
