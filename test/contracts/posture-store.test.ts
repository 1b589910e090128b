import { describe, expect, test } from 'vitest';
import { afterList, afterTold, NO_POSTURE, type Posture } from '../../services/domain/posture.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createPostureStore } from '../../services/tables/posture-store.ts';
import { ORG } from '../builders.ts';
import { aFinding } from '../scans.ts';
import { freshTables } from './fresh-tables.ts';

const AT = '2026-11-24T09:00:00.000Z';
const scope = { org: ORG, service: 'payments-api', environment: 'prod' };
const KEY = { scope, source: 'azure-policy' };
const aPosture = (count: number): Posture =>
  afterList(
    NO_POSTURE,
    {
      target: 'sub-a',
      at: AT,
      scans: [{ tool: 'azure-policy', categories: ['policy'], complete: true }],
      findings: Array.from({ length: count }, (_, n) =>
        aFinding({
          fingerprint: n.toString(16).padStart(32, '0'),
          tool: 'azure-policy',
          category: 'policy',
          message: `"${n}" äöü ${'m'.repeat(390)}`,
          asset: `/subscriptions/${n}`,
          at: AT,
        }),
      ),
      needs: ['sub-a'],
    },
    AT,
  );

describe.each(freshTables())('postures, on %s', (_name, newTable) => {
  test('what was written is read again, whole, whatever its size', async () => {
    const store = createPostureStore({ table: await newTable() });
    const posture = aPosture(3_000);
    await store.write(KEY, posture, await store.read(KEY));

    expect((await store.read(KEY)).posture).toEqual(posture);
  });

  test('before the first there is none, and each source and scope has its own', async () => {
    const store = createPostureStore({ table: await newTable() });
    await store.write(KEY, aPosture(1), await store.read(KEY));

    expect(await store.read({ ...KEY, source: 'azure-policy-2' })).toEqual({ posture: NO_POSTURE });
    expect(await store.read({ ...KEY, scope: { ...scope, environment: '-' } })).toEqual({ posture: NO_POSTURE });
  });

  test('a shorter one leaves nothing of a longer one behind', async () => {
    const store = createPostureStore({ table: await newTable() });
    const long = await store.write(KEY, aPosture(2_000), await store.read(KEY));
    await store.write(KEY, aPosture(1), long ?? { posture: NO_POSTURE });

    expect((await store.read(KEY)).posture.words.size).toBe(1);
  });

  test('of two that write at once one is told that it was not first, and nothing of it is there', async () => {
    const store = createPostureStore({ table: await newTable() });
    const none = await store.read(KEY);
    const first = await store.write(KEY, aPosture(1), none);
    expect(await store.write(KEY, aPosture(2), none)).toBeUndefined();

    const told = afterTold(
      aPosture(1),
      { scans: [], findings: [], cleared: [{ fingerprint: '0'.repeat(32), tool: 'azure-policy', target: 'sub-a' }] },
      AT,
    );
    expect(await store.write(KEY, told, first ?? none)).toBeDefined();
    expect(await store.write(KEY, aPosture(2), first ?? none)).toBeUndefined();
    expect((await store.read(KEY)).posture).toEqual(told);
  });

  test('a store that does not answer is a fault, and nothing is half there', async () => {
    const table = await newTable();
    const store = createPostureStore({ table });
    table.failNextCommit('find', 'before');

    await expect(store.write(KEY, aPosture(2_000), { posture: NO_POSTURE })).rejects.toThrow(StoreUnavailableError);
    expect(await store.read(KEY)).toEqual({ posture: NO_POSTURE });
  });
});
