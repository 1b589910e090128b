import { TableClient, type TableEntity, type TransactionAction } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import {
  ConflictError,
  StoreUnavailableError,
  TABLES,
  type Table,
  type TableName,
  type Write,
} from '../ports/table.ts';
import { answerDates } from './answer-dates.ts';
import { etagOf, readAcross, readRows, readWhole, toRow } from './azure-rows.ts';
import { createDeleteConditions, type DeleteConditions } from './delete-conditions.ts';
import { checkKey, checkRanges, checkTop, checkWrites } from './limits.ts';
import { toProperties } from './row-codec.ts';
import { isMissingRow, storeFault } from './store-fault.ts';

const RETRIES = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 800 };
/** Table names are 3 to 63 letters and digits and start with a letter; the longest name of ours has 5. */
const PREFIX = /^(?:[A-Za-z][A-Za-z0-9]{0,57})?$/;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface AzureTableOptions {
  /** A connection string, or the account's https:// address with a credential of @azure/identity. */
  readonly connection:
    | { readonly connectionString: string }
    | { readonly url: URL; readonly credential: TokenCredential };
  /** Before each table's name: letters and digits, a letter first, at most 58; may be empty. */
  readonly prefix: string;
  /** Called with the date that each answer bears, as HTTP writes it. */
  readonly dated?: (date: string) => void;
  /** Milliseconds for one call with its at most 3 tries; then StoreUnavailableError. */
  readonly budgetMs?: number;
}

export interface AzureTable extends Table {
  /** Creates the tables that do not exist yet. */
  prepare(): Promise<void>;
  /**
   * Resolves when a row was written beside the leases and the store's clock is at most 60 s from `now` (ISO-8601 UTC).
   * Rejects with StoreUnavailableError, or an Error when the tables are missing or the clocks differ.
   */
  probe(now: string): Promise<void>;
}

interface Client {
  readonly table: TableClient;
  readonly deletes: DeleteConditions;
}

type Entity = TableEntity<Record<string, unknown>>;

/**
 * The tables on Azure Table storage (or Azurite, over plain http on loopback only). At most 3 tries a call within
 * `budgetMs`. Limits of the service are checked before sending (RangeError naming row and property); a request that the
 * service itself finds wrong rejects with an Error, both faults of the program and never an answer.
 */
export function createAzureTable({ connection, prefix, dated, budgetMs = 2_000 }: AzureTableOptions): AzureTable {
  if (!PREFIX.test(prefix)) {
    throw new RangeError(`the table prefix must be letters and digits, a letter first, at most 58, got "${prefix}"`);
  }
  const clients = new Map(TABLES.map((name) => [name, createClient(connection, prefix + name, dated)] as const));
  const within = () => AbortSignal.timeout(budgetMs);
  const clientOf = (name: TableName): Client => {
    const client = clients.get(name);
    if (client === undefined) throw new RangeError(`there is no table "${name}"`);
    return client;
  };
  const get: Table['get'] = async (table, partition, row) => {
    checkKey('partition', partition);
    checkKey('row', row);
    const entity = await readEntity(clientOf(table), partition, row, { abortSignal: within() });
    return entity === undefined ? undefined : toRow(entity, partition);
  };
  return {
    get,
    list: async (table, partition, options = {}) => {
      checkKey('partition', partition);
      checkRanges(options.ranges ?? []);
      checkTop(options.top);
      if (options.ranges?.length === 0) return [];
      return await readRows(clientOf(table).table, { partition, ...options }, within);
    },
    across: async function* (table, partitions, ranges, { isWhole = false } = {}) {
      checkRanges([partitions, ...ranges]);
      const read = isWhole ? readWhole : readAcross;
      if (ranges.length > 0) yield* read(clientOf(table).table, partitions, ranges);
    },
    commit: async (table, partition, writes) => {
      checkWrites(partition, writes);
      const [first] = writes;
      if (first !== undefined && writes.length === 1)
        return await writeRow(clientOf(table), partition, first, within());
      return await writeRows(clientOf(table), partition, writes, within());
    },
    remove: async (table, partition, row, etag = '*') => {
      checkKey('partition', partition);
      checkKey('row', row);
      await removeRow(clientOf(table).table, partition, row, { etag, abortSignal: within() });
    },
    prepare: async () => {
      await Promise.all([...clients.values()].map(({ table }) => createTable(table, within())));
    },
    probe: (now) => probe(clientOf('sys'), now, within()),
  };
}

function createClient(
  connection: AzureTableOptions['connection'],
  name: string,
  dated: AzureTableOptions['dated'],
): Client {
  const options = { retryOptions: RETRIES, allowInsecureConnection: true };
  const table =
    'url' in connection
      ? new TableClient(connection.url.href.replace(/\/$/, ''), name, connection.credential, {
          ...options,
          allowInsecureConnection: false,
        })
      : TableClient.fromConnectionString(connection.connectionString, name, options);
  const { protocol, hostname, host } = new URL(table.url);
  if (protocol !== 'https:' && !LOOPBACK.has(hostname)) {
    throw new RangeError(`tables are reached by https only, except on loopback, got ${protocol}//${host}`);
  }
  const deletes = createDeleteConditions();
  table.pipeline.addPolicy(deletes.policy);
  if (dated !== undefined) table.pipeline.addPolicy(answerDates(dated));
  return { table, deletes };
}

async function createTable(table: TableClient, abortSignal: AbortSignal): Promise<void> {
  try {
    await table.createTable({ abortSignal });
  } catch (error) {
    throw storeFault(error, `creating table ${table.tableName}`);
  }
}

type ReadOptions = NonNullable<Parameters<TableClient['getEntity']>[2]>;

async function readEntity({ table }: Client, partition: string, row: string, options: ReadOptions) {
  try {
    return await table.getEntity<Record<string, unknown>>(partition, row, options);
  } catch (error) {
    if (isMissingRow(error)) return undefined;
    throw storeFault(error, `reading ${table.tableName} row ${row}`);
  }
}

const MAX_CLOCK_DIFFERENCE_MS = 60_000;

/** Where leases are (leases.ts): whoever can write it can hold one. */
const PROBE = { partitionKey: 'leases', rowKey: 'probe' };

/** Every deadline and end of an exception is decided by our clock; that of the store is the one all processes share. */
async function probe({ table }: Client, now: string, abortSignal: AbortSignal): Promise<void> {
  let date: string | undefined;
  try {
    await table.upsertEntity({ ...PROBE, at: now }, 'Replace', {
      abortSignal,
      onResponse: ({ headers }) => {
        date = headers.get('date');
      },
    });
  } catch (error) {
    throw storeFault(error, `writing ${table.tableName} row ${PROBE.rowKey}`);
  }
  const difference = Date.parse(now) - Date.parse(date ?? '');
  // An answer without a date is no answer to the question.
  if (Math.abs(difference) <= MAX_CLOCK_DIFFERENCE_MS) return;
  throw new Error(
    `the clock here says ${now}, that of the table store ${date ?? 'nothing'}: at most 60 s apart are allowed, set the clock of this machine`,
  );
}

async function writeRow({ table }: Client, partition: string, write: Write, abortSignal: AbortSignal) {
  try {
    const etag = await sendWrite(table, partition, write, abortSignal);
    return new Map(etag === undefined ? [] : [[write.row, etag]]);
  } catch (error) {
    throw storeFault(error, `${write.kind} in ${table.tableName} row ${write.row}`);
  }
}

async function sendWrite(table: TableClient, partition: string, write: Write, abortSignal: AbortSignal) {
  if (write.kind === 'delete') {
    await table.deleteEntity(partition, write.row, { etag: write.etag ?? '*', abortSignal });
    return undefined;
  }
  const entity = toEntity(partition, write);
  const answer =
    write.kind === 'create'
      ? await table.createEntity(entity, { abortSignal })
      : write.kind === 'put'
        ? await table.upsertEntity(entity, 'Replace', { abortSignal })
        : await table.updateEntity(entity, 'Replace', { etag: write.etag, abortSignal });
  return etagOf(write.row, answer.etag);
}

async function writeRows({ table, deletes }: Client, partition: string, writes: readonly Write[], signal: AbortSignal) {
  deletes.expect(
    signal,
    writes.flatMap((write) => (write.kind === 'delete' ? [write.etag] : [])),
  );
  try {
    const actions = writes.map((write) => toAction(partition, write));
    const { subResponses } = await table.submitTransaction(actions, { abortSignal: signal });
    const done = subResponses.filter(({ status }) => status >= 200 && status < 300).length;
    if (done !== writes.length || subResponses.length !== writes.length) {
      throw new StoreUnavailableError(`${writes.length} writes were sent, ${done} of them answered as done`);
    }
    return new Map(
      writes.flatMap((write, index) =>
        write.kind === 'delete' ? [] : [[write.row, etagOf(write.row, subResponses[index]?.etag)]],
      ),
    );
  } catch (error) {
    throw storeFault(error, `committing ${writes.length} writes to ${table.tableName}`);
  }
}

async function removeRow(
  table: TableClient,
  partition: string,
  row: string,
  options: { readonly etag: string; readonly abortSignal: AbortSignal },
): Promise<void> {
  try {
    await table.deleteEntity(partition, row, options);
  } catch (error) {
    const fault = storeFault(error, `removing ${table.tableName} row ${row}`);
    if (!(fault instanceof ConflictError)) throw fault;
  }
}

function toAction(partition: string, write: Write): TransactionAction {
  if (write.kind === 'delete') return ['delete', { partitionKey: partition, rowKey: write.row }];
  const entity = toEntity(partition, write);
  if (write.kind === 'create') return ['create', entity];
  if (write.kind === 'put') return ['upsert', entity, 'Replace'];
  return ['update', entity, 'Replace', { etag: write.etag }];
}

function toEntity(partition: string, write: Exclude<Write, { kind: 'delete' }>): Entity {
  return { partitionKey: partition, rowKey: write.row, ...toProperties(write.values) };
}
