import { describe, expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { createActivityStore } from '../../services/tables/activity-store.ts';
import { createOffPathStore } from '../../services/tables/off-path-store.ts';
import { TENANT } from '../builders.ts';
import { anOffPath } from '../cards/off-path-samples.ts';
import { freshTables } from './fresh-tables.ts';

const AT = '2026-11-24T09:00:00.000Z';
const FOUND = { kind: 'off-path-detected', actor: { kind: 'countersign' }, data: {}, texts: { what: 'w' } } as const;
const SAID = { kind: 'bypass-explained', actor: { kind: 'countersign' }, data: {} } as const;

describe.each(freshTables())('actions off the release path, on %s', (_name, newTable) => {
  async function aStore() {
    const table = await newTable();
    let seed = 0;
    const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => ++seed % 256) };
    return { table, store: createOffPathStore({ table, tenant: TENANT, random }) };
  }

  test('one of two that record the same action is the first, and both find the same', async () => {
    const { store } = await aStore();
    const action = anOffPath();
    const other = anOffPath({ what: 'as another process has it' });

    expect(await Promise.all([store.create(action, FOUND, 'op'), store.create(other, FOUND, 'op')])).toContain(false);
    expect((await store.read(action.id))?.evidence).toHaveLength(1);
    expect(await store.since(AT.replace('24', '23'))).toHaveLength(1);
    expect(await store.since(AT)).toEqual([]);
  });

  test.each(['before', 'after', 'after-conflict'] as const)(
    'a fault %s the commit of an action loses and doubles nothing',
    async (fault) => {
      const { table, store } = await aStore();
      const action = anOffPath();
      table.failNextCommit('roll', fault);
      const created = await store.create(action, FOUND, 'op').catch(() => 'silent');
      const again = await store.create(action, FOUND, 'op');

      expect([created, again]).toEqual(fault === 'before' ? ['silent', true] : [true, false]);
      expect((await store.read(action.id))?.evidence).toHaveLength(1);
      expect(await store.untold()).toHaveLength(1);
    },
  );

  test('a change that comes while it is told has it told again, and no message is forgotten', async () => {
    const { store } = await aStore();
    const action = anOffPath();
    await store.create(action, FOUND, 'op');
    const before = await store.told(action.id);
    const stored = await store.read(action.id);
    if (before === undefined || stored === undefined) throw new Error('not recorded');
    const change = { action: { ...action, revision: 1 }, evidence: SAID, op: 'word', at: AT };
    expect(await store.commit(stored, change)).toMatchObject({ action: { revision: 1 } });
    expect(await store.commit(stored, { ...change, op: 'other' })).toBeUndefined();
    const messages = [{ recipient: 'user:a', conversation: 'c', activityId: '1' }];

    expect(await store.putTold(action.id, { messages, shows: '0 open' }, before, true)).toBeUndefined();
    const now = await store.told(action.id);
    if (now === undefined) throw new Error('nothing is left to tell');
    await store.putTold(action.id, { messages, shows: '1 open' }, now, true);
    expect([await store.untold(), await store.told(action.id)]).toEqual([[], undefined]);

    const latest = await store.read(action.id);
    if (latest === undefined) throw new Error('gone');
    await store.commit(latest, { ...change, action: { ...action, revision: 2 }, op: 'third' });
    expect(await store.untold()).toMatchObject([{ id: action.id, told: { told: { messages, shows: '1 open' } } }]);
    const chain = (await store.read(action.id))?.evidence ?? [];
    expect([firstBrokenEntry(chain), chain.map(({ op }) => op)]).toEqual([undefined, ['op', 'word', 'third']]);
  });
});

describe.each(freshTables())('activity, on %s', (_name, newTable) => {
  const event = (id: string, at: string) => ({
    ...{ id, at, source: 'azure-activity', target: 's', rule: 'r', severity: 'low' as const, message: 'm' },
    ...{ services: [], environment: '-', hasFailed: false },
  });

  test('an event that is there stays as it is; what is asked for is what happened since, over days, oldest first', async () => {
    const store = createActivityStore({ table: await newTable(), tenant: TENANT });
    const many = Array.from({ length: 205 }, (_, n) =>
      event(`m${String(n).padStart(3, '0')}`, '2026-11-23T23:59:59.500Z'),
    );
    await store.add([event('b', '2026-11-24T00:00:01.000Z'), ...many, event('a', '2026-11-22T10:00:00.000Z')]);
    await store.add([{ ...event('b', '2026-11-24T00:00:01.000Z'), message: 'another placing' }, event('c', AT)]);
    const ids = (await store.since('2026-11-23T00:00:00.000Z')).map(({ id, message }) => `${id} ${message}`);

    expect(ids).toEqual([...many.map(({ id }) => `${id} m`), 'b m', 'c m']);
    expect(await createActivityStore({ table: await newTable(), tenant: 'other' }).since(AT)).toEqual([]);
  });

  test('of two that move a cursor the second is told so', async () => {
    const store = createActivityStore({ table: await newTable(), tenant: TENANT });
    const put = (through: string, before?: Parameters<typeof store.putLogCursor>[3]) =>
      store.putLogCursor('s', 't', { through }, before);
    const first = await put(AT);
    expect(await put('2026-11-24T09:05:00.000Z')).toBeUndefined();
    expect(await put('2026-11-24T09:10:00.000Z', first)).toMatchObject({
      cursor: { through: '2026-11-24T09:10:00.000Z' },
    });
    expect(await put('2026-11-24T09:15:00.000Z', first)).toBeUndefined();

    expect((await store.logCursor('s', 't'))?.cursor).toEqual({ through: '2026-11-24T09:10:00.000Z' });
    expect(await store.watchedSince('o', AT)).toBe(AT);
    expect(await store.watchedSince('o', '2026-12-01T00:00:00.000Z')).toBe(AT);
  });
});
