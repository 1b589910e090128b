import { describe, expect, test } from 'vitest';
import type { Exception } from '../../services/domain/exception.ts';
import { joined, narrowed } from '../../services/domain/exception-life.ts';
import type { StoredException } from '../../services/ports/exception-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { anAsker } from '../exceptions.ts';
import {
  AT,
  aProcess,
  changed,
  created,
  creation,
  expectAgreement,
  grant,
  inForce,
  LATER,
  NOTHING,
  OTHER_ORG,
  PARTITION,
  renewing,
  requested,
  revoked,
  SCOPE,
  SOON,
} from './exception-scene.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const rowsIn = (table: FaultyTable) => table.list('scope', PARTITION);

describe.each(freshTables())('%s', (_, newTable) => {
  test('an exception is read back whole, with long texts of every script, many findings and many who ask', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const asker = anAsker();
    const exception = requested('EX-1', {
      target: {
        control: 'Geheimnisse / 秘密',
        fingerprints: Array.from({ length: 100 }, (_one, n) => `${n}`.padStart(32, 'f')),
      },
      terms: { reason: '漏洞🔑é'.repeat(500), mitigation: '🛡️ß"\\\u0000'.repeat(400), ticket: 'שלום'.repeat(100) },
      askers: [asker, ...Array.from({ length: 30 }, (_one, n) => ({ ...asker, requestId: `request${n}` }))],
    });
    const stored = await created(exceptions, exception);
    expect(await exceptions.locate('EX-1')).toEqual(stored);
    expect(stored.exception).toEqual(exception);
    const active = inForce(stored);
    const committed = await exceptions.commit(stored, changed(stored, active));
    expect((await exceptions.read(SCOPE, 'EX-1'))?.exception).toEqual(active);
    expect(committed.kind).toBe('committed');
    expectAgreement(await rowsIn(table));
    expect(await exceptions.all(SCOPE)).toEqual([active]);
  });

  test('what is not there is not found, in another scope neither', async () => {
    const { exceptions } = aProcess(await newTable());
    await created(exceptions, requested('EX-1'));
    expect(await exceptions.locate('EX-2')).toBeUndefined();
    expect(await exceptions.read({ ...SCOPE, environment: 'staging' }, 'EX-1')).toBeUndefined();
    expect(await exceptions.scope({ ...SCOPE, service: 'orders-api' })).toEqual({
      ...{ active: [], requested: [], grants: new Map(), withdrawn: new Map() },
    });
  });

  test('of two requests for the same at once one is created, the other gets its id', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const both = { target: { fingerprints: ['a', 'b'] } };
    table.beforeNextWrite('scope', () => created(aProcess(table).exceptions, requested('EX-2', both)));
    expect(await exceptions.create(creation(requested('EX-1', both)))).toEqual({ kind: 'pending', id: 'EX-2' });
    expect(await exceptions.locate('EX-1')).toBeUndefined();
    for (const other of [{ fingerprints: ['a'] }, { control: 'sast', fingerprints: ['a', 'b'] }])
      await created(exceptions, requested(`EX-${other.fingerprints.length + 2}`, { target: other }));
    expectAgreement(await rowsIn(table));
  });

  test('what was decided can be asked for again; decided at this very moment, whoever asks tries again', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const target = { fingerprints: ['a'] };
    const first = await created(exceptions, requested('EX-1', { target }));
    const reject = { ...first.exception, state: 'rejected' as const, end: { at: AT, why: 'no' } };
    await exceptions.commit(first, changed(first, reject));
    const second = await created(exceptions, requested('EX-2', { target }));
    await exceptions.commit(second, changed(second, inForce(second)));
    await created(exceptions, requested('EX-3', { target }));
    expectAgreement(await rowsIn(table));
    expect((await exceptions.all(SCOPE)).map(({ id, state }) => `${id} ${state}`)).toEqual([
      'EX-3 requested',
      'EX-2 active',
      'EX-1 rejected',
    ]);
  });

  test('a request that is narrowed can be asked for in full again, and is joined by who asks for what is left', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const both = { target: { fingerprints: ['a', 'b'] } };
    const stored = await created(exceptions, requested('EX-1', both));
    const less = narrowed(stored.exception, { fingerprints: ['a'] }, AT) as Exception;
    const { stored: narrow } = await exceptions.commit(stored, changed(stored, less));
    expect((await exceptions.scope(SCOPE)).requested).toMatchObject([{ id: 'EX-1', fingerprints: ['a'] }]);
    await created(exceptions, requested('EX-2', both));
    await exceptions.commit(narrow, changed(narrow, inForce(narrow)));
    expectAgreement(await rowsIn(table));
    const left = await exceptions.scope(SCOPE);
    expect([left.active, left.requested].flat().map(({ id }) => id)).toEqual(['EX-1', 'EX-2']);
  });

  test('numbers are never given twice, by however many processes at once, and go on after faults', async () => {
    const table = await newTable();
    const [one, two] = [aProcess(table).exceptions, aProcess(table).exceptions];
    const take = (from: number, count: number) =>
      Array.from({ length: count }, (_one, n) => (n % 2 === 0 ? one : two).nextId(`op ${from + n}`));
    const ids = await Promise.all(take(0, 130));
    const { exceptions } = aProcess(table);
    for (const fault of ['before', 'after'] as const) {
      table.failNextCommit('sys', fault);
      await expect(exceptions.nextId('failed')).rejects.toBeInstanceOf(StoreUnavailableError);
    }
    table.failNextCommit('sys', 'after-conflict');
    ids.push(await exceptions.nextId('failed'), ...(await Promise.all(take(130, 60))));
    expect(new Set(ids).size).toBe(191);
    for (const id of ids) expect(id).toMatch(/^EX-[1-9]\d*$/);
  });

  test('one operation has one number, at whichever process and however often it is tried', async () => {
    const table = await newTable();
    const [one, two] = [aProcess(table).exceptions, aProcess(table).exceptions];
    const [first] = await Promise.all([one.nextId('an op'), one.nextId('another')]);
    expect(await two.nextId('an op')).toBe(first);
    await two.nextId('warm');
    const both = await Promise.all([one.nextId('at once'), two.nextId('at once')]);
    expect(new Set(both).size).toBe(1);
    table.failNextCommit('sys', 'after');
    await expect(one.nextId('lost')).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await two.nextId('lost')).toBe(await one.nextId('lost'));
  });

  test('what an operation asked for or joined is found by it, once it has', async () => {
    const { exceptions } = aProcess(await newTable());
    const id = await exceptions.nextId('ask');
    expect(await exceptions.askedBy('ask')).toBeUndefined();
    const { kind } = await exceptions.create(creation(requested(id), 'ask'));
    expect([kind, (await exceptions.askedBy('ask'))?.exception.id]).toEqual(['created', id]);
    await exceptions.joins('join', id);
    expect(await exceptions.askedBy('join')).toBeUndefined();
    const stored = (await exceptions.locate(id)) as StoredException;
    const both = joined(stored.exception, anAsker({ requestId: 'other' })) as Exception;
    await exceptions.commit(stored, { ...changed(stored, both), op: 'join' });
    expect((await exceptions.askedBy('join'))?.exception).toEqual(both);
  });

  test('an exception is found by another process, wherever it is; one of a foreign organization is not', async () => {
    const table = await newTable();
    const away = requested('EX-1', { org: OTHER_ORG, target: { service: 'Lohn & Gehalt', environment: 'Prod/EU' } });
    const stored = await created(aProcess(table).exceptions, away);
    expect(await aProcess(table).exceptions.locate('EX-1')).toEqual(stored);
    const ours = aProcess(table, [SCOPE.org]).exceptions;
    expect(await ours.locate('EX-1')).toBeUndefined();
    expect(await ours.scope(SCOPE)).toEqual({ active: [], requested: [], grants: new Map(), withdrawn: new Map() });
    await aProcess(table).exceptions.shown(stored, NOTHING);
    expect(await ours.live()).toEqual([]);
  });

  test('who was overtaken learns how it is now, and changes nothing', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    const { stored: active } = await grant(exceptions, stored);
    const before = await rowsIn(table);
    const late = joined(stored.exception, anAsker({ requestId: 'late' })) as Exception;
    const answer = await exceptions.commit(stored, changed(stored, late));
    expect(answer).toEqual({ kind: 'lost', stored: await exceptions.read(SCOPE, 'EX-1') });
    expect(answer.stored.exception).toEqual(active.exception);
    expect(await rowsIn(table)).toEqual(before);
  });

  test.each(['after', 'after-conflict'] as const)(
    'a commit whose answer was lost (%s) counts as made, once',
    async (fault) => {
      const { table, exceptions } = aProcess(await newTable());
      table.failNextCommit('scope', fault);
      const stored = await created(exceptions, requested('EX-1'));
      table.failNextCommit('scope', fault);
      expect(await grant(exceptions, stored)).toMatchObject({
        kind: 'committed',
        stored: { exception: { state: 'active' } },
      });
      expect((await exceptions.locate('EX-1'))?.evidence).toHaveLength(2);
      expectAgreement(await rowsIn(table));
    },
  );

  test('a commit that never arrived is a fault, and leaves everything as it was', async () => {
    const { table, exceptions } = aProcess(await newTable());
    table.failNextCommit('scope', 'before');
    await expect(created(exceptions, requested('EX-1'))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await exceptions.locate('EX-1')).toBeUndefined();
    const stored = await created(exceptions, requested('EX-1'));
    const before = await rowsIn(table);
    table.failNextCommit('scope', 'before');
    await expect(grant(exceptions, stored)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await rowsIn(table)).toEqual(before);
    expect((await grant(exceptions, stored)).kind).toBe('committed');
  });

  test('a move that is not allowed is a fault, of the one that is replaced too', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const stored = await created(exceptions, requested('EX-1'));
    await expect(exceptions.commit(stored, changed(stored, revoked(stored)))).rejects.toThrow(
      'EX-1 may not go from requested to revoked',
    );
    const next = await created(exceptions, requested('EX-2'));
    await expect(exceptions.commit(next, renewing(next, stored))).rejects.toThrow(
      'EX-1 may not go from requested to closed',
    );
    expectAgreement(await rowsIn(table));
  });

  test('a renewal comes into force and what it takes the place of ends, in one transaction', async () => {
    const { table, exceptions, due, clock } = aProcess(await newTable());
    const target = { fingerprints: ['a'] };
    const { stored: old } = await grant(exceptions, await created(exceptions, requested('EX-1', { target })));
    const next = await created(
      exceptions,
      requested('EX-2', { target, renewal: { number: 1, of: 1, renews: 'EX-1' } }),
    );
    expect((await exceptions.scope(SCOPE)).active.map(({ id }) => id)).toEqual(['EX-1']);
    const fresh = (await exceptions.read(SCOPE, 'EX-2')) as StoredException;
    clock.at = SOON;
    for (const item of await due.take(SOON)) await due.done(item);
    expect((await exceptions.commit(fresh, renewing(next, old))).kind).toBe('committed');
    expect((await exceptions.scope(SCOPE)).active.map(({ id }) => id)).toEqual(['EX-2']);
    expect(await exceptions.read(SCOPE, 'EX-1')).toMatchObject({
      exception: { state: 'closed' },
      showing: { attempts: 0 },
    });
    const hinted = (await due.take(LATER)).map(({ hint }) => ('id' in hint ? hint.id : ''));
    expect([...new Set(hinted)].sort()).toEqual(['EX-1', 'EX-2']);
    expectAgreement(await rowsIn(table));
  });

  test('a renewal whose predecessor was changed meanwhile is made on top of that, not half', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const { stored: old } = await grant(exceptions, await created(exceptions, requested('EX-1')));
    const next = await created(exceptions, requested('EX-2'));
    const fresh = (await exceptions.read(SCOPE, 'EX-2')) as StoredException;
    const now = (await exceptions.read(SCOPE, 'EX-1')) as StoredException;
    table.beforeNextWrite('scope', () => exceptions.commit(now, changed(now, revoked(now))));
    expect(await exceptions.commit(fresh, renewing(next, old))).toMatchObject({
      kind: 'lost',
      stored: { exception: { id: 'EX-2', state: 'requested' } },
    });
    expectAgreement(await rowsIn(table));
  });

  test('of two grants for one control at once neither is forgotten: the later one is made again', async () => {
    const { table, exceptions } = aProcess(await newTable());
    const one = await created(exceptions, requested('EX-1'));
    const two = await created(exceptions, requested('EX-2'));
    table.beforeNextWrite('scope', () => grant(exceptions, one));
    const lost = await grant(exceptions, two);
    expect(lost.kind).toBe('lost');
    expect((await grant(exceptions, lost.stored)).kind).toBe('committed');
    const { grants } = await exceptions.scope(SCOPE);
    expect(grants.get('secret-scanning')?.grants.map(({ id }) => id)).toEqual(['EX-1', 'EX-2']);
    const next = (await exceptions.read(SCOPE, 'EX-1')) as StoredException;
    const other = (await exceptions.read(SCOPE, 'EX-2')) as StoredException;
    table.beforeNextWrite('scope', () => exceptions.commit(next, changed(next, revoked(next))));
    expect((await exceptions.commit(other, changed(other, revoked(other)))).kind).toBe('lost');
    expectAgreement(await rowsIn(table));
  });
});
