import {
  ConflictError,
  type Row,
  type RowRange,
  StoreUnavailableError,
  TABLES,
  type Table,
  type TableName,
  type Values,
  type Write,
} from '../../services/ports/table.ts';
import { checkKey, checkRanges, checkTop, checkWrites } from '../../services/tables/limits.ts';

export type CallKind = 'get' | 'list' | 'commit' | 'remove';

export interface Call {
  /** Counts from 1 over all calls, those answered by a fault included. */
  readonly number: number;
  readonly kind: CallKind;
  readonly table: TableName;
  readonly partition: string;
  /** The rows read, written or removed by name; empty for `list`. */
  readonly rows: readonly string[];
}

/**
 * What becomes of one call. `before`: nothing is done and StoreUnavailableError; `after`: it is done and the answer is
 * lost, StoreUnavailableError; `after-conflict`: it is done, and a retry underneath then met its own write,
 * ConflictError. Only a commit can meet itself: other calls take `after-conflict` as `after`.
 */
export type Fault = 'ok' | 'before' | 'after' | 'after-conflict';

export interface InMemoryTableOptions {
  /** Asked once for every call, before it is done; a promise holds the call back until it resolves. */
  readonly fault?: (call: Call) => Fault | Promise<Fault>;
}

export interface StoredRow extends Row {
  readonly table: TableName;
  readonly partition: string;
}

export interface InMemoryTable extends Table {
  prepare(): Promise<void>;
  probe(now: string): Promise<void>;
  /** Calls so far by kind, as the store would bill them: a list counts once per 1,000 rows. */
  readonly calls: Readonly<Record<CallKind | 'total', number>>;
  resetCalls(): void;
  /** The next `times` calls of this kind (default: of any kind) meet this fault. */
  failNext(fault: Exclude<Fault, 'ok'>, options?: { readonly kind?: CallKind; readonly times?: number }): void;
  /** Every row, in order of table, partition and row key; no call. */
  dump(): readonly StoredRow[];
  /** The rows of one partition in key order; no call. */
  rowsOf(table: TableName, partition: string): readonly Row[];
  /** Takes rows away; no call. */
  forget(table: TableName, partition: string, isMeant?: (row: Row) => boolean): void;
  /** How many rows there are; no call. */
  size(): number;
  /** Puts these rows as they are, sharing what they hold; no call. */
  load(rows: Iterable<StoredRow>): void;
}

interface Partition {
  readonly rows: Map<string, Row>;
  /** The same by their keys' UTF-16 code units, as the store orders them. */
  readonly sorted: Row[];
}

const EMPTY: Partition = { rows: new Map(), sorted: [] };

type Apply<T> = () => { readonly answer: T; readonly pages?: number };

const PAGE_SIZE = 1_000;

/** The table port in memory: the same limits, transactions and etags as the real store, with counted calls and faults. */
export function createInMemoryTable({ fault = () => 'ok' }: InMemoryTableOptions = {}): InMemoryTable {
  const tables = new Map<TableName, Map<string, Partition>>(TABLES.map((name) => [name, new Map()]));
  const calls = { get: 0, list: 0, commit: 0, remove: 0, total: 0 };
  const planned: { readonly fault: Fault; readonly kind: CallKind | undefined }[] = [];
  let lastCall = 0;
  let lastEtag = 0;

  const partitionsOf = (table: TableName) => {
    const partitions = tables.get(table);
    if (partitions === undefined) throw new RangeError(`there is no table "${table}"`);
    return partitions;
  };
  const partitionOf = (table: TableName, partition: string): Partition => {
    const partitions = partitionsOf(table);
    const found = partitions.get(partition) ?? { rows: new Map<string, Row>(), sorted: [] };
    partitions.set(partition, found);
    return found;
  };
  /** Of what is only looked at nothing is left. */
  const lookedAt = (table: TableName, partition: string) => partitionsOf(table).get(partition) ?? EMPTY;

  const count = (kind: CallKind, pages: number) => {
    calls[kind] += pages;
    calls.total += pages;
  };

  const faultOf = async (call: Call): Promise<Fault> => {
    const index = planned.findIndex(({ kind }) => kind === undefined || kind === call.kind);
    const [plan] = index === -1 ? [] : planned.splice(index, 1);
    return plan?.fault ?? (await fault(call));
  };

  const run = async <T>(about: Omit<Call, 'number'>, apply: Apply<T>): Promise<T> => {
    lastCall += 1;
    const outcome = await faultOf({ number: lastCall, ...about });
    if (outcome === 'before') {
      count(about.kind, 1);
      throw new StoreUnavailableError(`${about.kind} in ${about.table}: no connection`);
    }
    const { answer, pages = 1 } = applied(apply, (made) => count(about.kind, made));
    count(about.kind, pages);
    if (outcome === 'ok') return answer;
    if (outcome === 'after-conflict' && about.kind === 'commit') {
      throw new ConflictError(`${about.kind} in ${about.table}: a retry met its own write`);
    }
    throw new StoreUnavailableError(`${about.kind} in ${about.table}: the answer was lost`);
  };

  const write = (stored: Partition, change: Write): readonly [string, string][] => {
    if (change.kind === 'delete') {
      drop(stored, change.row);
      return [];
    }
    lastEtag += 1;
    const etag = `W/"datetime'${String(lastEtag).padStart(20, '0')}'"`;
    keep(stored, { row: change.row, etag, values: kept(change.values) });
    return [[change.row, etag]];
  };

  return {
    calls,
    resetCalls: () => Object.assign(calls, { get: 0, list: 0, commit: 0, remove: 0, total: 0 }),
    failNext: (next, { kind, times = 1 } = {}) => {
      for (let n = 0; n < times; n += 1) planned.push({ fault: next, kind });
    },
    dump: () =>
      [...tables].flatMap(([table, partitions]) =>
        [...partitions]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([partition, stored]) => between(stored).map((row) => ({ ...row, table, partition }))),
      ),
    rowsOf: (table, partition) => between(lookedAt(table, partition)),
    forget: (table, partition, isMeant = () => true) => {
      const stored = lookedAt(table, partition);
      for (const row of between(stored)) if (isMeant(row)) drop(stored, row.row);
      if (stored.rows.size === 0) partitionsOf(table).delete(partition);
    },
    size: () =>
      [...tables.values()].reduce((sum, all) => [...all.values()].reduce((n, { rows }) => n + rows.size, sum), 0),
    load: (stored) => {
      for (const { table, partition, ...row } of stored) keep(partitionOf(table, partition), row);
    },
    prepare: async () => {},
    probe: () => run({ kind: 'get', table: 'sys', partition: 'probe', rows: ['probe'] }, () => ({ answer: undefined })),
    get: async (table, partition, row) => {
      checkKey('partition', partition);
      checkKey('row', row);
      const about = { kind: 'get', table, partition, rows: [row] } as const;
      return await run(about, () => ({ answer: lookedAt(table, partition).rows.get(row) }));
    },
    list: async (table, partition, { ranges, top } = {}) => {
      checkKey('partition', partition);
      checkRanges(ranges ?? []);
      checkTop(top);
      if (ranges?.length === 0) return [];
      return await run({ kind: 'list', table, partition, rows: [] }, () => {
        const answer = within(lookedAt(table, partition), ranges).slice(0, top);
        return { answer, pages: Math.max(1, Math.ceil(answer.length / PAGE_SIZE)) };
      });
    },
    across: async function* (table, partitions, ranges) {
      checkRanges([partitions, ...ranges]);
      if (ranges.length === 0) return;
      const { from, before } = partitions;
      yield* await run({ kind: 'list', table, partition: from, rows: [] }, () => {
        const inRange = [...(tables.get(table) ?? [])].filter(([name]) => from <= name && name < before);
        const answer = inRange
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .flatMap(([partition, stored]) => within(stored, ranges).map((row) => ({ partition, ...row })));
        return { answer, pages: Math.max(1, Math.ceil(answer.length / PAGE_SIZE)) };
      });
    },
    commit: async (table, partition, writes) => {
      checkWrites(partition, writes);
      const stored = partitionOf(table, partition);
      // Taken now: what the caller changes later is not what was sent.
      const sent = writes.map((change) => ('values' in change ? { ...change, values: kept(change.values) } : change));
      return await run({ kind: 'commit', table, partition, rows: writes.map(({ row }) => row) }, () => {
        for (const change of sent) checkCondition(stored.rows.get(change.row), change);
        return { answer: new Map(sent.flatMap((change) => write(stored, change))) };
      });
    },
    remove: async (table, partition, row, etag) => {
      checkKey('partition', partition);
      checkKey('row', row);
      const stored = partitionOf(table, partition);
      await run({ kind: 'remove', table, partition, rows: [row] }, () => {
        if (etag === undefined || stored.rows.get(row)?.etag === etag) drop(stored, row);
        return { answer: undefined };
      });
    },
  };
}

/** A call that is refused was made all the same, and counts. */
function applied<T>(apply: Apply<T>, count: (pages: number) => void): ReturnType<Apply<T>> {
  try {
    return apply();
  } catch (error) {
    count(1);
    throw error;
  }
}

function checkCondition(stored: Row | undefined, write: Write): void {
  if (write.kind === 'put') return;
  if (write.kind === 'create') {
    if (stored !== undefined) throw new ConflictError(`row "${write.row}" exists`);
    return;
  }
  if (stored === undefined) throw new ConflictError(`row "${write.row}" is missing`);
  if (write.etag !== undefined && write.etag !== stored.etag) {
    throw new ConflictError(`row "${write.row}" has another etag`);
  }
}

/** A frozen copy, with -0 stored as 0 as JSON does. */
function kept(values: Values): Values {
  return Object.freeze(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Object.is(value, -0) ? 0 : value])),
  );
}

function keep({ rows, sorted }: Partition, row: Row): void {
  sorted.splice(placeOf(sorted, row.row), rows.has(row.row) ? 1 : 0, row);
  rows.set(row.row, row);
}

function drop({ rows, sorted }: Partition, row: string): void {
  if (rows.delete(row)) sorted.splice(placeOf(sorted, row), 1);
}

/** Where the first row stands that is not before this key. */
function placeOf(sorted: readonly Row[], key: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.row ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Each row once, whichever of the ranges it lies in. */
function within(stored: Partition, ranges: readonly RowRange[] | undefined): readonly Row[] {
  const [first, ...others] = ranges ?? [];
  if (first === undefined || others.length === 0) return between(stored, first);
  const found = new Set([first, ...others].flatMap((range) => between(stored, range)));
  return [...found].sort((a, b) => (a.row < b.row ? -1 : 1));
}

function between({ sorted }: Partition, range?: RowRange): Row[] {
  return range === undefined ? [...sorted] : sorted.slice(placeOf(sorted, range.from), placeOf(sorted, range.before));
}
