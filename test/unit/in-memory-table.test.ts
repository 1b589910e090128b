import { expect, test } from 'vitest';
import { ConflictError, StoreUnavailableError, type Write } from '../../services/ports/table.ts';
import { type Call, createInMemoryTable } from '../fakes/in-memory-table.ts';

const put = (row: string, n = 1): Write => ({ kind: 'put', row, values: { n } });

test('a fault before leaves nothing behind and is no answer', async () => {
  const table = createInMemoryTable();
  table.failNext('before');

  await expect(table.commit('gate', 'p', [put('h')])).rejects.toBeInstanceOf(StoreUnavailableError);

  expect(table.dump()).toEqual([]);
});

test('a fault after leaves the writes behind and loses the answer', async () => {
  const table = createInMemoryTable();
  table.failNext('after');

  await expect(table.commit('gate', 'p', [put('h')])).rejects.toBeInstanceOf(StoreUnavailableError);

  expect(table.dump()).toMatchObject([{ table: 'gate', partition: 'p', row: 'h', values: { n: 1 } }]);
});

test('a fault after that a retry ran into is a conflict though the writes are there', async () => {
  const table = createInMemoryTable();
  table.failNext('after-conflict', { kind: 'commit' });

  await expect(table.commit('gate', 'p', [put('h')])).rejects.toBeInstanceOf(ConflictError);

  expect(table.dump()).toHaveLength(1);
});

test('a read can be lost, but never conflicts', async () => {
  const table = createInMemoryTable();
  table.failNext('after-conflict', { times: 2 });

  await expect(table.get('gate', 'p', 'h')).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(table.remove('gate', 'p', 'h')).rejects.toBeInstanceOf(StoreUnavailableError);
});

test('a planned fault waits for a call of its kind and happens once', async () => {
  const table = createInMemoryTable();
  table.failNext('before', { kind: 'commit' });

  await table.get('gate', 'p', 'h');
  await expect(table.commit('gate', 'p', [put('h')])).rejects.toBeInstanceOf(StoreUnavailableError);
  await table.commit('gate', 'p', [put('h')]);

  expect(table.dump()).toHaveLength(1);
});

test('the fault function sees every call numbered, with its rows', async () => {
  const seen: Call[] = [];
  const table = createInMemoryTable({
    fault: (call) => {
      seen.push(call);
      return call.number === 2 ? 'before' : 'ok';
    },
  });

  await table.commit('gate', 'p', [put('h'), put('i')]);
  await expect(table.list('gate', 'p')).rejects.toBeInstanceOf(StoreUnavailableError);
  await table.remove('gate', 'p', 'h');

  expect(seen).toEqual([
    { number: 1, kind: 'commit', table: 'gate', partition: 'p', rows: ['h', 'i'] },
    { number: 2, kind: 'list', table: 'gate', partition: 'p', rows: [] },
    { number: 3, kind: 'remove', table: 'gate', partition: 'p', rows: ['h'] },
  ]);
});

test('a call that is held back is done when it is let go, not when it was made', async () => {
  const gate = Promise.withResolvers<'ok'>();
  const table = createInMemoryTable({ fault: ({ kind }) => (kind === 'get' ? gate.promise : 'ok') });
  const reading = table.get('gate', 'p', 'h');

  await table.commit('gate', 'p', [put('h', 2)]);
  gate.resolve('ok');

  expect((await reading)?.values).toEqual({ n: 2 });
});

test('calls are counted by kind, lists once per 1,000 rows, refused and failed calls too', async () => {
  const table = createInMemoryTable();
  for (let n = 0; n < 1_100; n += 100) {
    await table.commit(
      'find',
      'p',
      Array.from({ length: 100 }, (_, at) => put(`r~${n + at}`)),
    );
  }
  table.resetCalls();

  await table.list('find', 'p');
  await table.list('find', 'p', { top: 1_000 });
  await table.list('find', 'empty');
  await table.get('find', 'p', 'r~1');
  await table.remove('find', 'p', 'r~1');
  await table.commit('find', 'p', [put('a'), put('b')]);
  await table.commit('find', 'p', [{ kind: 'delete', row: 'missing' }]).catch(() => undefined);
  table.failNext('before');
  await table.get('find', 'p', 'a').catch(() => undefined);

  expect(table.calls).toEqual({ get: 2, list: 4, commit: 2, remove: 1, total: 9 });
});

test('what is refused before it is sent is no call', async () => {
  const table = createInMemoryTable();

  await expect(table.commit('gate', 'a/b', [put('h')])).rejects.toBeInstanceOf(RangeError);

  expect(table.calls.total).toBe(0);
});

test('a row read or written cannot be changed from outside', async () => {
  const table = createInMemoryTable();
  const values = { n: 1 };
  const committing = table.commit('gate', 'p', [{ kind: 'create', row: 'h', values }]);
  values.n = 2;
  await committing;

  const found = await table.get('gate', 'p', 'h');

  expect(found?.values).toEqual({ n: 1 });
  expect(() => Object.assign(found?.values ?? {}, { n: 3 })).toThrow(TypeError);
});
