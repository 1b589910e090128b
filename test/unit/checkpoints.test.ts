import { expect, test } from 'vitest';
import { CheckpointLogUnavailableError } from '../../services/ports/checkpoint-log.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createCheckpointWorld, partitionOf, TODAY } from '../fakes/checkpoint-world.ts';
import type { LogFault } from '../fakes/in-memory-append-log.ts';

test('what changed is under a checkpoint seven minutes later, with everything that is known of it', async () => {
  const world = createCheckpointWorld();
  const [write, leader] = [world.writer(), world.leader()];
  await write('a');
  await write('a');
  await write('b');
  world.advance(6.9);
  await leader.run();
  expect(await world.seqs()).toEqual({});
  world.advance(0.2);
  expect(leader.isDue()).toBe(true);
  await leader.run();
  expect(await world.seqs()).toEqual({ 'org a': 2, 'org b': 1 });
  expect((await world.heads()).get('org a')).toMatchObject({
    table: 'gate',
    partition: partitionOf('a'),
    prefix: 'e',
    services: ['a'],
    hash: world.landed[1]?.hash,
  });
  expect(leader.isDue()).toBe(false);
  expect((await world.anchoring()).last).toEqual({ number: 2, at: world.now, through: '2026-11-28T12:05:00.000Z' });
});

test('with nothing new it writes one checkpoint an hour, and reads no chain again', async () => {
  const world = createCheckpointWorld();
  const [write, leader] = [world.writer(), world.leader()];
  await write('a');
  const rounds = async (minutes: number) => {
    for (let n = 0; n < minutes / 5; n += 1) {
      world.advance(5);
      await leader.run();
    }
  };
  await rounds(15);
  const before = await world.numbers();
  world.table.resetCalls();
  await rounds(30);
  expect(await world.numbers()).toBe(before);
  // How the log stands, and pointers.
  expect(world.table.calls.total).toBe(6 * 2);
  await rounds(120);
  expect(await world.numbers()).toBe(before + 2);
  expect(world.alarms).toEqual([]);
});

test('more than a thousand chains go under several checkpoints of one round, each once', async () => {
  const world = createCheckpointWorld();
  const [write, leader] = [world.writer(), world.leader()];
  await Promise.all(Array.from({ length: 2_345 }, (_, n) => write(`c${n}`)));
  world.advance(8);
  await leader.run();
  expect((await world.heads()).size).toBe(2_345);
  expect(await world.numbers()).toBe(3);
});

test('a thousand chains are under a checkpoint a minute later at most, before their five minutes have ended', async () => {
  const world = createCheckpointWorld();
  const write = world.writer();
  const leader = world.leader(undefined, write.noted);
  await leader.run();
  await Promise.all(Array.from({ length: 999 }, (_, n) => write(`c${n}`)));
  world.advance(1);
  expect(leader.isDue()).toBe(false);
  await write('c0');
  expect(leader.isDue()).toBe(false);
  await write('c999');
  expect(leader.isDue()).toBe(true);
  await leader.run();
  expect([(await world.heads()).size, (await world.seqs())['org c0']]).toEqual([1_000, 2]);
  expect(leader.isDue()).toBe(false);
  await write('c5');
  world.advance(7);
  await leader.run();
  expect((await world.seqs())['org c5']).toBe(2);
  expect((await world.anchoring()).last?.through).toBe('2026-11-28T12:05:00.000Z');
  expect(world.alarms).toEqual([]);
});

test('a commit that was slow, and lands after its five minutes were looked at, is under a checkpoint all the same', async () => {
  const world = createCheckpointWorld();
  const leader = world.leader();
  const held = Promise.withResolvers<void>();
  const write = world.writer((inner) => ({
    ...inner,
    commit: async (name, partition, writes) => {
      if (name === 'gate') await held.promise;
      return inner.commit(name, partition, writes);
    },
  }));
  const slow = write('slow');
  for (let n = 0; n < 6; n += 1) {
    world.advance(5);
    await leader.run();
  }
  held.resolve();
  await slow;
  world.advance(8);
  await leader.run();
  expect(await world.seqs()).toEqual({ 'org slow': 1 });
});

test('a commit that lands just after its five minutes were looked at for the first time is found by the second look', async () => {
  const world = createCheckpointWorld();
  const leader = world.leader();
  await world.writer()('a');
  const chain = world.table.dump().filter(({ partition }) => partition === partitionOf('a'));
  world.table.load([]);
  for (const { row } of chain) await world.table.remove('gate', partitionOf('a'), row);
  world.advance(7.5);
  await leader.run();
  world.table.load(chain);
  world.advance(5);
  await leader.run();
  expect(await world.seqs()).toEqual({ 'org a': 1 });
});

test('a pointer without its commit anchors nothing and alarms nobody', async () => {
  const world = createCheckpointWorld();
  const leader = world.leader();
  const write = world.writer((inner) => ({
    ...inner,
    commit: (name, partition, writes) =>
      name === 'gate' ? Promise.reject(new StoreUnavailableError('died')) : inner.commit(name, partition, writes),
  }));
  await expect(write('a')).rejects.toThrow('died');
  world.advance(8);
  await leader.run();
  expect([await world.seqs(), world.alarms]).toEqual([{}, []]);
});

test('while the blob store is down nothing is lost: status says since when and why, and it is tried again each minute', async () => {
  let fault: LogFault = 'ok';
  const world = createCheckpointWorld({ logFault: () => fault });
  const [write, leader] = [world.writer(), world.leader()];
  await leader.run();
  fault = 'before';
  await write('a');
  world.advance(7);
  const since = world.now;
  await expect(leader.run()).rejects.toBeInstanceOf(CheckpointLogUnavailableError);
  expect(leader.isDue()).toBe(false);
  world.advance(1);
  expect(leader.isDue()).toBe(true);
  await expect(leader.run()).rejects.toThrow();
  expect((await world.anchoring()).failure).toEqual({ since, why: 'read: no connection' });
  world.advance(1_440);
  fault = 'ok';
  await leader.run();
  expect(await world.seqs()).toEqual({ 'org a': 1 });
  expect(await world.anchoring()).not.toHaveProperty('failure');
});

test('while the table store is down nothing is anchored, and afterwards everything is', async () => {
  let isDown = false;
  const world = createCheckpointWorld({ fault: () => (isDown ? 'before' : 'ok') });
  const [write, leader] = [world.writer(), world.leader()];
  await write('a');
  isDown = true;
  world.advance(7);
  await expect(leader.run()).rejects.toBeInstanceOf(StoreUnavailableError);
  world.advance(60);
  isDown = false;
  await leader.run();
  expect(await world.seqs()).toEqual({ 'org a': 1 });
});

test('each day has a part of its own, whose last checkpoint names the next one, also after days without a process', async () => {
  const world = createCheckpointWorld();
  const [write, leader] = [world.writer(), world.leader()];
  await write('a');
  world.advance(7);
  await leader.run();
  world.advance(3 * 1_440);
  await write('b');
  world.advance(7);
  await leader.run();
  expect([...world.log.parts.keys()]).toEqual([TODAY, '2026-12-01']);
  expect(world.lines()).toHaveLength(2);
  expect(await world.seqs()).toEqual({ 'org a': 1, 'org b': 1 });
  await world.leader().run();
  expect(world.alarms).toEqual([]);
});

test('a process whose clock is a day ahead or behind forks nothing', async () => {
  const world = createCheckpointWorld();
  const [write, leader, other] = [world.writer(), world.leader(), world.leader()];
  await write('a');
  world.advance(7);
  await leader.run();
  world.advance(1_440);
  await other.run();
  world.advance(-1_435);
  await write('b');
  world.advance(7);
  await leader.run();
  world.advance(1_440);
  await other.run();
  expect(await world.seqs()).toEqual({ 'org a': 1, 'org b': 1 });
  expect(world.alarms).toEqual([]);
});
