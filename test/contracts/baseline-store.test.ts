import { describe, expect, test } from 'vitest';
import type { Baseline } from '../../services/domain/baseline.ts';
import { entryKey } from '../../services/domain/baseline.ts';
import { driftAfter, NO_DRIFT } from '../../services/domain/drift.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { PostDeployReview } from '../../services/domain/post-deploy.ts';
import type {
  BaselineChange,
  BaselineStore,
  StoredBaseline,
  StoredDrift,
} from '../../services/ports/baseline-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createBaselineStore } from '../../services/tables/baseline-store.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { prefixRange } from '../../services/tables/keys.ts';
import { ORG, TENANT } from '../builders.ts';
import { anEntry, aState } from '../drift-platforms.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const AT = '2026-11-24T09:00:00.000Z';
const SCOPE = { org: ORG, service: 'payments-api', environment: 'prod' };
const ANN = { kind: 'person', tenant: TENANT, oid: 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e', name: 'Ann' } as const;

const aBaseline = (count: number, over: Partial<Baseline> = {}): Baseline => ({
  ...aState(Array.from({ length: count }, (_, n) => anEntry(String(n), { name: `"${n}" äöü ${'m'.repeat(300)}` }))),
  taken: { requestId: 'abcdefghij234567', runName: '20261124.7', at: AT, approvedBy: [{ oid: ANN.oid, name: 'Ann' }] },
  accepted: [{ key: entryKey('check', 'p', '5', '1'), entry: anEntry('1'), by: ANN, at: AT, until: AT }],
  ops: ['op 1'],
  ...over,
});
const aChange = (baseline: Baseline, op = 'op 1'): BaselineChange => ({
  ...{ baseline, op, at: AT },
  evidence: { kind: 'drift-accepted', actor: ANN, data: { op } },
});
const aDrift = (count: number): StoredDrift => ({
  drift: driftAfter(NO_DRIFT, {
    baseline: aBaseline(0, { accepted: [] }),
    state: aState(aBaseline(count).entries),
    now: AT,
  }),
  ...{ shown: 0, noted: -1, claim: AT, told: ['0'.repeat(32)] },
  messages: [{ recipient: 'user:a', conversation: 'c', activityId: 'm1' }],
});
const aReview = (over: Partial<PostDeployReview> = {}): PostDeployReview => ({
  release: { requestId: 'abcdefghij234567', runName: '20261124.7', at: AT, approvedBy: [] },
  ...{ service: 'payments-api', environment: 'prod', at: AT, sources: [], state: 'waits', looks: 1, messages: [] },
  ...over,
});

interface Scene {
  readonly table: FaultyTable;
  readonly store: BaselineStore;
}

async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  return { table, store: createBaselineStore({ table, random }) };
}

async function chainOf({ table }: Scene, prefix: string) {
  return (await table.list('find', findPartition(SCOPE), { ranges: [prefixRange(prefix)] })).map(decodeEvidence);
}

describe.each(freshTables())('baselines and their drift, on %s', (_name, newTable) => {
  test('what was written is read again, whole, whatever its size, by what a write gave back', async () => {
    const scene = await setScene(newTable);
    const first = await scene.store.putBaseline(await scene.store.read(SCOPE), aChange(aBaseline(3_000)));
    const second = await scene.store.putDrift(first as StoredBaseline, aDrift(2_000));

    expect(second).toEqual(await scene.store.read(SCOPE));
    expect(second?.baseline).toEqual(aBaseline(3_000));
    expect(second?.drift?.drift.items).toHaveLength(2_000);
  });

  test('before the first there is none, and each scope has its own', async () => {
    const { store } = await setScene(newTable);
    await store.putBaseline(await store.read(SCOPE), aChange(aBaseline(1)));

    const other = { ...SCOPE, environment: 'staging' };
    expect(await store.read(other)).toEqual({ scope: other });
    expect(await store.review(SCOPE, 'abcdefghij234567')).toBeUndefined();
  });

  test('a shorter one leaves nothing of a longer one behind', async () => {
    const { store } = await setScene(newTable);
    const long = await store.putBaseline(await store.read(SCOPE), aChange(aBaseline(3_000)));
    await store.putBaseline(long as StoredBaseline, aChange(aBaseline(1), 'op 2'));

    expect((await store.read(SCOPE)).baseline).toEqual(aBaseline(1));
  });

  test('each change of a baseline has one entry in an unbroken chain, and drift has none', async () => {
    const scene = await setScene(newTable);
    let stored = await scene.store.read(SCOPE);
    for (const op of ['op 1', 'op 2', 'op 3']) {
      await scene.store.putBaseline(stored, aChange(aBaseline(1), op));
      stored = await scene.store.read(SCOPE);
      await scene.store.putDrift(stored, aDrift(1));
      stored = await scene.store.read(SCOPE);
    }
    const chain = await chainOf(scene, 'be');

    expect(chain.map(({ op }) => op)).toEqual(['op 1', 'op 2', 'op 3']);
    expect(firstBrokenEntry(chain)).toBeUndefined();
  });

  test('drift is written without touching the baseline, even while that is being changed', async () => {
    const { store } = await setScene(newTable);
    const first = await store.putBaseline(await store.read(SCOPE), aChange(aBaseline(1)));
    await store.putBaseline(first as StoredBaseline, aChange(aBaseline(2), 'op 2'));
    await store.putDrift(first as StoredBaseline, aDrift(1));

    expect((await store.read(SCOPE)).baseline?.entries).toHaveLength(2);
  });

  test('of two that write the same at once one is told that it was not first, and nothing of it is there', async () => {
    const scene = await setScene(newTable);
    const { store } = scene;
    const none = await store.read(SCOPE);
    const both = await Promise.all([
      store.putBaseline(none, aChange(aBaseline(1), 'op a')),
      store.putBaseline(none, aChange(aBaseline(1), 'op b')),
    ]);
    expect(both.filter((one) => one === undefined)).toHaveLength(1);
    expect(await chainOf(scene, 'be')).toHaveLength(1);

    const stored = await store.read(SCOPE);
    const drifts = await Promise.all([store.putDrift(stored, aDrift(1)), store.putDrift(stored, aDrift(2))]);
    expect(drifts.filter((one) => one === undefined)).toHaveLength(1);
    expect(await store.putDrift(stored, aDrift(1))).toBeUndefined();
  });

  test('a review is replaced by its version, and its end is one entry that cannot come twice', async () => {
    const scene = await setScene(newTable);
    const { store } = scene;
    const first = await store.putReview(SCOPE, aReview(), undefined);
    expect(first).toEqual(await store.review(SCOPE, 'abcdefghij234567'));
    expect(await store.putReview(SCOPE, aReview(), undefined)).toBeUndefined();
    const end = { evidence: { kind: 'post-deploy-reviewed', actor: ANN, data: {} }, op: 'op', at: AT };
    const done = await store.putReview(SCOPE, aReview({ state: 'done' }), first, end);
    expect(await store.putReview(SCOPE, aReview({ state: 'done' }), first, end)).toBeUndefined();
    expect(await store.putReview(SCOPE, aReview({ state: 'done' }), done, end)).toBeUndefined();

    expect((await store.review(SCOPE, 'abcdefghij234567'))?.review.state).toBe('done');
    expect(await chainOf(scene, 'bpe')).toBeDefined();
  });

  test.each(['before', 'after'] as const)(
    'at every call a store may fall silent (%s the commit): nothing is half there',
    async (fault) => {
      const scene = await setScene(newTable);
      const { table, store } = scene;
      const writes = [
        async () => store.putBaseline(await store.read(SCOPE), aChange(aBaseline(2_000))),
        async () => store.putDrift(await store.read(SCOPE), aDrift(2_000)),
        async () => store.putReview(SCOPE, aReview(), undefined),
      ];
      for (const write of writes) {
        const before = [await store.read(SCOPE), await store.review(SCOPE, 'abcdefghij234567')];
        table.failNextCommit('find', fault);
        await expect(write()).rejects.toThrow(StoreUnavailableError);
        const after = [await store.read(SCOPE), await store.review(SCOPE, 'abcdefghij234567')];
        if (fault === 'before') {
          expect(after).toEqual(before);
          await write();
        } else expect(after).not.toEqual(before);
      }
      const { baseline, drift } = await store.read(SCOPE);
      expect([baseline?.entries.length, drift?.drift.items.length]).toEqual([2_000, 2_000]);
      expect(firstBrokenEntry(await chainOf(scene, 'be'))).toBeUndefined();
    },
  );

  test('names from outside cannot reach the rows of others', async () => {
    const { store } = await setScene(newTable);
    await store.putBaseline(await store.read(SCOPE), aChange(aBaseline(1)));
    for (const name of ['payments-api~prod', '~', '..', '\u0000', '💥'.repeat(200), "x' or '1'='1"]) {
      const scope = { ...SCOPE, service: name, environment: name };
      await store.putBaseline(await store.read(scope), aChange(aBaseline(2)));
      await store.putReview(scope, aReview({ release: { ...aReview().release, requestId: name } }), undefined);
      expect((await store.read(scope)).baseline?.entries).toHaveLength(2);
      expect(await store.review(scope, name)).toBeDefined();
    }
    expect((await store.read(SCOPE)).baseline?.entries).toHaveLength(1);
  });
});
