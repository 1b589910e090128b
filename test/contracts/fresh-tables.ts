import { afterAll, beforeAll } from 'vitest';
import { ConflictError, StoreUnavailableError, type Table, type TableName } from '../../services/ports/table.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { createInMemoryTable, type Fault } from '../fakes/in-memory-table.ts';

export interface FaultyTable extends Table {
  /** The next commit to this table meets this fault. */
  failNextCommit(table: TableName, fault: Exclude<Fault, 'ok'>): void;
  /** Runs once, before the next write to this table: what somebody else does in between. */
  beforeNextWrite(table: TableName, act: () => Promise<unknown>): void;
}

/** The real adapter on an Azurite of its own and the table in memory; every call gives empty tables. */
export function freshTables() {
  let azurite: Azurite;
  let last = 0;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.close());
  const azure = async (): Promise<FaultyTable> => {
    last += 1;
    const connection = { connectionString: azurite.connectionString };
    const table = createAzureTable({ connection, prefix: `fresh${last}n`, budgetMs: 20_000 });
    await table.prepare();
    return withFaults(table);
  };
  const inMemory = async (): Promise<FaultyTable> => withFaults(createInMemoryTable());
  return [
    ['Azure Table storage', azure],
    ['the table in memory', inMemory],
  ] as const;
}

function withFaults(inner: Table): FaultyTable {
  const faults = new Map<TableName, Fault>();
  const acts = new Map<TableName, () => Promise<unknown>>();
  const interrupt = async (table: TableName) => {
    const act = acts.get(table);
    acts.delete(table);
    await act?.();
  };
  return {
    get: inner.get,
    list: inner.list,
    across: inner.across,
    remove: async (table, ...row) => {
      await interrupt(table);
      await inner.remove(table, ...row);
    },
    failNextCommit: (table, fault) => faults.set(table, fault),
    beforeNextWrite: (table, act) => acts.set(table, act),
    commit: async (table, partition, writes) => {
      await interrupt(table);
      const fault = faults.get(table) ?? 'ok';
      faults.delete(table);
      if (fault === 'before') throw new StoreUnavailableError('no connection');
      const etags = await inner.commit(table, partition, writes);
      if (fault === 'after') throw new StoreUnavailableError('the answer was lost');
      if (fault === 'after-conflict') throw new ConflictError('a retry met its own write');
      return etags;
    },
  };
}
