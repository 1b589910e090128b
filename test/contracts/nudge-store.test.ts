import { describe, expect, test } from 'vitest';
import { held, noNudges, said } from '../../services/domain/nudge-record.ts';
import { createNudgeRecords } from '../../services/tables/nudge-store.ts';
import { TENANT } from '../builders.ts';
import { aNudge, TUESDAY } from '../nudges.ts';
import { freshTables } from './fresh-tables.ts';

const BOB = 'user:b0000000-0000-4000-8000-000000000002';
const CHANNEL = 'channel:Payments / General';
const now = { at: TUESDAY, date: '2026-11-24', isSure: true };

describe.each(freshTables())('records of nudges on %s', (_, newTable) => {
  test('of two who write the same record one is first, and the other looks again', async () => {
    const records = createNudgeRecords({ table: await newTable(), tenant: TENANT });
    const first = await records.put(noNudges(BOB), undefined);
    expect(await records.put(noNudges(BOB), undefined)).toBeUndefined();
    const second = await records.put(said(noNudges(BOB), [aNudge()], now), first);
    expect(await records.put(noNudges(BOB), first)).toBeUndefined();
    expect(await records.of(BOB)).toEqual(second);
    expect(await records.of(CHANNEL)).toBeUndefined();
  });

  test('as many as one reader can have waiting and listed fit into one row', async () => {
    const records = createNudgeRecords({ table: await newTable(), tenant: TENANT });
    const wide = (n: number) =>
      aNudge({
        id: `${n}`.padStart(16, 'a'),
        about: `request abcdefghij ${`${n}`.padStart(16, 'a')}`,
        services: ['s'.repeat(64), 't'.repeat(64)],
        environment: 'e'.repeat(64),
        name: 'r'.repeat(64),
        deadline: TUESDAY,
      });
    const all = Array.from({ length: 700 }, (_none, n) => wide(n));
    const waiting = all.reduce((record, one) => held(record, { ...one, until: TUESDAY }, now.date), noNudges(CHANNEL));
    const full = said(
      waiting,
      all.map((one) => ({ ...one, slot: 'time 2' })),
      now,
    );
    const place = {
      date: now.date,
      conversation: `19:${'c'.repeat(60)}@thread.tacv2`,
      activityId: 'm',
      shownAt: TUESDAY,
    };
    const card = { ...place, nudges: full.waiting, settled: 0, isStale: false };
    await records.put({ ...full, card }, undefined);
    expect(full.waiting.length).toBeGreaterThan(300);
    expect((await records.all()).map(({ record }) => record)).toEqual([{ ...full, card }]);
  });
});
