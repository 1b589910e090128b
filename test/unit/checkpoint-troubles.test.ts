import { expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { type CheckpointWorld, createCheckpointWorld, partitionOf, TODAY } from '../fakes/checkpoint-world.ts';

const brokenEntries = ({ table }: CheckpointWorld) =>
  table
    .dump()
    .filter(({ table: name, row }) => name === 'log' && row.startsWith('e~'))
    .map(({ values }) => JSON.parse(String(values['entry'])) as { readonly kind: string; readonly data: object });

/** Rows of one chain as they lie there. */
const rowsOf = ({ table }: CheckpointWorld, name: string) =>
  table.dump().filter(({ table: where, partition }) => where === 'gate' && partition === partitionOf(name));

test.each([
  [
    'an entry was changed',
    (rows) => rows.map((one, n) => (n === 0 ? { ...one, values: { ...one.values, op: 'x' } } : one)),
    'broken',
  ],
  ['entries were cut off', (rows) => rows.slice(0, 1), 'gone'],
  ['all of it was taken away', () => [], 'gone'],
] as const satisfies readonly (readonly [
  string,
  (rows: ReturnType<typeof rowsOf>) => ReturnType<typeof rowsOf>,
  string,
])[])(
  'a chain of which %s is never anchored: it is told once, is evidence, and stands in the status until it is whole again',
  async (_, edit, problem) => {
    const world = createCheckpointWorld();
    const [write, leader] = [world.writer(), world.leader()];
    await write('a');
    await write('a');
    await write('b');
    world.advance(7);
    await leader.run();
    await write('a');
    const whole = rowsOf(world, 'a');
    for (const { row } of whole) await world.table.remove('gate', partitionOf('a'), row);
    world.table.load(edit(whole));

    world.advance(7);
    await leader.run();
    world.advance(5);
    await leader.run();
    expect(await world.seqs()).toMatchObject({ 'org a': 2, 'org b': 1 });
    expect(world.alarms.map(({ about }) => about)).toEqual([
      expect.objectContaining({
        kind: 'chain',
        partition: partitionOf('a'),
        problem,
        anchored: expect.objectContaining({ seq: 2 }),
      }),
    ]);
    expect(brokenEntries(world)).toEqual([
      expect.objectContaining({
        kind: 'evidence-broken',
        data: expect.objectContaining({ partition: partitionOf('a'), problem }),
      }),
    ]);
    expect((await world.anchoring()).troubles).toHaveLength(1);

    for (const { row } of rowsOf(world, 'a')) await world.table.remove('gate', partitionOf('a'), row);
    world.table.load(whole);
    world.advance(5);
    await leader.run();
    expect((await world.anchoring()).troubles).toEqual([]);
    expect(brokenEntries(world).map(({ kind }) => kind)).toEqual(['evidence-broken', 'evidence-restored']);
    world.advance(10);
    await leader.run();
    const said = await world.seqs();
    expect(said).toMatchObject({ 'org a': 3 });
    // What was noticed is itself under a checkpoint.
    expect(Object.entries(said).filter(([name]) => name.startsWith(`${TENANT} trouble`))).toEqual([
      [expect.any(String), 2],
    ]);
  },
);

test('a chain that was forged anew from its beginning, and verifies, is not the one under the checkpoint', async () => {
  const world = createCheckpointWorld();
  const [write, leader] = [world.writer(), world.leader()];
  await write('a');
  world.advance(7);
  await leader.run();
  for (const { row } of rowsOf(world, 'a')) await world.table.remove('gate', partitionOf('a'), row);
  await write('a');
  await write('a');
  world.advance(7);
  await leader.run();
  expect(await world.seqs()).toEqual({ 'org a': 1 });
  expect(world.alarms[0]?.about).toMatchObject({ problem: 'changed' });
});

test.each([
  ['was emptied', () => ''],
  ['lost its last line', (text: string) => `${text.split('\n').slice(0, -2).join('\n')}\n`],
  ['lost a line in between', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
  ['was cut within a line', (text: string) => text.slice(0, -20)],
  ['has one character changed', (text: string) => text.replace(/.(?=.{30}\n)/, (old) => (old === 'A' ? 'B' : 'A'))],
  ['was written to by somebody else', (text: string) => `${text}{"event":"login"}\n`],
  ['was taken away', () => undefined],
])('a log that %s is noticed with the next round, and the next checkpoints show where', async (_, edit) => {
  const world = createCheckpointWorld();
  const [write, leader] = [world.writer(), world.leader()];
  for (const name of ['a', 'b', 'c']) {
    await write(name);
    world.advance(7);
    await leader.run();
  }
  const edited = edit(world.log.parts.get(TODAY) ?? '');
  if (edited === undefined) world.log.parts.delete(TODAY);
  else world.log.parts.set(TODAY, edited);
  await write('d');
  world.advance(7);
  await leader.run();
  expect(world.alarms.length).toBeGreaterThan(0);
  expect(world.alarms.every(({ about }) => about.kind === 'log' && about.day === TODAY)).toBe(true);
  expect((await world.anchoring()).troubles.length).toBeGreaterThan(0);
  expect(brokenEntries(world).every(({ kind }) => kind === 'evidence-broken')).toBe(true);
  // Its line follows the one that was there, so that whoever verifies the log finds the gap.
  await expect(world.heads()).rejects.toThrow(/does-not-follow|not-signed|foreign/);
  expect(world.lines().length).toBeGreaterThan(0);
  const [alarms, before] = [world.alarms.length, world.lines().length];
  await write('e');
  world.advance(7);
  await leader.run();
  expect([world.alarms.length, world.lines().length]).toEqual([alarms, before + 1]);
});

test('a log that was changed is noticed with the next round also where nothing is to be written', async () => {
  const world = createCheckpointWorld();
  const leader = world.leader();
  await leader.run();
  world.log.parts.set(TODAY, '');
  world.advance(5);
  await leader.run();
  expect(world.alarms.map(({ about }) => about)).toEqual([expect.objectContaining({ problem: 'missing', number: 1 })]);
});

test('a process that takes over reads the log of the day, and finds what was changed before it began', async () => {
  const world = createCheckpointWorld();
  const write = world.writer();
  for (const name of ['a', 'b']) {
    await write(name);
    world.advance(7);
    await world.leader().run();
  }
  expect(world.alarms).toEqual([]);
  world.log.parts.set(TODAY, world.lines().slice(1).join('\n').concat('\n'));
  await write('c');
  world.advance(7);
  await world.leader().run();
  // Its first line is gone: what is left still ends as it did, and follows nothing that is known. The gap is the verifier's to find.
  await expect(world.heads()).rejects.toThrow('does-not-follow');
  world.log.parts.set(TODAY, '');
  await world.leader().run();
  expect(world.alarms.map(({ about }) => about)).toEqual([expect.objectContaining({ problem: 'missing' })]);
});

test('a key that was changed since does not make what it signed before look forged', async () => {
  const world = createCheckpointWorld();
  await world.writer()('a');
  world.advance(7);
  await world.leader().run();
  const other = createCheckpointWorld({ key: 8 });
  other.table.load(world.table.dump());
  other.log.parts.set(TODAY, world.log.parts.get(TODAY) ?? '');
  other.now = world.now;
  await other.writer()('b');
  other.advance(7);
  await other.leader().run();
  expect(other.alarms).toEqual([]);
  expect(other.lines()).toHaveLength(2);
});

test('a line that an unknown key signed is never taken over from the log', async () => {
  const world = createCheckpointWorld();
  const forger = createCheckpointWorld({ key: 8 });
  await world.writer()('a');
  world.advance(7);
  await world.leader().run();
  forger.table.load(world.table.dump());
  forger.log.parts.set(TODAY, world.log.parts.get(TODAY) ?? '');
  forger.now = world.now;
  await forger.writer()('forged');
  forger.advance(7);
  await forger.leader().run();
  world.log.parts.set(TODAY, forger.log.parts.get(TODAY) ?? '');
  world.advance(7);
  await world.leader().run();
  expect(world.alarms.map(({ about }) => about)).toEqual([
    expect.objectContaining({ problem: 'not-signed', number: 2 }),
  ]);
  expect((await world.anchoring()).last?.number).toBe(1);
});
