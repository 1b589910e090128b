import { describe, expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { createActivityStore } from '../../services/tables/activity-store.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { momentWrite } from '../../services/tables/moment-rows.ts';
import { createOffPathStore } from '../../services/tables/off-path-store.ts';
import { scopePartition } from '../../services/tables/scope-views.ts';
import { createTimelines } from '../../services/tables/timelines.ts';
import { TENANT } from '../builders.ts';
import { anExplainedBypass } from '../cards/bypass-samples.ts';
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

  test('a row of an earlier version, which has an id alone, is read as the action is now', async () => {
    const { table, store } = await aStore();
    const [older, newer] = [AT, plusMinutes(AT, 1)].map((raisedAt, n) =>
      anOffPath({ id: 'ab'.charAt(n).repeat(16), raisedAt }),
    );
    if (older === undefined || newer === undefined) throw new Error('there are two');
    for (const action of [older, newer]) await store.create(action, FOUND, action.id);
    await table.commit('roll', `${TENANT}~off-path`, [
      { kind: 'put', row: `t~20261124T090000~${older.id}`, values: { id: older.id } },
      { kind: 'put', row: 't~20261124T090030~cccc', values: { id: 'cccc' } },
    ]);

    expect(await store.since(AT)).toEqual([older, newer]);
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

describe.each(freshTables())('lists of actions, on %s', (_name, newTable) => {
  test('open is what nobody has confirmed yet; a confirmed one is out of it, and stays among what was raised', async () => {
    const table = await newTable();
    let seed = 0;
    const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => ++seed % 256) };
    const store = createOffPathStore({ table, tenant: TENANT, random });
    const actions = ['b', 'a'].map((name, n) => anOffPath({ id: name.repeat(16), raisedAt: plusMinutes(AT, -n) }));
    for (const action of actions) await store.create(action, FOUND, action.id);
    expect((await store.open()).map(({ id }) => id)).toEqual(['a'.repeat(16), 'b'.repeat(16)]);

    const stored = await store.read('a'.repeat(16));
    if (stored === undefined) throw new Error('not recorded');
    const { explained } = anExplainedBypass();
    const confirmed = { by: explained.by, at: AT };
    const explainedOnly = { ...stored.action, revision: 1, bypass: { explained } };
    const second = await store.commit(stored, { action: explainedOnly, evidence: SAID, op: 'explained', at: AT });
    expect((await store.open()).find(({ id }) => id.startsWith('a'))).toEqual(explainedOnly);
    const done = { ...explainedOnly, bypass: { explained, confirmed } };
    if (second === undefined) throw new Error('not committed');
    // Whoever confirms it dies before its row is taken away.
    await store.commit(second, { action: done, evidence: SAID, op: 'confirmed', at: AT });
    await table.commit('roll', `${TENANT}~off-path`, [
      { kind: 'put', row: `o~${done.id}`, values: { action: JSON.stringify(done) } },
    ]);

    expect((await store.open()).map(({ id }) => id)).toEqual(['b'.repeat(16)]);
    expect(await table.get('roll', `${TENANT}~off-path`, `o~${done.id}`)).toBeUndefined();
    expect(await store.since(plusMinutes(AT, -60))).toEqual([done, actions[0]]);
  });
});

describe.each(freshTables())('what happened in a scope, on %s', (_name, newTable) => {
  const scope = { org: 'o', service: 'payments-api', environment: 'prod' };
  const gone = (at: string, tool = 't') => ({ kind: 'gone', at, tool, count: 1 }) as const;

  test('the newest come first, from both of its partitions, none from before; written again it is the same', async () => {
    const table = await newTable();
    const write = (name: 'scope' | 'find', at: string, partition: string) =>
      table.commit(name, partition, momentWrite(['report', name], [gone(at)]));
    for (const at of ['2026-11-24T08:00:00.000Z', '2026-11-24T09:00:00.000Z', AT, '2026-10-01T00:00:00.000Z'])
      await write('find', at, findPartition(scope));
    await write('scope', '2026-11-24T08:30:00.000Z', scopePartition(scope));
    await write('scope', '2026-11-24T08:30:00.000Z', scopePartition({ ...scope, environment: '-' }));

    const timelines = createTimelines({ table });
    expect(await timelines.since(scope, '2026-11-24T08:00:00.000Z')).toEqual([
      { found: [{ ...gone('2026-11-24T08:30:00.000Z'), environment: 'prod' }] },
      { found: [AT, '2026-11-24T08:00:00.000Z'].map((at) => ({ ...gone(at), environment: 'prod' })) },
    ]);
    const [everywhere] = await timelines.since({ ...scope, environment: '-' }, AT.replace('24', '23'));
    expect(everywhere).toEqual({ found: [gone('2026-11-24T08:30:00.000Z')] });
  });

  test('of more than a hundred the newest hundred are read, and since when is said', async () => {
    const table = await newTable();
    const minutes = Array.from({ length: 150 }, (_, n) => plusMinutes(AT, -n));
    const writes = minutes.flatMap((at, n) => momentWrite(['report', String(n)], [gone(at)]));
    for (const part of [writes.slice(0, 90), writes.slice(90)]) await table.commit('find', findPartition(scope), part);

    const [, read] = await createTimelines({ table }).since(scope, '2026-11-01T00:00:00.000Z');
    expect(read?.found.map(({ at }) => at)).toEqual(minutes.slice(0, 100));
    expect(read?.cutBefore).toBe(minutes[99]);
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

  test('of one service the newest come first, each once however often it is read in, and none of others', async () => {
    const store = createActivityStore({ table: await newTable(), tenant: TENANT });
    const of = (id: string, at: string, ...services: string[]) => ({ ...event(id, at), services });
    const all = [
      of('a', '2026-11-22T10:00:00.000Z', 'payments-api'),
      of('b', AT, 'payments-api', 'orders-api'),
      of('c', AT, 'orders-api'),
      event('d', AT),
    ];
    await store.add(all);
    await store.add([...all, { ...of('b', AT, 'payments-api'), message: 'another placing' }]);
    const ids = async (service: string, since: string) =>
      (await store.of(service, since)).found.map(({ id, message }) => `${id} ${message}`);

    expect(await ids('payments-api', '2026-11-01T00:00:00.000Z')).toEqual(['b m', 'a m']);
    expect(await ids('payments-api', '2026-11-23T00:00:00.000Z')).toEqual(['b m']);
    expect((await ids('orders-api', '2026-11-01T00:00:00.000Z')).sort()).toEqual(['b m', 'c m']);
    expect((await store.since('2026-11-01T00:00:00.000Z')).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
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
