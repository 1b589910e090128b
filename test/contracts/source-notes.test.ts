import { describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createSourceNotes } from '../../services/tables/source-notes.ts';
import { TENANT } from '../builders.ts';
import { freshTables } from './fresh-tables.ts';

const PROD = { service: 'payments-api', environment: 'prod' };
const TEST = { service: 'payments-api', environment: 'test' };

describe.each(freshTables())('where signals stand, on %s', (_name, newTable) => {
  test('of several that add at once no place is lost, and the same again is not written', async () => {
    const table = await newTable();
    const notes = createSourceNotes({ table, tenant: TENANT });
    table.beforeNextWrite('sys', () => notes.remember('azure-policy', 'sub-a', [TEST]));
    await notes.remember('azure-policy', 'sub-a', [PROD]);
    await notes.remember('azure-policy', 'sub-b', [PROD]);
    const [first] = (await notes.all()).placed;
    await notes.remember('azure-policy', 'sub-a', [PROD]);

    expect(first?.places).toEqual([TEST, PROD]);
    expect((await notes.all()).placed.map(({ target, etag }) => [target, etag === first?.etag])).toEqual([
      ['sub-a', true],
      ['sub-b', false],
    ]);
  });

  test('places are taken away only where nobody added one since', async () => {
    const notes = createSourceNotes({ table: await newTable(), tenant: TENANT });
    await notes.remember('azure-policy', 'sub-a', [PROD]);
    const [old] = (await notes.all()).placed;
    await notes.remember('azure-policy', 'sub-a', [TEST]);
    if (old === undefined) throw new Error('nothing is remembered');
    await notes.narrow(old, []);
    await notes.narrow(old, [PROD]);
    const [known] = (await notes.all()).placed;
    expect(known?.places).toEqual([PROD, TEST]);

    if (known !== undefined) await notes.narrow(known, [TEST]);
    const [narrowed] = (await notes.all()).placed;
    expect(narrowed?.places).toEqual([TEST]);
    if (narrowed !== undefined) await notes.narrow(narrowed, []);
    expect((await notes.all()).placed).toEqual([]);
  });

  test('a store that does not answer is a fault', async () => {
    const table = await newTable();
    table.failNextCommit('sys', 'before');

    await expect(
      createSourceNotes({ table, tenant: TENANT }).remember('azure-policy', 'sub-a', [PROD]),
    ).rejects.toThrow(StoreUnavailableError);
  });
});
