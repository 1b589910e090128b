import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createScheduler } from '../../bot/scheduler.ts';
import type { DueHint, DueIndex, DueItem } from '../../services/ports/due-index.ts';
import { ORG } from '../builders.ts';

const NOW = '2026-11-23T10:00:00.000Z';
const EVERY = 5_000;

let due: DueItem[];
let takes: string[];
let ran: DueHint[];
let failures: unknown[];
let run: (hint: DueHint) => Promise<void>;
let take: DueIndex['take'];
let scheduler: ReturnType<typeof createScheduler>;
let now: string;
let isLeader: boolean;
let reconciled: string[];
let anchored: string[];
let released: string[];
let beat: () => Promise<void>;

beforeEach(() => {
  vi.useFakeTimers();
  [due, takes, ran, failures] = [[], [], [], []];
  [now, isLeader, reconciled, released, anchored] = [NOW, true, [], [], []];
  run = async () => {};
  beat = async () => {};
  take = async () => [...due];
  scheduler = createScheduler({
    clock: { now: () => now },
    leases: {
      hold: async () => isLeader,
      release: async (name) => void released.push(name),
    },
    beat: () => beat(),
    anchor: () => void anchored.push(now),
    reconcile: async () => void reconciled.push(now),
    due: {
      take: (now) => {
        takes.push(now);
        return take(now);
      },
      done: async (item) => {
        due = due.filter((other) => other !== item);
      },
    },
    run: (hint) => {
      ran.push(hint);
      return run(hint);
    },
    failed: (error) => failures.push(error),
    intervalMs: EVERY,
  });
});
afterEach(async () => {
  await scheduler.stop();
  vi.useRealTimers();
});

const item = (id: string): DueItem => ({
  hint: { kind: 'gate', org: ORG, id },
  place: { partition: 'p', row: id, etag: 'e' },
});
const items = (count: number) => Array.from({ length: count }, (_, n) => item(`gate-${n}`));

/** Holds every run back until it is let go. */
function held(): { readonly letGo: () => void } {
  const waiting: (() => void)[] = [];
  run = () => new Promise((resolve) => waiting.push(resolve));
  return {
    letGo: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}

test('what is due now is run, and is due no more', async () => {
  due = [item('a'), item('b')];
  await scheduler.tick();
  expect(takes).toEqual([NOW]);
  expect(ran.map((hint) => 'id' in hint && hint.id)).toEqual(['a', 'b']);
  expect(due).toEqual([]);
});

test('a process notes that it runs without the lease too, and what is due does not wait for that', async () => {
  let beats = 0;
  beat = () => {
    beats += 1;
    return Promise.reject(new Error('the store is away'));
  };
  due = [item('a')];
  isLeader = false;
  await scheduler.tick();
  expect([beats, ran]).toEqual([1, []]);
  isLeader = true;
  await scheduler.tick();
  expect([beats, due, failures.length]).toEqual([2, [], 2]);
});

test('whoever holds the lease has evidence put under checkpoints at each tick, whether or not what is due can be read', async () => {
  isLeader = false;
  await scheduler.tick();
  expect(anchored).toEqual([]);
  isLeader = true;
  take = () => Promise.reject(new Error('the store is away'));
  await expect(scheduler.tick()).rejects.toThrow('away');
  expect(anchored).toEqual([NOW]);
});

test('what fails stays due and hinders nobody', async () => {
  due = [item('a'), item('b'), item('c')];
  run = async (hint) => {
    if ('id' in hint && hint.id === 'b') throw new Error('not now');
  };
  await scheduler.tick();
  expect(due).toEqual([expect.objectContaining({ place: { partition: 'p', row: 'b', etag: 'e' } })]);
  expect(failures).toEqual([new Error('not now')]);
});

test('at most eight run at once', async () => {
  due = items(20);
  const { letGo } = held();
  const pass = scheduler.tick();
  await vi.advanceTimersByTimeAsync(0);
  expect(ran).toHaveLength(8);
  letGo();
  await vi.advanceTimersByTimeAsync(0);
  expect(ran).toHaveLength(16);
  letGo();
  await vi.advanceTimersByTimeAsync(0);
  letGo();
  await pass;
  expect(ran).toHaveLength(20);
});

test('it looks at once when it starts, and reconciles what is open', async () => {
  scheduler.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(takes).toHaveLength(1);
  expect(reconciled).toEqual([NOW]);
});

test('it looks again after every interval, counted from the end of the last pass', async () => {
  scheduler.start();
  await vi.advanceTimersByTimeAsync(EVERY - 1);
  expect(takes).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(takes).toHaveLength(2);
  due = [item('slow')];
  const { letGo } = held();
  await vi.advanceTimersByTimeAsync(10 * EVERY);
  expect(takes).toHaveLength(3);
  letGo();
  await vi.advanceTimersByTimeAsync(EVERY);
  expect(takes).toHaveLength(4);
});

test('a store that does not answer is reported, and asked again', async () => {
  take = () => Promise.reject(new Error('no store'));
  scheduler.start();
  await vi.advanceTimersByTimeAsync(2 * EVERY);
  expect(takes).toHaveLength(3);
  expect(failures).toHaveLength(3);
});

test('once stopped it looks no more', async () => {
  scheduler.start();
  await vi.advanceTimersByTimeAsync(EVERY - 1);
  await scheduler.stop();
  await vi.advanceTimersByTimeAsync(10 * EVERY);
  expect(takes).toHaveLength(1);
});

test('stopping waits for what is under way, begins nothing new, and leaves the rest due', async () => {
  due = items(20);
  const { letGo } = held();
  scheduler.start();
  await vi.advanceTimersByTimeAsync(0);
  let stopped = false;
  const stopping = scheduler.stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(EVERY);
  expect(stopped).toBe(false);
  letGo();
  await stopping;
  expect(ran).toHaveLength(8);
  expect(due).toHaveLength(12);
  await vi.advanceTimersByTimeAsync(10 * EVERY);
  expect(takes).toHaveLength(1);
});

test('a process that does not hold the lease takes nothing', async () => {
  isLeader = false;
  due = items(2);
  await scheduler.tick();
  expect(takes).toEqual([]);
  expect(ran).toEqual([]);
  expect(reconciled).toEqual([]);
});

test('everything open is reconciled at the first tick and then every five minutes', async () => {
  await scheduler.tick();
  now = '2026-11-23T10:04:59.000Z';
  await scheduler.tick();
  expect(reconciled).toEqual([NOW]);
  now = '2026-11-23T10:05:00.000Z';
  await scheduler.tick();
  expect(reconciled).toEqual([NOW, now]);
});

test('a process that stops gives the lease back', async () => {
  await scheduler.stop();
  expect(released).toEqual(['scheduler']);
});
