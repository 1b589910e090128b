import { expect, test } from 'vitest';
import type { RetentionSettings } from '../../bot/retention-settings.ts';
import { ConflictError } from '../../services/ports/table.ts';
import { click, meetEverybody, receive, reportOnCommit } from '../bench/history.ts';
import { ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { createInMemoryAppendLog } from '../fakes/in-memory-append-log.ts';
import { createInMemoryArchive } from '../fakes/in-memory-archive.ts';
import type { Fault, InMemoryTableOptions } from '../fakes/in-memory-table.ts';
import { keysOf, verified } from '../fakes/verified-export.ts';

const SETTINGS: RetentionSettings = { days: 90, legalHold: false };

interface Options {
  readonly settings?: RetentionSettings;
  readonly fault?: InMemoryTableOptions['fault'];
  readonly archiveFault?: () => 'ok' | 'before' | 'after';
  readonly hasArchive?: boolean;
  readonly hasLog?: boolean;
}

/** One request that was decided and told, one that people are asked about. */
async function played({ settings = SETTINGS, fault, archiveFault, hasArchive = true, hasLog = true }: Options = {}) {
  const archive = createInMemoryArchive(archiveFault);
  const checkpointLog = createInMemoryAppendLog();
  const logged: string[] = [];
  const world = await createCoreWorld({
    ...(hasLog ? { checkpointLog } : {}),
    retentionSettings: settings,
    ...(hasArchive ? { archive } : {}),
    ...(fault === undefined ? {} : { fault }),
    log: (message, data) => logged.push(`${message} ${JSON.stringify(data)}`),
  });
  await meetEverybody(world);
  await reportOnCommit(world);
  const told = await receive(world, 1);
  await world.core.outbox.drain(ORG, told);
  await click(world, told);
  await world.settle();
  return Object.assign(world, {
    archive,
    told,
    logged,
    lines: () =>
      [...checkpointLog.parts.keys()]
        .sort()
        .flatMap((day) => (checkpointLog.parts.get(day) ?? '').trimEnd().split('\n')),
  });
}

/** What the process that holds the lease does of this, so many times. */
async function rounds(world: Pick<CoreWorld, 'core' | 'advance'>, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    world.core.anchor();
    await world.core.idle();
    await world.core.retain();
    await world.core.idle();
    world.advance(6);
  }
}

const rowsOf = ({ table }: CoreWorld, id: string) => table.rowsOf('gate', `${ORG}~r~${id}`);
const mentions = ({ table }: CoreWorld, id: string) =>
  table.dump().filter((row) => row.table !== 'log' && JSON.stringify([row.partition, row.row]).includes(id));

async function exported({ core }: CoreWorld, wish = {}) {
  const lines: string[] = [];
  for await (const line of await core.evidenceExports.export(wish)) lines.push(line);
  return lines;
}

test('a request is archived, and only then deleted, once its last change is older than the days that are set', async () => {
  const world = await played();
  await rounds(world, 3);
  world.advance(90 * 1_440 - 60);
  await rounds(world, 6);
  expect(rowsOf(world, world.told)).not.toEqual([]);
  expect(world.archive.files.size).toBe(0);
  world.advance(1_440);
  await rounds(world, 8);
  expect([...world.archive.files.keys()]).toEqual(['2026-11/2026-11-24.jsonl']);
  expect(rowsOf(world, world.told)).toEqual([]);
  expect(mentions(world, world.told)).toEqual([]);
  expect((await world.core.status.deliveryHealth()).retention).toEqual({
    ...{ state: 'on', days: 90, before: '2026-11-25', last: '2026-11/2026-11-24.jsonl' },
  });
});

test('the archive is an export that verifies by itself, and holds the request that is gone here', async () => {
  const world = await played();
  await rounds(world, 3);
  world.advance(92 * 1_440);
  await rounds(world, 8);
  const file = world.archive.files.get('2026-11/2026-11-24.jsonl') ?? '';
  const found = await verified(file, { keys: await keysOf(7) });
  expect([found.fault, found.lacking, found.walked.gone]).toEqual([undefined, [], []]);
  expect(file).toContain(`${ORG} ${world.told}`);
  expect(rowsOf(world, world.told)).toEqual([]);
});

test('an export after the deletion verifies and says what is archived where, also by the whole log of checkpoints', async () => {
  const world = await played();
  await rounds(world, 3);
  world.advance(92 * 1_440);
  await rounds(world, 10);
  for (const wish of [{}, { to: '2026-11-25T00:00:00.000Z' }]) {
    const lines = await exported(world, wish);
    expect(lines.join('')).not.toContain(`"aggregate":"${ORG} ${world.told}","entry"`);
    const found = await verified(lines, { keys: await keysOf(7), log: world.lines() });
    expect([found.fault, found.lacking]).toEqual([undefined, []]);
    expect(found.archived).toMatchObject({ aggregates: 1, files: [{ name: '2026-11/2026-11-24.jsonl' }] });
  }
  expect((await world.ports.anchors.read()).troubles).toEqual([]);
});

test('a request that is gone without an entry that says it was archived stays missing', async () => {
  const world = await played();
  await rounds(world, 3);
  for (const { row } of rowsOf(world, world.told)) await world.table.remove('gate', `${ORG}~r~${world.told}`, row);
  const found = await verified(await exported(world), { keys: await keysOf(7) });
  expect(found.lacking).toMatchObject([{ aggregate: `${ORG} ${world.told}` }]);
  expect(found.archived.aggregates).toBe(0);
});

test('an entry that nobody has signed excuses nothing', async () => {
  const world = await played();
  await rounds(world, 3);
  const last = JSON.parse(
    String(rowsOf(world, world.told).findLast(({ row }) => row.startsWith('e~'))?.values['entry']),
  );
  const hash = String(rowsOf(world, world.told).findLast(({ row }) => row.startsWith('e~'))?.values['hash']);
  const head = { aggregate: `${ORG} ${world.told}`, seq: Number(last.seq), hash };
  await world.ports.retention.archived({ day: '2026-11-24', file: 'made up', sha256: '0', heads: [head] }, world.now);
  for (const { row } of rowsOf(world, world.told)) await world.table.remove('gate', `${ORG}~r~${world.told}`, row);
  const found = await verified(await exported(world), { keys: await keysOf(7) });
  expect(found.lacking).toMatchObject([{ aggregate: head.aggregate }]);
});

test.each<[string, Options, string]>([
  ['without a place for archives', { hasArchive: false }, 'off'],
  ['under a legal hold', { settings: { days: 90, legalHold: true } }, 'held'],
  ['while what was archived is under no checkpoint', { hasLog: false }, 'on'],
  ['while archives cannot be written', { archiveFault: () => 'before' }, 'failing'],
])('%s nothing is deleted, and status says so', async (_, options, state) => {
  const world = await played(options);
  const before = rowsOf(world, world.told);
  await rounds(world, 3);
  world.advance(92 * 1_440);
  await rounds(world, 10);
  expect(rowsOf(world, world.told)).toEqual(before);
  expect((await world.core.status.deliveryHealth()).retention).toMatchObject({ state, days: 90 });
  const isWritten = options.hasArchive !== false && options.archiveFault === undefined;
  expect(world.archive.files.size).toBe(isWritten ? 1 : 0);
});

test('a request that changes after it was archived stays, and goes with the day on which it changed', async () => {
  const world = await played();
  await rounds(world, 3);
  world.advance(92 * 1_440);
  await rounds(world, 1);
  expect(world.archive.files.size).toBe(1);
  await world.core.evidenceRecords.eraseText(world.told, 'comment', world.now);
  await rounds(world, 8);
  expect(rowsOf(world, world.told)).not.toEqual([]);
  world.advance(92 * 1_440);
  await rounds(world, 8);
  expect(rowsOf(world, world.told)).toEqual([]);
  expect([...world.archive.files.values()].at(-1)).toContain('text-erased');
});

test('an archive that is not what was written is named, and nothing of its day is deleted', async () => {
  const world = await played();
  await rounds(world, 3);
  world.archive.files.set('2026-11/2026-11-24.jsonl', '{"export":"of somebody else"}\n');
  world.advance(92 * 1_440);
  await rounds(world, 6);
  expect(rowsOf(world, world.told)).not.toEqual([]);
  const why = expect.stringContaining('archive 2026-11/2026-11-24.jsonl does not verify');
  expect((await world.core.status.deliveryHealth()).retention).toMatchObject({ state: 'failing', failure: { why } });
});

test('what changed again, is open, was given up, or is referred to by an exception in force stays', async () => {
  const world = await played();
  const open = await receive(world, 2);
  await rounds(world, 3);
  world.advance(80 * 1_440);
  await world.core.evidenceRecords.eraseText(world.told, 'comment', world.now);
  await rounds(world, 2);
  world.advance(12 * 1_440);
  await rounds(world, 10);
  expect(world.archive.files.size).toBeGreaterThan(0);
  expect(rowsOf(world, world.told)).not.toEqual([]);
  expect(rowsOf(world, open)).not.toEqual([]);
  const live = async () => [{ exception: { askers: [{ requestId: world.told }] } }];
  Object.assign(world.ports.exceptions, { live });
  world.advance(80 * 1_440);
  await rounds(world, 30);
  expect(rowsOf(world, world.told)).not.toEqual([]);
});

test('of a request of more rows than one transaction holds nothing goes on once the first of them are gone', async () => {
  let watched: ((rows: readonly string[]) => Promise<Fault>) | undefined;
  const world = await played({
    fault: async ({ kind, table, rows }) =>
      kind === 'commit' && table === 'gate' && watched !== undefined ? await watched(rows) : 'ok',
  });
  await rounds(world, 3);
  world.advance(92 * 1_440);
  const partition = `${ORG}~r~${world.told}`;
  for (const half of ['a', 'b'])
    await world.table.commit(
      'gate',
      partition,
      Array.from({ length: 75 }, (_, n) => ({ kind: 'put', row: `m~${half}${n}`, values: { id: `${half}${n}` } })),
    );
  const header = await world.table.get('gate', partition, 'h');
  let late: Promise<unknown> | undefined;
  let batches = 0;
  watched = async (rows) => {
    if (!rows.some((row) => row.startsWith('m~'))) return 'ok';
    batches += 1;
    if (batches !== 2) return 'ok';
    const write = { kind: 'replace', row: 'h', values: header?.values ?? {}, etag: header?.etag ?? '' } as const;
    late = world.table.commit('gate', partition, [write]).catch((error: unknown) => error);
    await late;
    return 'before';
  };
  await rounds(world, 8);
  expect(await late).toBeInstanceOf(ConflictError);
  expect(rowsOf(world, world.told)).toEqual([]);
});

test('a process that dies between any two calls deletes nothing that is not archived, and loses nothing', async () => {
  let isOver = false;
  for (let cut = 1; !isOver; cut += 3) {
    let left = Number.POSITIVE_INFINITY;
    const fault = (): Fault => {
      left -= 1;
      return left > 0 ? 'ok' : left === 0 ? 'after' : 'before';
    };
    const world = await ready(fault);
    left = cut;
    await rounds(world, 8);
    isOver = left > 0;
    left = Number.POSITIVE_INFINITY;
    const isGone = rowsOf(world, world.told).length === 0;
    if (isGone) expect([...world.archive.files.values()].join('')).toContain(`${ORG} ${world.told}`);
    await rounds(world, 8);
    expect(rowsOf(world, world.told)).toEqual([]);
    const found = await verified(await exported(world), { keys: await keysOf(7), log: world.lines() });
    expect([found.fault, found.lacking]).toEqual([undefined, []]);
    expect((await world.ports.anchors.read()).troubles).toEqual([]);
  }

  async function ready(fault: () => Fault = () => 'ok') {
    const world = await played({ fault });
    await rounds(world, 3);
    world.advance(92 * 1_440);
    return world;
  }
});
