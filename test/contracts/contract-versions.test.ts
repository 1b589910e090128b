import { describe, expect, test } from 'vitest';
import type { Contract } from '../../services/domain/contract.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createContractVersions } from '../../services/tables/contract-versions.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { TENANT } from '../builders.ts';
import { sampleContract } from '../unit/sample-contract.ts';
import { freshTables } from './fresh-tables.ts';

const AT = '2026-11-24T09:00:00.000Z';
const PARTITION = `${TENANT.toLowerCase()}~contract`;
const a = (letter: string) => letter.repeat(64);
const contractOf = (sample: Contract, version: number, letter: string): Contract => ({
  ...sample,
  version,
  checksum: a(letter),
});

describe.each(freshTables())('versions of the contract on %s', (_, newTable) => {
  async function setScene() {
    const table = await newTable();
    const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
    const versions = createContractVersions({ table, tenant: TENANT, random });
    const chain = async () => (await table.list('roll', PARTITION)).filter(({ row }) => row.startsWith('e~'));
    const sample = await sampleContract();
    const put = async (version: number, letter: string, commit?: string) => {
      const { newest } = await versions.read();
      const found = { at: AT, ...(commit === undefined ? {} : { commit }) };
      return versions.append(contractOf(sample, version, letter), found, newest);
    };
    return { table, versions, chain, sample, put };
  }

  test('a contract is read back as it was, whatever is in it', async () => {
    const { versions, sample } = await setScene();
    const contract = {
      ...sample,
      calendar: { ...sample.calendar, cadences: new Map([['sprint', { everyDays: 14, from: '2026-11-23' }]]) },
      controls: sample.controls.map((control) => ({
        ...control,
        overrides: new Map([['payments-api', control.decisions]]),
      })),
    };
    await versions.append(contract, { at: AT }, undefined);
    expect(await versions.contract(contract.checksum)).toEqual(contract);
    expect(await versions.contract(a('f'))).toBeUndefined();
  });

  test('a contract that gates are judged by is kept without being noted as in force, once, and noted afterwards', async () => {
    const { versions, sample, put, chain } = await setScene();
    const contract = contractOf(sample, 1, 'a');
    await versions.keep(contract);
    await versions.keep(contract);
    expect(await versions.contract(a('a'))).toEqual(contract);
    expect(await versions.read()).toEqual({ untold: [] });
    expect(await put(1, 'a')).toBe(true);
    expect(await chain()).toHaveLength(1);
  });

  test('what another process has kept already is left as it is', async () => {
    const { table, versions, sample } = await setScene();
    const contract = contractOf(sample, 1, 'a');
    await versions.keep(contract);
    const rows = await table.list('roll', PARTITION);
    const random = { bytes: (count: number) => new Uint8Array(count) };
    await createContractVersions({ table, tenant: TENANT, random }).keep(contract);
    expect(await table.list('roll', PARTITION)).toEqual(rows);
  });

  test('a contract that could not be kept is kept by the next try', async () => {
    const { table, versions, sample } = await setScene();
    const contract = contractOf(sample, 1, 'a');
    table.failNextCommit('roll', 'before');
    await expect(versions.keep(contract)).rejects.toThrow(StoreUnavailableError);
    await versions.keep(contract);
    expect(await versions.contract(a('a'))).toEqual(contract);
  });

  test('only a contract that followed another one is to be told, and the chain holds', async () => {
    const { versions, put, chain } = await setScene();
    expect(await versions.read()).toEqual({ untold: [] });
    await put(1, 'a');
    expect((await versions.read()).untold).toEqual([]);
    await put(2, 'b', 'd'.repeat(40));
    await put(2, 'a');
    const { newest, untold } = await versions.read();
    expect(newest).toMatchObject({ seq: 3, version: 2, checksum: a('a'), at: AT });
    expect(untold.map(({ seq, change, told }) => [seq, change, told])).toEqual([
      [
        2,
        {
          at: AT,
          before: { version: 1, checksum: a('a') },
          after: { version: 2, checksum: a('b'), commit: 'd'.repeat(40) },
        },
        [],
      ],
      [
        3,
        {
          at: AT,
          before: { version: 2, checksum: a('b'), commit: 'd'.repeat(40) },
          after: { version: 2, checksum: a('a') },
        },
        [],
      ],
    ]);
    expect(firstBrokenEntry((await chain()).map(decodeEvidence))).toBeUndefined();
  });

  test('of two who append after the same one, one does', async () => {
    const { versions, sample, put, chain } = await setScene();
    await put(1, 'a');
    const { newest } = await versions.read();
    const both = ['b', 'c'].map((letter) => versions.append(contractOf(sample, 2, letter), { at: AT }, newest));
    expect((await Promise.all(both)).sort()).toEqual([false, true]);
    expect(await chain()).toHaveLength(2);
  });

  test('of two who claim a change, one does, and what is done is gone', async () => {
    const { versions, put } = await setScene();
    await put(1, 'a');
    await put(2, 'b');
    const [change] = (await versions.read()).untold;
    if (change === undefined) throw new Error('nothing to tell');
    const claims = await Promise.all([1, 2].map(() => versions.put({ ...change, claimedAt: AT }, change)));
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
    expect((await versions.read()).untold[0]).toMatchObject({ claimedAt: AT });
    await versions.done(change);
    await versions.done(change);
    expect((await versions.read()).untold).toEqual([]);
  });

  test('a lost answer leaves one link, whole or not at all', async () => {
    const { table, versions, put, chain } = await setScene();
    await put(1, 'a');
    table.failNextCommit('roll', 'before');
    await expect(put(2, 'b')).rejects.toThrow(StoreUnavailableError);
    expect(await chain()).toHaveLength(1);
    table.failNextCommit('roll', 'after');
    await expect(put(2, 'b')).rejects.toThrow(StoreUnavailableError);
    expect(await versions.read()).toMatchObject({ newest: { seq: 2 }, untold: [{ seq: 2 }] });
    expect(await versions.contract(a('b'))).toBeDefined();
  });

  test('a contract that no row holds is evidence all the same', async () => {
    const { versions, sample, chain } = await setScene();
    const huge = { ...sample, operators: `group:${'x'.repeat(500_000)}` as const };
    expect(await versions.append(huge, { at: AT }, undefined)).toBe(true);
    expect(await versions.contract(huge.checksum)).toBeUndefined();
    expect(await chain()).toHaveLength(1);
  });

  test('a contract that was kept in another form is not read', async () => {
    const { table, versions, put } = await setScene();
    await put(1, 'a');
    await table.commit('roll', PARTITION, [
      { kind: 'put', row: `v~${a('a')}`, values: { contract: '{"form":2,"contract":{}}' } },
    ]);
    expect(await versions.contract(a('a'))).toBeUndefined();
  });
});
