import { expect, test } from 'vitest';
import type { DigestMark, DigestMarks, StoredMark } from '../../services/ports/digest-store.ts';
import { createDigestStore } from '../../services/tables/digest-store.ts';
import { TENANT } from '../builders.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

const store = () => createDigestStore({ table: createInMemoryTable(), tenant: TENANT });

function aMark(over: Partial<DigestMark> = {}): DigestMark {
  const at = '2026-11-24T08:00:00.000Z';
  return { reader: 'channel:General / Payments', date: '2026-11-24', outcome: 'claimed', at, told: [], ...over };
}

const put = async (marks: DigestMarks, mark: DigestMark, before?: StoredMark) => {
  const [stored] = await marks.put([{ mark, before }]);
  return stored;
};

test('of several that claim the same digest one gets it', async () => {
  const { digestMarks } = store();
  const first = await put(digestMarks, aMark());
  expect(await put(digestMarks, aMark())).toBeUndefined();
  const sent = await put(digestMarks, aMark({ outcome: 'sent' }), first);
  expect(sent?.mark.outcome).toBe('sent');
  expect(await put(digestMarks, aMark({ outcome: 'unreachable' }), first)).toBeUndefined();
  expect((await digestMarks.of(aMark().reader))?.mark).toEqual(aMark({ outcome: 'sent' }));
});

test('of several claims at once those that nobody else has are had', async () => {
  const { digestMarks } = store();
  await put(digestMarks, aMark({ reader: 'user:b', outcome: 'sent' }));
  const claims = ['user:a', 'user:b', 'user:c'].map((reader) => ({ mark: aMark({ reader }), before: undefined }));
  const claimed = await digestMarks.put(claims);
  expect(claimed.map((one) => one?.mark.reader)).toEqual(['user:a', undefined, 'user:c']);
  expect((await digestMarks.of('user:b'))?.mark.outcome).toBe('sent');
});

test('every reader has a mark of their own, whatever their name', async () => {
  const { digestMarks } = store();
  for (const reader of ['user:a', 'user:A', 'channel:a', 'channel:\ud800'])
    await digestMarks.put([{ mark: aMark({ reader }), before: undefined }]);
  expect((await digestMarks.all()).map(({ mark }) => mark.reader).sort()).toEqual(
    ['user:a', 'user:A', 'channel:a', 'channel:\ud800'].sort(),
  );
});

test('what somebody is subscribed to is theirs alone, until they do not want it', async () => {
  const { subscriptions } = store();
  const [ann, bob] = ['aaaa', 'bbbb'];
  await subscriptions.add({ oid: ann, scope: 'payments-api' });
  await subscriptions.add({ oid: ann, scope: 'payments-api' });
  await subscriptions.add({ oid: ann, scope: 'Payments-API' });
  await subscriptions.add({ oid: bob, scope: 'prod' });
  expect((await subscriptions.of(ann)).map(({ scope }) => scope).sort()).toEqual(['Payments-API', 'payments-api']);
  await subscriptions.remove({ oid: ann, scope: 'payments-api' });
  await subscriptions.remove({ oid: ann, scope: 'ledger' });
  expect(await subscriptions.all()).toEqual(
    expect.arrayContaining([
      { oid: ann, scope: 'Payments-API' },
      { oid: bob, scope: 'prod' },
    ]),
  );
  expect(await subscriptions.all()).toHaveLength(2);
});
