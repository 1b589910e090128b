import { expect, test } from 'vitest';
import { plusSeconds } from '../../services/domain/instant.ts';
import { createLeases } from '../../services/tables/leases.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

function setScene() {
  const table = createInMemoryTable();
  const time = { now: '2026-11-23T10:00:00.000Z' };
  const clock = { now: () => time.now };
  const of = (instance: string) => createLeases({ table, clock, instance });
  const advance = (seconds: number) => {
    time.now = plusSeconds(time.now, seconds);
  };
  return { table, of, advance };
}

test('of several instances one holds a lease, for as long as it renews it', async () => {
  const { of, advance } = setScene();
  const [a, b] = [of('a'), of('b')];
  expect([await a.hold('x', 30), await b.hold('x', 30)]).toEqual([true, false]);
  for (let n = 0; n < 6; n += 1) {
    advance(10);
    expect([await a.hold('x', 30), await b.hold('x', 30)]).toEqual([true, false]);
  }
});

test('another instance takes over when the holder has not renewed in time, and the old one learns it', async () => {
  const { of, advance } = setScene();
  const [a, b] = [of('a'), of('b')];
  await a.hold('x', 30);
  advance(30);
  expect([await b.hold('x', 30), await a.hold('x', 30)]).toEqual([true, false]);
});

test('a lease that was given back is free at once; nobody gives back that of another', async () => {
  const { of } = setScene();
  const [a, b] = [of('a'), of('b')];
  await a.hold('x', 30);
  await b.release('x');
  expect(await b.hold('x', 30)).toBe(false);
  await a.release('x');
  expect(await b.hold('x', 30)).toBe(true);
});

test('of two that take a free lease at once one gets it', async () => {
  const { of } = setScene();
  const got = await Promise.all([of('a').hold('x', 30), of('b').hold('x', 30)]);
  expect(got.filter(Boolean)).toHaveLength(1);
});

test('a lease whose answer was lost is still ours', async () => {
  const { table, of } = setScene();
  table.failNext('after-conflict', { kind: 'commit' });
  expect(await of('a').hold('x', 30)).toBe(true);
});

test('holding on costs no call until half of the time is over', async () => {
  const { table, of, advance } = setScene();
  const a = of('a');
  await a.hold('x', 30);
  const before = table.calls.total;
  advance(10);
  await a.hold('x', 30);
  expect(table.calls.total).toBe(before);
  advance(10);
  await a.hold('x', 30);
  expect(table.calls.total).toBeGreaterThan(before);
});
