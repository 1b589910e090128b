import { expect, test } from 'vitest';
import type { Outage, Pulse } from '../../services/domain/pulse.ts';
import type { NotedOutage } from '../../services/ports/pulses.ts';
import { createPulses } from '../../services/tables/pulses.ts';
import { TENANT } from '../builders.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

const store = () => createPulses({ table: createInMemoryTable(), tenant: TENANT });
const aPulse = (over: Partial<Pulse> = {}): Pulse => ({
  instance: 'one',
  at: '2026-11-24T08:00:00.000Z',
  heard: [],
  clocks: [],
  ...over,
});
const OUTAGE: Outage = { from: '2026-11-24T06:00:00.000Z', until: '2026-11-24T08:00:00.000Z' };
const noted = (over: Partial<NotedOutage> = {}): NotedOutage => ({ ...OUTAGE, told: [], isDone: false, ...over });
const change = (pulse: Pulse) => ({ pulse, instead: [], forgotten: [] });

test('every process has one row, its last', async () => {
  const pulses = store();
  for (const pulse of [aPulse(), aPulse({ instance: 'two' }), aPulse({ at: '2026-11-24T08:05:00.000Z' })])
    expect(await pulses.write(change(pulse))).toBe(true);
  const found = (await pulses.read()).pulses.map(({ pulse }) => [pulse.instance, pulse.at.slice(11, 16)]);
  expect(found).toEqual([
    ['one', '08:05'],
    ['two', '08:00'],
  ]);
});

test('of two processes that find the same outage one notes it, and the other nothing at all', async () => {
  const pulses = store();
  expect(await pulses.write({ ...change(aPulse()), found: noted() })).toBe(true);
  expect(await pulses.write({ ...change(aPulse({ instance: 'two' })), found: noted() })).toBe(false);
  const { pulses: processes, outages } = await pulses.read();
  expect([processes.length, outages.length]).toEqual([1, 1]);
});

test('of two that take the row of a third away one does', async () => {
  const pulses = store();
  await pulses.write(change(aPulse({ instance: 'gone' })));
  const [instead] = (await pulses.read()).pulses;
  if (instead === undefined) throw new Error('nothing was written');
  expect(await pulses.write({ ...change(aPulse()), instead: [instead] })).toBe(true);
  expect(await pulses.write({ ...change(aPulse({ instance: 'two' })), instead: [instead] })).toBe(false);
});

test('an outage is claimed by one process, and forgotten with a pulse', async () => {
  const pulses = store();
  await pulses.write({ ...change(aPulse()), found: noted() });
  const [before] = (await pulses.read()).outages;
  if (before === undefined) throw new Error('nothing was written');
  const claimed = await pulses.putOutage(noted({ claimedAt: OUTAGE.until }), before);
  expect(claimed?.outage.claimedAt).toBe(OUTAGE.until);
  expect(await pulses.putOutage(noted(), before)).toBeUndefined();
  const { outages } = await pulses.read();
  expect(await pulses.write({ ...change(aPulse()), forgotten: outages })).toBe(true);
  expect((await pulses.read()).outages).toEqual([]);
});
