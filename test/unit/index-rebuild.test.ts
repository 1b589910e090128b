import { expect, test } from 'vitest';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createIndexRebuild } from '../../services/tables/index-rebuild.ts';
import { meetEverybody, receive, reportOnCommit } from '../bench/history.ts';
import { ORG, TENANT } from '../builders.ts';
import { blocked } from '../fakes/blocked-life.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { ask, exceptionAt, exceptionOf, grant } from '../fakes/exception-scene.ts';
import type { InMemoryTable } from '../fakes/in-memory-table.ts';

function rebuild({ table, ports: { clock } }: CoreWorld) {
  const due = createDueIndex({ table, clock });
  return createIndexRebuild({ table, due, clock, tenant: TENANT, orgs: [ORG], names: async () => [] })();
}

async function lose(table: InMemoryTable, ...tables: readonly string[]) {
  for (const { table: name, partition, row } of table.dump())
    if (tables.includes(name) && !partition.includes('~card~')) await table.remove(name, partition, row);
}

const open = (table: InMemoryTable) =>
  table
    .dump()
    .flatMap(({ table: name, partition, row, values }) => (name === 'open' ? [{ partition, row, values }] : []));

test('what is open is listed as before from the records alone, and what nothing stands behind is taken out', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  await grant(world, id);
  await world.settle();
  const before = open(world.table);
  await lose(world.table, 'open');
  const values = { environment: 'prod', service: 'payments-api', receivedAt: world.now };
  await world.table.commit('open', `${ORG}~open~0`, [{ kind: 'put', row: 'nothing', values }]);

  expect(await rebuild(world)).toMatchObject({ requests: 1, exceptions: 1, removed: 1, unnamed: 0 });
  expect(open(world.table)).toEqual(before);
  expect(await rebuild(world)).toMatchObject({ removed: 0 });
  expect(open(world.table)).toEqual(before);
});

test('without any hint left everything that time or a dead process owes is done after a rebuild: judged, reminded of its end, expired, told', async () => {
  const world = await createCoreWorld();
  await meetEverybody(world);
  await reportOnCommit(world);
  const fresh = await receive(world, 1);
  await lose(world.table, 'due', 'open');
  await rebuild(world);
  world.advance(2);
  await world.settle();
  const asked = await world.core.approvals.find(fresh);
  expect(asked?.state).toBe('asked');
  await lose(world.table, 'due');
  await rebuild(world);
  world.now = asked?.closesAt ?? '';
  await world.settle();
  expect(await world.core.approvals.find(fresh)).toMatchObject({ state: 'expired', toldAt: expect.any(String) });
});

test('an exception ends by its hint alone after a rebuild', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }, { until: '2026-11-25' }));
  await grant(world, id);
  await world.settle();
  await lose(world.table, 'due');
  await rebuild(world);
  for (let n = 0; n < 12; n += 1) {
    world.advance(360);
    await world.settle();
  }
  expect((await exceptionAt(world, id)).state).toBe('expired');
});

test('a wake-up that stands in a scope is carried out after a rebuild', async () => {
  const world = await createCoreWorld();
  const row = 'o~20261124T090000~report~wake';
  const partition = `${ORG}~s~payments-api~prod`;
  await world.table.commit('scope', partition, [{ kind: 'put', row, values: { at: world.now } }]);
  await rebuild(world);
  await world.settle();

  expect(world.table.rowsOf('scope', partition)).toEqual([]);
});
