import { TABLES, type Table, type TableName, type Write } from '../../services/ports/table.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { startAzurite } from './azurite.ts';
import { beforeTables, type Call, createFaultProxy } from './fault-proxy.ts';
import { createInMemoryTable, type StoredRow } from './in-memory-table.ts';

/** A table whose calls are counted as the store bills them: a transaction is one, a list one for each 1,000 rows. */
export interface CountedTable {
  readonly table: Table;
  /** `gate commit`, `due list`, … of everything since the last time asked. */
  made(): string[];
  /** Runs once, before the next commit to this table: what somebody else does in between. */
  beforeNextCommit(table: TableName, act: () => Promise<unknown>): void;
  close(): Promise<void>;
}

const PAGE_SIZE = 1_000;

/** These rows in memory, counted at the port of the table. */
export function countedInMemory(rows: Iterable<StoredRow>): CountedTable {
  const inner = createInMemoryTable();
  inner.load(rows);
  const calls: string[] = [];
  const table: Table = {
    get: (name, ...about) => {
      calls.push(`${name} get`);
      return inner.get(name, ...about);
    },
    list: async (name, ...about) => {
      const found = await inner.list(name, ...about);
      for (let page = 0; page < Math.max(1, found.length / PAGE_SIZE); page += 1) calls.push(`${name} list`);
      return found;
    },
    across: (name, ...about) => {
      calls.push(`${name} across`);
      return inner.across(name, ...about);
    },
    commit: (name, partition, writes) => {
      calls.push(`${name} ${kindOf(writes)}`);
      return inner.commit(name, partition, writes);
    },
    remove: (name, ...about) => {
      calls.push(`${name} remove`);
      return inner.remove(name, ...about);
    },
  };
  return { ...interrupted(table), made: () => calls.splice(0), close: async () => {} };
}

/** A transaction of one row is sent as what it is. */
function kindOf(writes: readonly Write[]): 'remove' | 'commit' {
  return writes.length === 1 && writes[0]?.kind === 'delete' ? 'remove' : 'commit';
}

/** These rows in an Azurite of their own, counted by a proxy before it. */
export async function countedInAzurite(rows: Iterable<StoredRow>): Promise<CountedTable> {
  const azurite = await startAzurite();
  const table = tableOn(azurite.connectionString);
  await table.prepare();
  await fill(table, rows);
  const calls: string[] = [];
  const proxy = createFaultProxy({
    fate: (call) => {
      calls.push(callOf(call));
      return undefined;
    },
  });
  const { connectionString } = await beforeTables(proxy, azurite.connectionString);
  return {
    ...interrupted(tableOn(connectionString)),
    made: () => calls.splice(0),
    close: async () => {
      await proxy.close();
      await azurite.close();
    },
  };
}

const PREFIX = 'counted';
const NAMED = new RegExp(`/${PREFIX}(${TABLES.join('|')})\\b`);
const KINDS: Readonly<Record<string, string>> = { POST: 'commit', PUT: 'commit', PATCH: 'commit', DELETE: 'remove' };

function callOf({ method, url, body }: Call): string {
  const table = NAMED.exec(url.endsWith('$batch') ? body : url)?.[1];
  if (table === undefined) throw new Error(`${method} ${url} is to none of the tables`);
  return `${table} ${KINDS[method] ?? (url.includes('RowKey=') ? 'get' : 'list')}`;
}

function tableOn(connectionString: string) {
  return createAzureTable({ connection: { connectionString }, prefix: PREFIX, budgetMs: 20_000 });
}

const MOST_WRITES = 100;

/** Puts these rows, 100 of a partition at a time. */
export async function fill(table: Table, rows: Iterable<StoredRow>): Promise<void> {
  const partitions = Map.groupBy(rows, (row) => `${row.table} ${row.partition}`);
  for (const [first, ...rest] of partitions.values()) {
    if (first === undefined) continue;
    const all = [first, ...rest].map(({ row, values }): Write => ({ kind: 'put', row, values }));
    for (let from = 0; from < all.length; from += MOST_WRITES) {
      await table.commit(first.table, first.partition, all.slice(from, from + MOST_WRITES));
    }
  }
}

function interrupted(inner: Table): Pick<CountedTable, 'table' | 'beforeNextCommit'> {
  const acts = new Map<TableName, () => Promise<unknown>>();
  return {
    beforeNextCommit: (table, act) => acts.set(table, act),
    table: {
      ...inner,
      commit: async (table, partition, writes) => {
        const act = acts.get(table);
        acts.delete(table);
        await act?.();
        return inner.commit(table, partition, writes);
      },
    },
  };
}
