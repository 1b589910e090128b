import { expect, test } from 'vitest';
import { existingFolder } from '../../bot/console/backup-files.ts';
import { createBackups } from '../../services/backups.ts';
import { MANIFEST } from '../../services/domain/backup.ts';
import { TABLES, type Table } from '../../services/ports/table.ts';
import { createBackupStore, refuseHalfRestored } from '../../services/tables/backup-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createIndexRebuild } from '../../services/tables/index-rebuild.ts';
import { createNotedTable } from '../../services/tables/noted-table.ts';
import { click, meetEverybody, receive, reportOnCommit } from '../bench/history.ts';
import { ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, createCoreWorldOn } from '../fakes/core-world.ts';
import { createInMemoryTable, type Fault, type InMemoryTable } from '../fakes/in-memory-table.ts';
import { createKeptFiles } from '../fakes/kept-files.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const clock = { now: () => NOW };

function backupsOn(table: InMemoryTable, { tenant = TENANT, through = table as Table } = {}) {
  const raw = Object.assign(Object.create(through) as Table, { prepare: async () => {} });
  const random = { bytes: (count: number) => new Uint8Array(count).fill(5) };
  const store = createBackupStore({ table: raw, noted: createNotedTable(raw, { tenant, clock }), tenant, random });
  return createBackups({ store, clock, tenant, reindex: async () => void (await rebuildOn(table)()) });
}

function rebuildOn(table: InMemoryTable) {
  const due = createDueIndex({ table, clock });
  return createIndexRebuild({ table, due, clock, tenant: TENANT, orgs: [ORG], names: async () => [] });
}

/** A request that was decided and told, one that people are asked about, one that waits for reports. */
async function played(): Promise<CoreWorld & { readonly asked: string }> {
  const world = await createCoreWorld();
  await meetEverybody(world);
  await reportOnCommit(world);
  const told = await receive(world, 1);
  await world.core.outbox.drain(ORG, told);
  await click(world, told);
  await world.settle();
  const asked = await receive(world, 2);
  await world.core.outbox.drain(ORG, asked);
  await world.core.outbox.drain(ORG, await receive(world, 3, 'prod', 99));
  await world.settle();
  return Object.assign(world, { asked });
}

const comparable = (table: InMemoryTable) =>
  table.dump().map(({ table: name, partition, row, values }) => ({ name, partition, row, values }));
const isOwn = ({ name, partition, row }: ReturnType<typeof comparable>[number]) =>
  (name === 'log' && (partition.endsWith('~restore') || partition.includes('~head~'))) ||
  (name === 'due' && row !== '') ||
  (name === 'gate' && row === 's') ||
  partition === 'leases';

async function backedUp() {
  const world = await played();
  const files = createKeptFiles();
  const outcome = await backupsOn(world.table).backup(files);
  return { world, files, outcome };
}

test('a restored store has every row of the one that was backed up but job tokens and leases, and evidence that it was restored', async () => {
  const { world, files, outcome } = await backedUp();
  const fresh = createInMemoryTable();
  const restored = await backupsOn(fresh).restore(files);

  expect(outcome).toMatchObject({ kind: 'done', evidence: { broken: [] } });
  expect(restored).toEqual(outcome);
  const without = (table: InMemoryTable) => comparable(table).filter((row) => !isOwn(row));
  expect(without(fresh)).toEqual(without(world.table));
  expect(world.table.dump().some(({ table, row }) => table === 'gate' && row === 's')).toBe(true);
  expect([...files.kept.values()].join('')).not.toContain('"row":"s"');
  const own = fresh.rowsOf('log', `${TENANT}~restore`);
  expect(own.map(({ row }) => row)).toEqual(['e~0000000001']);
  expect(JSON.parse(String(own[0]?.values['entry']))).toMatchObject({ kind: 'restored', data: { backupAt: NOW } });
});

test('on a restored store the same decision stands, who was asked decides, and a new check is judged', async () => {
  const { world, files } = await backedUp();
  const fresh = createInMemoryTable();
  await backupsOn(fresh).restore(files);
  const after = createCoreWorldOn(fresh);
  await meetEverybody(after);
  await after.core.reconcile();

  for (const { id } of await world.ports.gates.open()) {
    const [before, now] = await Promise.all([world, after].map(({ core }) => core.approvals.find(id)));
    expect(now).toEqual(before);
  }
  expect((await click(after, world.asked)).kind).toBe('decided');
  const next = await receive(after, 4);
  await after.core.outbox.drain(ORG, next);
  expect((await after.core.approvals.find(next))?.state).toBe('asked');
  await after.core.idle();
});

test('a byte of a backup that was changed, a line taken away, doubled or cut, and a file that is gone are named, and nothing is restored', async () => {
  const { files } = await backedUp();
  const whole = new Map(files.kept);
  const text = whole.get('gate.jsonl') ?? '';
  const lines = text.split('\n');
  const meddled: readonly [string, string | undefined][] = [
    ['gate.jsonl', text.replace('"state":"', '"state":"x')],
    ['gate.jsonl', lines.slice(1).join('\n')],
    ['gate.jsonl', `${lines[0]}\n${text}`],
    ['gate.jsonl', text.slice(0, -9)],
    ['gate.jsonl', text.replace('{', '[')],
    ['sys.jsonl', undefined],
  ];
  for (const [name, changed] of meddled) {
    files.kept.clear();
    for (const [other, content] of whole) files.kept.set(other, content);
    if (changed === undefined) files.kept.delete(name);
    else files.kept.set(name, changed);
    const fresh = createInMemoryTable();
    const refused = await backupsOn(fresh)
      .restore(files)
      .catch((error: Error) => ({ kind: 'refused', why: error.message }));
    expect(refused).toMatchObject({ kind: 'refused', why: expect.stringContaining(name) });
    expect(fresh.dump()).toEqual([]);
  }
});

test.each<[string, (manifest: string) => string | undefined, RegExp]>([
  ['without a manifest', () => undefined, /no manifest\.json .* not finished/],
  ['of another product', () => '{"hello":1}', /no manifest of a backup of Countersign/],
  ['of a later form', (text) => text.replace('"v": 1', '"v": 2'), /version 2 .* restores 1/],
  ['of another tenant', (text) => text.replaceAll(TENANT, 'x'), /of tenant x, BOT_TENANT_ID is/],
  ['that lacks a file', (text) => text.replace('"gate.jsonl"', '"gates.jsonl"'), /does not name gate\.jsonl of gate/],
  ['that leads out of its folder', (text) => text.replace('"gate.jsonl"', '"../gate.jsonl"'), /was changed/],
])('a backup %s is refused before anything is written', async (_, change, why) => {
  const { files } = await backedUp();
  const manifest = change(files.kept.get(MANIFEST) ?? '');
  if (manifest === undefined) files.kept.delete(MANIFEST);
  else files.kept.set(MANIFEST, manifest);
  const fresh = createInMemoryTable();

  expect(await backupsOn(fresh).restore(files)).toMatchObject({ kind: 'refused', why: expect.stringMatching(why) });
  expect(fresh.dump()).toEqual([]);
});

test.each(TABLES)('nothing is restored over a store that has a row in table %s', async (name) => {
  const { files } = await backedUp();
  const fresh = createInMemoryTable();
  await fresh.commit(name, 'p', [{ kind: 'put', row: 'r', values: { a: 1 } }]);

  expect(await backupsOn(fresh).restore(files)).toMatchObject({
    why: expect.stringContaining(`table ${name} has rows`),
  });
  expect(fresh.dump()).toHaveLength(1);
});

test('a restore that was cut off after any call goes on by the same command, and by no other backup; until then no process starts', async () => {
  const { files } = await backedUp();
  const twin = createInMemoryTable();
  await backupsOn(twin).restore(files);
  const other = await backedUp();
  other.files.kept.set(MANIFEST, (other.files.kept.get(MANIFEST) ?? '').replace('"at": "', '"at": "3'));
  let isOver = false;
  for (let cut = 1; !isOver; cut += 1) {
    const fresh = createInMemoryTable();
    const edge = cutAfter(fresh, cut, cut % 2 === 0 ? 'after' : 'before');
    const first = await backupsOn(fresh, { through: edge })
      .restore(files)
      .catch(() => undefined);
    isOver = first !== undefined;
    const isBegun = fresh.rowsOf('log', `${TENANT}~restore`).some(({ row }) => row === 'running');
    if (isBegun) {
      expect(await backupsOn(fresh).restore(other.files)).toMatchObject({
        why: expect.stringMatching(/another backup/),
      });
      await expect(refuseHalfRestored(fresh, TENANT)).rejects.toThrow(/half restored/);
      await backupsOn(fresh).restore(files);
    }
    if (isBegun || isOver) expect(comparable(fresh).filter(outsideLog)).toEqual(comparable(twin).filter(outsideLog));
    await refuseHalfRestored(fresh, TENANT);
  }
});

const outsideLog = ({ name }: { readonly name: string }) => name !== 'log';

/** From the call with this number on nothing is done; of that one itself perhaps, and its answer is lost. */
function cutAfter(inner: InMemoryTable, number: number, fault: Exclude<Fault, 'ok'>): Table {
  let calls = 0;
  const counted = () => {
    calls += 1;
    if (calls >= number) inner.failNext(calls === number ? fault : 'before');
    return inner;
  };
  return {
    get: (...about) => counted().get(...about),
    list: (...about) => counted().list(...about),
    across: (...about) => counted().across(...about),
    commit: (...about) => counted().commit(...about),
    remove: (...about) => counted().remove(...about),
  };
}

test('a chain that is broken is named by backup and restore, and kept as it is', async () => {
  const world = await played();
  const found = world.table.dump().find(({ table, row }) => table === 'gate' && row === 'e~0000000002');
  if (found === undefined) throw new Error('no second entry');
  const { partition, row, values } = found;
  await world.table.commit('gate', partition, [{ kind: 'put', row, values: { ...values, hash: '0'.repeat(64) } }]);
  const files = createKeptFiles();
  const broken = [{ aggregate: String(values['aggregate']), seq: 2 }];

  expect(await backupsOn(world.table).backup(files)).toMatchObject({ kind: 'done', evidence: { broken } });
  expect(await backupsOn(createInMemoryTable()).restore(files)).toMatchObject({ kind: 'done', evidence: { broken } });
});

test('a folder with a backup is not written over', async () => {
  const { world, files } = await backedUp();

  expect(await backupsOn(world.table).backup(files)).toMatchObject({
    why: expect.stringContaining('a backup already'),
  });
});

test('a folder that is not there is named, whatever would be read from it', async () => {
  await expect(existingFolder('/no/such/folder')).rejects.toThrow(
    '/no/such/folder is no folder that can be read (ENOENT)',
  );
});
