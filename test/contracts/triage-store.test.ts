import { describe, expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { Triage } from '../../services/domain/triage.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import type { StoredTriage, TriageChange, TriageStore } from '../../services/ports/triage-store.ts';
import { createTriageStore } from '../../services/tables/triage-store.ts';
import { ORG, TENANT } from '../builders.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const AT = '2026-11-24T09:00:00.000Z';
const ADELE = 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e';
const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const OTHER_ORG = 'otherorgaa';
const print = (n: number) => n.toString(16).padStart(32, '0');
const aKey = (n = 1, service = 'payments-api', org = ORG) => ({ org, service, fingerprint: print(n) });

const aTriage = (n = 1, over: Partial<Triage> = {}): Triage => ({
  fingerprint: print(n),
  assignee: ADELE,
  by: ADELE,
  at: AT,
  ...over,
});

const aChange = (op: string, triage?: Triage): TriageChange => ({
  op,
  at: AT,
  ...(triage === undefined ? {} : { triage }),
  evidence: {
    kind: triage === undefined ? 'finding-released' : 'finding-claimed',
    actor: { kind: 'person', tenant: TENANT, oid: ADELE, name: 'Adele Vance' },
    data: { service: 'payments-api' },
  },
});

interface Scene {
  readonly table: FaultyTable;
  readonly store: TriageStore;
}

async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  return { table, store: createTriageStore({ table, random, orgs: [ORG, OTHER_ORG] }) };
}

async function claimed(store: TriageStore, n = 1, op = 'click 1'): Promise<StoredTriage> {
  const { stored } = await store.commit(await store.read(aKey(n)), aChange(op, aTriage(n)));
  return stored;
}

describe.each(freshTables())('what people do with findings, on %s', (_name, newTable) => {
  test('of one service everything is one call, and nothing of another service or organization is in it', async () => {
    const { store } = await setScene(newTable);
    await claimed(store, 1);
    await claimed(store, 2, 'click 2');
    await store.commit(await store.read(aKey(3, 'orders-api')), aChange('click 3', aTriage(3)));
    await store.commit(await store.read(aKey(4, 'payments-api', OTHER_ORG)), aChange('click 4', aTriage(4)));

    const all = await store.of(ORG, 'payments-api');

    expect([...all]).toEqual([
      [print(1), aTriage(1)],
      [print(2), aTriage(2)],
    ]);
  });

  test('who has something where is told of everybody and every organization', async () => {
    const { store } = await setScene(newTable);
    await claimed(store, 1);
    await store.commit(await store.read(aKey(2, 'Orders API')), aChange('click 2', aTriage(2, { assignee: DIEGO })));
    await store.commit(await store.read(aKey(3, 'orders-api', OTHER_ORG)), aChange('click 3', aTriage(3)));
    const all = await store.assigned();

    expect(all).toHaveLength(3);
    expect(all).toEqual(
      expect.arrayContaining([
        { oid: ADELE, service: 'payments-api' },
        { oid: DIEGO, service: 'Orders API' },
        { oid: ADELE, service: 'orders-api' },
      ]),
    );
  });

  test('every change has one entry in an unbroken chain, and what is released stands nowhere any more', async () => {
    const { store } = await setScene(newTable);
    const stored = await claimed(store);
    await store.commit(stored, aChange('click 2'));

    const { triage, evidence } = await store.read(aKey());

    expect(triage).toBeUndefined();
    expect(await store.of(ORG, 'payments-api')).toEqual(new Map());
    expect(evidence.map(({ op }) => op)).toEqual(['click 1', 'click 2']);
    expect(firstBrokenEntry(evidence)).toBeUndefined();
  });

  test('what a commit gives back is what is read again', async () => {
    const { store } = await setScene(newTable);
    const first = await claimed(store);
    expect(first).toEqual(await store.read(aKey()));
    const { stored } = await store.commit(first, aChange('click 2', aTriage(1, { snoozed: { untilFix: true } })));
    expect(stored).toEqual(await store.read(aKey()));
  });

  test('the same operation again writes nothing, whatever has happened since', async () => {
    const { store } = await setScene(newTable);
    const before = await store.read(aKey());
    await claimed(store);
    const later = await store.commit(await store.read(aKey()), aChange('click 2', aTriage(1, { assignee: DIEGO })));

    const again = await store.commit(before, aChange('click 1', aTriage()));

    expect(again).toEqual({ kind: 'committed', stored: later.stored });
    expect((await store.read(aKey())).evidence).toHaveLength(2);
  });

  test('of two changes of the same state one is lost, and sees what was first', async () => {
    const { store } = await setScene(newTable);
    const before = await store.read(aKey());
    const [first, second] = await Promise.all([
      store.commit(before, aChange('click 1', aTriage())),
      store.commit(before, aChange('click 2', aTriage(1, { assignee: DIEGO }))),
    ]);

    expect([first.kind, second.kind].sort()).toEqual(['committed', 'lost']);
    expect(first.stored).toEqual(second.stored);
    expect((await store.read(aKey())).evidence).toHaveLength(1);
  });

  test('two that release the same at once leave one entry', async () => {
    const { store } = await setScene(newTable);
    const stored = await claimed(store);
    const both = await Promise.all([store.commit(stored, aChange('a')), store.commit(stored, aChange('b'))]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['committed', 'lost']);
    expect((await store.read(aKey())).evidence).toHaveLength(2);
  });

  test('a commit whose answer was lost is recognised when it comes again', async () => {
    const { table, store } = await setScene(newTable);
    const before = await store.read(aKey());
    table.failNextCommit('find', 'after-conflict');
    expect(await store.commit(before, aChange('click 1', aTriage()))).toMatchObject({ kind: 'committed' });

    table.failNextCommit('find', 'after');
    const stored = await store.read(aKey());
    await expect(store.commit(stored, aChange('click 2'))).rejects.toThrow(StoreUnavailableError);
    expect(await store.commit(stored, aChange('click 2'))).toMatchObject({ kind: 'committed' });
    expect((await store.read(aKey())).evidence).toHaveLength(2);
  });

  test('a person finds the services in which they have something, in every organization', async () => {
    const { store } = await setScene(newTable);
    await claimed(store);
    await store.commit(await store.read(aKey(4, 'Über API', OTHER_ORG)), aChange('click 4', aTriage(4)));

    const found = await store.assignedTo(ADELE);

    expect(found).toMatchObject([
      { org: ORG, service: 'payments-api', at: AT },
      { org: OTHER_ORG, service: 'Über API' },
    ]);
    expect(await store.assignedTo(DIEGO)).toEqual([]);
  });

  test('the pointer is there before what it points to, and survives whoever found nothing there', async () => {
    const { table, store } = await setScene(newTable);
    const before = await store.read(aKey());
    table.failNextCommit('find', 'before');
    await expect(store.commit(before, aChange('click 1', aTriage()))).rejects.toThrow(StoreUnavailableError);
    const [early] = await store.assignedTo(ADELE);
    await store.commit(before, aChange('click 1', { ...aTriage(), at: AT }));

    await store.assignedNothing(ADELE, early as never);
    expect(await store.assignedTo(ADELE)).toHaveLength(1);

    const [newest] = await store.assignedTo(ADELE);
    await store.assignedNothing(ADELE, newest as never);
    expect(await store.assignedTo(ADELE)).toEqual([]);
  });

  test('names from outside cannot reach the rows of others', async () => {
    const { store } = await setScene(newTable);
    await claimed(store);
    for (const name of ['payments-api~-', '~', '..', 'payments-api~prod~t', '\u0000', '💥'.repeat(200)]) {
      const key = { org: ORG, service: name, fingerprint: "x' or '1'='1" };
      const { stored } = await store.commit(await store.read(key), aChange(`op ${name}`, aTriage(9)));
      expect(stored.evidence).toHaveLength(1);
      expect(await store.of(ORG, name)).toHaveProperty('size', 1);
    }
    expect(await store.of(ORG, 'payments-api')).toHaveProperty('size', 1);
  });
});
