import { afterAll, beforeAll } from 'vitest';
import type { Values, Write } from '../../services/ports/table.ts';
import { type AzureTable, createAzureTable } from '../../services/tables/azure-table.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

/** An etag that no row has. */
export const STALE = `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`;

export const create = (row: string, values: Values = {}): Write => ({ kind: 'create', row, values });
export const put = (row: string, values: Values = {}): Write => ({ kind: 'put', row, values });
export const named = (rows: readonly { readonly row: string }[]) => rows.map(({ row }) => row);

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The real adapter on an Azurite of its own, and the table in memory, for the tests of one file. */
export function bothTables() {
  const inMemory = createInMemoryTable();
  let azurite: Azurite;
  let azure: AzureTable;
  let lastPartition = 0;
  beforeAll(async () => {
    azurite = await startAzurite();
    const connection = { connectionString: azurite.connectionString };
    azure = createAzureTable({ connection, prefix: 'contract', budgetMs: 20_000 });
    await azure.prepare();
  });
  afterAll(() => azurite.close());
  return {
    azure: () => azure,
    inMemory: () => inMemory,
    /** A partition that no other test uses. */
    newPartition: () => `org~${++lastPartition}`,
  };
}
