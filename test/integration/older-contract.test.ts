import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Life } from '../fakes/deployments.ts';
import { edited } from '../fakes/policy-folder.ts';

/** What blocked secrets everywhere warns, in version 2. */
async function weaken({ policyDir, world }: Life, minutes = 5): Promise<void> {
  const weaker = '{ then: warn, because: "not yet calibrated" }';
  await edited(policyDir, ['contract.yaml', '{ then: block, group: secret-exposure }', weaker]);
  await edited(policyDir, ['contract.yaml', 'version: 1', 'version: 2']);
  world.advance(minutes);
}

const judgeAgain = async ({ world }: Life) => {
  await world.core.reconcile();
  await world.settle();
};
const secret = ({ world }: Life) => world.report('gitleaks-orders.sarif');
const obstacles = async (life: Life, id: string) =>
  (await life.gate(id)).judgement?.obstacles.map(({ kind, detail }) => [kind, detail]);
const OLDER = ['older-contract', 'version 1 blocks it; run again to be judged by version 2'];

test('a weaker contract does not open a gate that the older one still blocks', async () => {
  const life = await aLife();
  await life.world.core.reconcile();
  await secret(life);
  const id = await life.deploy();
  expect(await life.gate(id)).toMatchObject({ state: 'blocked', firstContract: { version: 1 } });
  await weaken(life);
  await judgeAgain(life);
  await secret(life);
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('blocked');
  expect(await obstacles(life, id)).toEqual([OLDER]);
  expect((await life.gate(await life.deploy({ run: 101 }))).state).toBe('asked');
});

test('what comes in after a weaker contract is judged by the older one too, after any number of judgements', async () => {
  const life = await aLife();
  await life.world.core.reconcile();
  const id = await life.deploy();
  expect((await life.gate(id)).state).toBe('asked');
  await weaken(life);
  await life.world.report('semgrep-payments.sarif');
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('asked');
  await secret(life);
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('blocked');
  expect(await obstacles(life, id)).toEqual([OLDER]);
  await life.world.report('gitleaks-clean.sarif');
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('asked');
});

test('a secret that comes between approval and verdict blocks by the older contract', async () => {
  const life = await aLife();
  await life.world.core.reconcile();
  const id = await life.deploy();
  life.after('decided', async () => {
    await weaken(life);
    await secret(life);
  });
  await life.decide(id, PEOPLE.alex);
  await life.world.settle();
  expect(life.world.told.filter(({ result }) => result === 'succeeded')).toEqual([]);
  expect(await obstacles(life, id)).toEqual([OLDER]);
});

test('people are asked for a gate as long as the contract asks that it was first judged by', async () => {
  const life = await aLife();
  await life.world.core.reconcile();
  const id = await life.deploy();
  await edited(life.policyDir, [
    'contract.yaml',
    'tier: production, approval: required',
    'tier: production, approval: none',
  ]);
  life.world.advance(5);
  await secret(life);
  await life.world.report('gitleaks-clean.sarif');
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('asked');
});

test('a gate that was blocked by a contract in force for two minutes waits to be run again by the weaker one', async () => {
  const life = await aLife();
  await secret(life);
  const id = await life.deploy();
  expect((await life.gate(id)).state).toBe('blocked');
  await weaken(life, 2);
  await life.reportMore('semgrep-payments.sarif', { id: 'another', level: 'note' });
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('blocked');
  expect(await obstacles(life, id)).toEqual([OLDER]);
  expect((await life.gate(await life.deploy({ run: 101 }))).state).toBe('asked');
});

test('a contract that cannot be read back judges nothing: the one in force does', async () => {
  const life = await aLife();
  await secret(life);
  const id = await life.deploy();
  const rows = life.world.table.dump().filter(({ table, row }) => table === 'roll' && row.startsWith('v~'));
  for (const { table, partition, row } of rows) await life.world.table.remove(table, partition, row);
  expect(rows).toHaveLength(1);
  await weaken(life);
  await secret(life);
  await judgeAgain(life);
  await secret(life);
  await judgeAgain(life);
  expect((await life.gate(id)).state).toBe('asked');
});

test('a contract is kept once by each process, before the first gate that it judges, whatever the number of gates', async () => {
  const life = await aLife();
  const writes: string[] = [];
  const { commit } = life.world.table;
  Object.assign(life.world.table, {
    commit: (...args: Parameters<typeof commit>) => {
      if (args[1].endsWith('~contract')) writes.push(args[0]);
      return commit(...args);
    },
  });
  await life.deploy();
  expect(writes).toEqual(['roll']);
  await life.deploy({ run: 101 });
  await secret(life);
  await judgeAgain(life);
  expect(writes.length).toBeLessThanOrEqual(2);
  const kept = writes.length;
  await life.deploy({ run: 102 });
  expect(writes).toHaveLength(kept);
});

test('a gate is not judged while its contract cannot be kept', async () => {
  const life = await aLife();
  let isDown = true;
  const { commit } = life.world.table;
  Object.assign(life.world.table, {
    commit: (...args: Parameters<typeof commit>) => {
      if (isDown && args[1].endsWith('~contract')) throw new StoreUnavailableError('down');
      return commit(...args);
    },
  });
  const id = await life.deploy();
  expect(await life.gate(id)).toMatchObject({ state: 'received' });
  isDown = false;
  life.world.advance(2);
  await life.world.settle();
  expect((await life.gate(id)).firstContract).toMatchObject({ version: 1 });
});

test('the older contract is read once by a process, and never where it is the one in force', async () => {
  const life = await aLife();
  const { world } = life;
  const { get } = world.table;
  await world.core.reconcile();
  let reads = 0;
  Object.assign(world.table, {
    get: (...args: Parameters<typeof get>) => {
      if (args[1].endsWith('~contract')) reads += 1;
      return get(...args);
    },
  });
  await secret(life);
  await life.deploy();
  expect(reads).toBe(0);
  await weaken(life);
  await secret(life);
  await secret(life);
  await world.settle();
  expect(reads).toBeLessThanOrEqual(1);
});
