import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import {
  advised,
  blockedDeployment,
  erodedOf,
  leaked,
  measure,
  notes,
  overused,
  STEP_DOWN,
  told,
  watched,
} from '../fakes/overused-control.ts';

test('over the rate for as many periods as the contract says: blocks are marked, the owners get the card; below it the mark goes', async () => {
  const life = await overused();
  const { world } = life;
  expect(await erodedOf(life)).toBeUndefined();

  await measure(world);

  expect(await erodedOf(life)).toEqual([
    { control: 'secret-scanning', owner: 'group:security-leads', share: 0.3, periods: 2 },
  ]);
  expect(told(world).sort()).toEqual([STEP_DOWN(PEOPLE.megan), STEP_DOWN(PEOPLE.lee)].sort());
  expect(advised(world)[0]?.calibration.reasons).toMatchObject([{ code: 'eroded' }]);
  expect(advised(world)[0]?.calibration.change?.after.join()).toContain('then: warn');

  world.now = '2027-02-01T09:00:00.000Z';
  await measure(world);
  await leaked(world, 10);
  expect(await erodedOf(life)).toBeUndefined();
  expect(notes(world).filter((row) => row.startsWith('e~'))).toEqual([]);
});

test('whatever is eroded, the deployment is blocked by the same', async () => {
  const life = await overused();
  const before = await life.gate(await blockedDeployment(life));
  await measure(life.world);
  const after = await life.gate(await blockedDeployment(life));

  expect(after.state).toBe(before.state);
  const { eroded: _, at: __, ...decided } = after.judgement ?? { at: '' };
  const { at: ___, ...judged } = before.judgement ?? { at: '' };
  expect(decided).toEqual(judged);
});

test('what was noted cannot be read: the block is judged as ever, and nothing is said', async () => {
  const life = await overused();
  await measure(life.world);
  const { list } = life.world.table;
  Object.assign(life.world.table, {
    list: (...args: Parameters<typeof list>) =>
      args[1].endsWith('~calibration') ? Promise.reject(new StoreUnavailableError('down')) : list(...args),
  });

  const gate = await life.gate(await blockedDeployment(life));
  expect(gate.judgement?.blocks).toHaveLength(7);
  expect(gate.judgement?.eroded).toBeUndefined();
});

test('another process says it after ten minutes at most', async () => {
  const life = await overused();
  const other = life.world.restart();
  expect(await erodedOf(life)).toBeUndefined();
  await measure({ core: other });
  expect(await erodedOf(life)).toBeUndefined();
  life.world.advance(10);
  expect(await erodedOf(life)).toHaveLength(1);
});

test('it is measured once a day, and costs nothing until work begins on the next', async () => {
  const { world } = await overused();
  const seen = watched(world);
  await Promise.all([measure(world), measure(world)]);
  // The state; a claim, what is eroded, two messages each noted before and after, done.
  expect(seen).toMatchObject({ measured: 1, notes: 8 });
  for (const now of ['2026-12-28T08:40:00.000Z', '2026-12-28T22:00:00.000Z', '2026-12-29T07:59:59.000Z']) {
    world.now = now;
    await measure(world);
  }
  expect(seen).toMatchObject({ measured: 1, notes: 8 });
  world.now = '2026-12-29T08:00:00.000Z';
  await measure(world);
  expect(seen.measured).toBe(2);
});

test('what another process has measured today is not measured again', async () => {
  const { world } = await overused();
  await measure(world);
  const seen = watched(world);
  await measure({ core: world.restart() });
  expect(seen).toMatchObject({ measured: 0, notes: 1 });
});

test('what could not be measured is tried again after an hour, by any process', async () => {
  const { world } = await overused();
  const other = world.restart();
  const seen = watched(world);
  seen.isDown = true;
  await measure(world);
  seen.isDown = false;
  world.advance(59);
  await measure(world);
  await measure({ core: other });
  expect(seen.measured).toBe(1);
  world.advance(1);
  await measure({ core: other });
  expect(seen.measured).toBe(2);
  expect(told(world)).toHaveLength(2);
});

test('without a contract nothing is measured and nothing noted', async () => {
  const life = await aLife(['contract.yaml', 'kind: GatingContract', 'kind: X']);
  await measure(life.world);
  expect(notes(life.world)).toEqual([]);
});
