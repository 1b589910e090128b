/** The tables of storage.md. */
export const TABLES = ['gate', 'scope', 'find', 'roll', 'due', 'open', 'conv', 'sys', 'log'] as const;
export type TableName = (typeof TABLES)[number];

/** Texts may be of any length up to the row's limit: the adapter splits and joins them. */
export type Values = Readonly<Record<string, string | number | boolean>>;

export interface Row {
  readonly row: string;
  readonly etag: string;
  readonly values: Values;
}

/** A row, and the partition that it lies in. */
export interface PlacedRow extends Row {
  readonly partition: string;
}

export type Write =
  /** Fails with ConflictError when the row exists. */
  | { readonly kind: 'create'; readonly row: string; readonly values: Values }
  /** Fails with ConflictError unless the row still has this etag. */
  | { readonly kind: 'replace'; readonly row: string; readonly values: Values; readonly etag: string }
  /** Creates or replaces. */
  | { readonly kind: 'put'; readonly row: string; readonly values: Values }
  /** Fails with ConflictError when the row is missing or, if given, has another etag. */
  | { readonly kind: 'delete'; readonly row: string; readonly etag?: string };

/** Row or partition keys from `from` (inclusive) to `before` (exclusive). */
export interface RowRange {
  readonly from: string;
  readonly before: string;
}

/** A condition of the transaction did not hold: nothing was written by it; or the answer was lost and it was. Re-read. */
export class ConflictError extends Error {
  override name = 'ConflictError' as const;
}

/** The store did not answer: whether anything was written is unknown. Re-read before acting on it. */
export class StoreUnavailableError extends Error {
  override name = 'StoreUnavailableError' as const;
}

/** Table storage, one partition at a time but for reports. Rejects with ConflictError or StoreUnavailableError only. */
export interface Table {
  get(table: TableName, partition: string, row: string): Promise<Row | undefined>;
  /** Rows in key order, of all ranges (default: the whole partition), at most `top`. One call per 1,000 rows. */
  list(
    table: TableName,
    partition: string,
    options?: { readonly ranges?: readonly RowRange[]; readonly top?: number },
  ): Promise<readonly Row[]>;
  /**
   * The rows of these ranges in every partition of a range, in key order of partition and row. The store reads past
   * everything in between: for reports, never while somebody waits for an answer. One call per 1,000 rows. `isWhole`: what is asked for of a
   * partition is as of one moment, where it is at most 1,000 rows; the rows of the last partition of a page are then read a second time.
   */
  across(
    table: TableName,
    partitions: RowRange,
    ranges: readonly RowRange[],
    options?: { readonly isWhole?: boolean },
  ): AsyncIterable<PlacedRow>;
  /** One entity group transaction: all writes or none. At most 100 writes. Returns the new etags by row. */
  commit(table: TableName, partition: string, writes: readonly Write[]): Promise<ReadonlyMap<string, string>>;
  /** Deletes one row, if an etag is given only while the row has it; one that is missing or has changed is fine. */
  remove(table: TableName, partition: string, row: string, etag?: string): Promise<void>;
}
