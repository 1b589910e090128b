import { odata, TableClient, type TransactionAction } from '@azure/data-tables';
import { sha256Base32 } from '../../services/domain/checksum.ts';
import { type RowRange, TABLES, type Table, type TableName, type Write } from '../../services/ports/table.ts';
import { toProperties } from '../../services/tables/row-codec.ts';
import { ORG } from '../builders.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { createInMemoryTable, type StoredRow } from '../fakes/in-memory-table.ts';
import { click, meetEverybody, receive, reportOnCommit } from './history.ts';

/** One call of the table store as it was made. */
export type RecordedCall =
  | {
      readonly kind: 'list';
      readonly table: TableName;
      readonly partition: string;
      readonly ranges: readonly RowRange[];
    }
  | {
      readonly kind: 'commit';
      readonly table: TableName;
      readonly partition: string;
      readonly writes: readonly Write[];
    }
  | { readonly kind: 'get'; readonly table: TableName; readonly partition: string; readonly row: string }
  | { readonly kind: 'remove'; readonly table: TableName; readonly partition: string; readonly row: string };

/** A request that people are asked about, and what its approval does in the store. */
export interface RecordedDecision {
  readonly requestId: string;
  /** Until it is answered. */
  readonly before: readonly RecordedCall[];
  /** Until everybody is told. */
  readonly after: readonly RecordedCall[];
}

export interface RecordedDecisions {
  /** The store before any of the decisions. */
  readonly rows: readonly StoredRow[];
  readonly decisions: readonly RecordedDecision[];
}

/**
 * So many requests that wait for Alex now, and every call that approving each of them makes: one is played, the others
 * are the same under ids of their own.
 */
export async function recordDecisions(count: number): Promise<RecordedDecisions> {
  const inner = createInMemoryTable();
  const calls: RecordedCall[] = [];
  const world = createCoreWorldOn(recording(inner, calls));
  world.now = new Date().toISOString();
  await meetEverybody(world);
  await reportOnCommit(world);
  const requestId = await receive(world, 1);
  await world.core.outbox.drain(ORG, requestId);
  // Hints of what was done already would only be worked off while something else is measured.
  const rows = inner.dump().filter(({ table }) => table !== 'due');
  calls.length = 0;
  const answered = await click(world, requestId);
  if (answered.kind !== 'decided') throw new Error(`the click was refused: ${answered.refusal}`);
  await world.core.idle();
  const decision = { requestId, before: calls.slice(0, CALLS_BEFORE), after: calls.slice(CALLS_BEFORE) };
  const [own, shared] = [
    rows.filter((row) => JSON.stringify(row).includes(requestId)),
    rows.filter((row) => !JSON.stringify(row).includes(requestId)),
  ];
  const copies = Array.from({ length: count }, (_, n) => renamed({ own, decision }, requestId, idOf(n)));
  return { rows: [...shared, ...copies.flatMap((copy) => copy.own)], decisions: copies.map((copy) => copy.decision) };
}

/** What storing so many checks does before each is answered. */
export async function recordDeliveries(count: number): Promise<readonly (readonly RecordedCall[])[]> {
  const calls: RecordedCall[] = [];
  const world = createCoreWorldOn(recording(createInMemoryTable(), calls));
  await receive(world, 1);
  calls.length = 0;
  const requestId = await receive(world, 2);
  return Array.from({ length: count }, (_, n) => renamed(calls, requestId, idOf(n)));
}

function renamed<T>(value: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;
}

/** As requestIdOf makes them: 16 characters of base32. */
function idOf(n: number): string {
  return sha256Base32(`bench ${n}`).slice(0, 16);
}

/** Read, hint, commit: docs/storage.md, "Budgets". */
const CALLS_BEFORE = 3;

function recording(inner: Table, calls: RecordedCall[]): Table {
  return {
    get: (table, partition, row) => {
      calls.push({ kind: 'get', table, partition, row });
      return inner.get(table, partition, row);
    },
    list: (table, partition, options) => {
      calls.push({ kind: 'list', table, partition, ranges: options?.ranges ?? [] });
      return inner.list(table, partition, options);
    },
    across: inner.across,
    commit: (table, partition, writes) => {
      calls.push({ kind: 'commit', table, partition, writes });
      return inner.commit(table, partition, writes);
    },
    remove: (table, partition, row) => {
      calls.push({ kind: 'remove', table, partition, row });
      return inner.remove(table, partition, row);
    },
  };
}

/** The same calls by the SDK alone: nothing is checked, retried or read from the answers. */
export function rawCalls(connectionString: string, prefix: string): (call: RecordedCall) => () => Promise<unknown> {
  const options = { allowInsecureConnection: true };
  const clients = new Map(
    TABLES.map((name) => [name, TableClient.fromConnectionString(connectionString, prefix + name, options)] as const),
  );
  return (call) => {
    const client = clients.get(call.table);
    if (client === undefined) throw new Error(`there is no table ${call.table}`);
    const { partition } = call;
    if (call.kind === 'get') return () => client.getEntity(partition, call.row);
    if (call.kind === 'remove') return () => client.deleteEntity(partition, call.row);
    if (call.kind === 'list') {
      const filter = filterOf(partition, call.ranges);
      return () => client.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: 1_000 }).next();
    }
    const actions = call.writes.map((write) => actionOf(partition, write));
    const [first] = actions;
    return first !== undefined && actions.length === 1
      ? () => single(client, first)
      : () => client.submitTransaction(actions);
  };
}

function filterOf(partition: string, ranges: readonly RowRange[]): string {
  const parts = ranges.map(({ from, before }) => odata`(RowKey ge ${from} and RowKey lt ${before})`);
  const ofPartition = odata`PartitionKey eq ${partition}`;
  return parts.length === 0 ? ofPartition : `${ofPartition} and (${parts.join(' or ')})`;
}

/** Whatever the etag is: it was another's. */
function actionOf(partitionKey: string, write: Write): TransactionAction {
  if (write.kind === 'delete') return ['delete', { partitionKey, rowKey: write.row }];
  const entity = { partitionKey, rowKey: write.row, ...toProperties(write.values) };
  if (write.kind === 'create') return ['create', entity];
  return write.kind === 'put' ? ['upsert', entity, 'Replace'] : ['update', entity, 'Replace', { etag: '*' }];
}

function single(client: TableClient, [kind, entity]: TransactionAction): Promise<unknown> {
  if (kind === 'delete') return client.deleteEntity(entity.partitionKey, entity.rowKey);
  if (kind === 'create') return client.createEntity(entity);
  return kind === 'upsert'
    ? client.upsertEntity(entity, 'Replace')
    : client.updateEntity(entity, 'Replace', { etag: '*' });
}
