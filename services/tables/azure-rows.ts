import { odata, type TableClient, type TableEntityResultPage } from '@azure/data-tables';
import { type PlacedRow, type Row, type RowRange, StoreUnavailableError } from '../ports/table.ts';
import { toValues } from './row-codec.ts';
import { storeFault } from './store-fault.ts';

const PAGE_SIZE = 1_000;

type Page = TableEntityResultPage<Record<string, unknown>>;

interface Selection {
  readonly partition: string;
  readonly ranges?: readonly RowRange[];
  readonly top?: number;
}

/** Pages one by one, so that each has its own time: a long export must not run out of the time of one click. */
export async function readRows(
  table: TableClient,
  { partition, ranges = [], top }: Selection,
  within: () => AbortSignal,
) {
  const filter = filterOf(odata`PartitionKey eq ${partition}`, ranges);
  const rows: Row[] = [];
  let continuationToken: string | undefined;
  do {
    const maxPageSize = Math.min(PAGE_SIZE, (top ?? Number.POSITIVE_INFINITY) - rows.length);
    const page = await readPage(table, { filter, maxPageSize, continuationToken, abortSignal: within() });
    for (const entity of page) rows.push(toRow(entity, partition));
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined && rows.length < (top ?? Number.POSITIVE_INFINITY));
  return rows;
}

/** A page takes longer where the store reads past much that is not asked for. */
const ACROSS_BUDGET_MS = 30_000;

export async function* readAcross(
  table: TableClient,
  partitions: RowRange,
  ranges: readonly RowRange[],
): AsyncGenerator<PlacedRow> {
  let token: string | undefined;
  do {
    const page = await pageAcross(table, partitions, ranges, token);
    yield* page.rows;
    token = page.token;
  } while (token !== undefined);
}

/** A page may end within a partition, which changes before the next one is read: such a partition begins the next page. */
export async function* readWhole(
  table: TableClient,
  { from, before }: RowRange,
  ranges: readonly RowRange[],
): AsyncGenerator<PlacedRow> {
  let start: string | undefined = from;
  let token: string | undefined;
  while (start !== undefined) {
    const page = await pageAcross(table, { from: start, before }, ranges, token);
    const last = page.rows.at(-1)?.partition;
    const isSplit = page.token !== undefined && last !== page.rows[0]?.partition;
    yield* isSplit ? page.rows.filter(({ partition }) => partition !== last) : page.rows;
    token = isSplit ? undefined : page.token;
    if (isSplit) start = last;
    else if (token === undefined) start = undefined;
  }
}

async function pageAcross(
  table: TableClient,
  { from, before }: RowRange,
  ranges: readonly RowRange[],
  continuationToken: string | undefined,
): Promise<{ readonly rows: readonly PlacedRow[]; readonly token: string | undefined }> {
  const abortSignal = AbortSignal.timeout(ACROSS_BUDGET_MS);
  const filter = filterOf(odata`PartitionKey ge ${from} and PartitionKey lt ${before}`, ranges);
  const page = await readPage(table, { filter, maxPageSize: PAGE_SIZE, continuationToken, abortSignal });
  const rows = [...page].map((entity) => {
    const { partitionKey = '' } = entity;
    if (partitionKey < from || partitionKey >= before) throw foreignRow();
    return { partition: partitionKey, ...toRow(entity, partitionKey) };
  });
  return { rows, token: page.continuationToken };
}

interface PageRequest {
  readonly filter: string;
  readonly maxPageSize: number;
  readonly continuationToken: string | undefined;
  readonly abortSignal: AbortSignal;
}

async function readPage(table: TableClient, { filter, maxPageSize, continuationToken, abortSignal }: PageRequest) {
  const settings = continuationToken === undefined ? { maxPageSize } : { maxPageSize, continuationToken };
  try {
    const entities = table.listEntities<Record<string, unknown>>({ queryOptions: { filter }, abortSignal });
    const { value } = (await entities.byPage(settings).next()) as IteratorResult<Page, undefined>;
    return value ?? Object.assign([], { continuationToken: undefined });
  } catch (error) {
    throw storeFault(error, `listing ${table.tableName}`);
  }
}

function filterOf(ofPartition: string, ranges: readonly RowRange[]): string {
  const ofRanges = ranges.map(({ from, before }) => odata`(RowKey ge ${from} and RowKey lt ${before})`);
  return ofRanges.length === 0 ? ofPartition : [ofPartition, ' and (', ofRanges.join(' or '), ')'].join('');
}

/** Rows of another partition would be another organization's. */
export function toRow(entity: Record<string, unknown> & { readonly etag?: string }, partition: string): Row {
  const { partitionKey, rowKey, etag } = entity as { partitionKey?: unknown; rowKey?: unknown; etag?: string };
  if (partitionKey !== partition || typeof rowKey !== 'string') {
    throw foreignRow();
  }
  return { row: rowKey, etag: etagOf(rowKey, etag), values: toValues(entity) };
}

function foreignRow(): Error {
  return new Error('the table store answered with a row of another partition');
}

export function etagOf(row: string, etag: string | undefined): string {
  if (etag === undefined || etag === '') {
    throw new StoreUnavailableError(`the answer for row ${row} came without an etag`);
  }
  return etag;
}
