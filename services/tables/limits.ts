import { Buffer } from 'node:buffer';
import type { RowRange, Values, Write } from '../ports/table.ts';
import { isContinuedName, type Property, toProperties } from './row-codec.ts';

/*
 * Limits of Azure Table storage, checked before anything is sent, because the local emulator is laxer. Sources:
 * "Understanding the Table service data model", "Performing entity group transactions", "Querying tables and entities".
 */
const MAX_KEY_LENGTH = 512;
const MAX_NAME_LENGTH = 255;
const MAX_PROPERTIES = 252;
const MAX_ENTITY_BYTES = 1024 * 1024;
const MAX_WRITES = 100;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;
/** A filter may hold 15 comparisons: one for the partition, two for each range. */
const MAX_RANGES = 7;
/** Boundaries, headers and the account's address of one write inside a transaction, generously. */
const WRITE_OVERHEAD_BYTES = 1024;

const PROPERTY_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'PartitionKey',
  'RowKey',
  'Timestamp',
  'partitionKey',
  'rowKey',
  'timestamp',
  'etag',
  '__proto__',
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys must not hold control characters (C0, DEL, C1)
const REFUSED_IN_KEYS = /[/\\#?\u0000-\u001f\u007f-\u009f]/;

/** Throws a RangeError unless the text can be a partition or row key: 1 to 512 characters, none of / \ # ? or control. */
export function checkKey(part: 'partition' | 'row', key: string): void {
  if (key === '') throw new RangeError(`${part} key is empty`);
  checkKeyText(`${part} key`, key);
}

/** Throws a RangeError unless these ranges fit one query. `from` may be empty: from the first row. */
export function checkRanges(ranges: readonly RowRange[]): void {
  if (ranges.length > MAX_RANGES) {
    throw new RangeError(`a query takes at most ${MAX_RANGES} ranges, got ${ranges.length}: read in two queries`);
  }
  for (const { from, before } of ranges) {
    checkKeyText('start of a range', from);
    checkKeyText('end of a range', before);
  }
}

/** Throws a RangeError unless `top` is absent or a whole number of at least 1. */
export function checkTop(top: number | undefined): void {
  if (top !== undefined && !(Number.isSafeInteger(top) && top >= 1)) {
    throw new RangeError(`top must be a whole number of at least 1, got ${top}`);
  }
}

/** Throws a RangeError naming row and property unless these writes can be one entity group transaction. */
export function checkWrites(partition: string, writes: readonly Write[]): void {
  checkKey('partition', partition);
  if (writes.length === 0) throw new RangeError('a transaction needs at least one write');
  if (writes.length > MAX_WRITES) {
    throw new RangeError(`a transaction takes at most ${MAX_WRITES} writes, got ${writes.length}`);
  }
  const rows = new Set<string>();
  let bytes = 0;
  for (const write of writes) {
    if (rows.has(write.row)) throw new RangeError(`row "${write.row}" is written twice in one transaction`);
    rows.add(write.row);
    bytes += checkWrite(partition, write);
  }
  if (bytes > MAX_TRANSACTION_BYTES) {
    throw new RangeError(`a transaction takes at most 4 MiB, these ${writes.length} writes come to ${bytes} bytes`);
  }
}

/** Checks one write and gives its size in bytes inside a transaction, rounded up. */
function checkWrite(partition: string, write: Write): number {
  checkKey('row', write.row);
  checkEtag(write);
  const keyBytes = encodeURIComponent(partition).length + encodeURIComponent(write.row).length;
  if (write.kind === 'delete') return WRITE_OVERHEAD_BYTES + keyBytes;
  const properties = checkValues(write.row, write.values);
  checkEntity(partition, write.row, properties);
  const body = { PartitionKey: partition, RowKey: write.row, ...properties };
  return WRITE_OVERHEAD_BYTES + keyBytes + Buffer.byteLength(JSON.stringify(body));
}

/** A missing etag or `*` would turn a conditional write into an unconditional one. */
function checkEtag(write: Write): void {
  if (write.kind === 'create' || write.kind === 'put') return;
  if (write.kind === 'delete' && write.etag === undefined) return;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an etag goes into a header
  if (typeof write.etag === 'string' && write.etag !== '*' && /^[^\u0000-\u001f\u007f]+$/.test(write.etag)) return;
  throw new RangeError(`row "${write.row}": ${write.kind} needs the etag of the row as it was read`);
}

function checkValues(row: string, values: Values): Record<string, Property> {
  for (const [name, value] of Object.entries(values)) {
    const where = `row "${row}", property "${name}"`;
    const isReserved = RESERVED_NAMES.has(name) || isContinuedName(name);
    if (isReserved || name.length > MAX_NAME_LENGTH || !PROPERTY_NAME.test(name)) {
      throw new RangeError(`${where}: not a usable name; letters, digits and _, not reserved, not ending in __1`);
    }
    checkValue(where, value);
  }
  return toProperties(values);
}

function checkValue(where: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return;
    throw new RangeError(`${where}: must be a whole number within ±(2^53 - 1), got ${value}`);
  }
  if (typeof value !== 'string') {
    throw new RangeError(
      `${where}: must be text, a whole number or a boolean, got ${value === null ? null : typeof value}`,
    );
  }
  if (!value.isWellFormed()) {
    throw new RangeError(
      `${where}: holds half a surrogate pair, which the store would change; use toWellFormed() first`,
    );
  }
}

function checkEntity(partition: string, row: string, properties: Readonly<Record<string, Property>>): void {
  const names = Object.keys(properties);
  if (names.length > MAX_PROPERTIES) {
    throw new RangeError(
      `row "${row}": at most ${MAX_PROPERTIES} properties (a text takes one per 32 Ki characters), got ${names.length}`,
    );
  }
  const sizes = Object.entries(properties).map(([name, property]) => [name, propertyBytes(name, property)] as const);
  const bytes = sizes.reduce((sum, [, size]) => sum + size, entityBytes(partition, row));
  if (bytes <= MAX_ENTITY_BYTES) return;
  const [largest] = sizes.reduce((most, next) => (next[1] > most[1] ? next : most), ['', 0] as const);
  throw new RangeError(
    `row "${row}", property "${largest.replace(/__[0-9]+$/, '')}": a row takes at most 1 MiB in UTF-16, got ${bytes} bytes`,
  );
}

/** 4 bytes, both keys in UTF-16, and the timestamp that the store adds. */
function entityBytes(partition: string, row: string): number {
  return 4 + 2 * (partition.length + row.length) + propertyBytes('Timestamp', { type: 'Int64', value: '0' });
}

/** 8 bytes, the name in UTF-16, and the value: text 4 bytes and UTF-16, Int32 4, Int64 and times 8, boolean 1. */
function propertyBytes(name: string, property: Property): number {
  return 8 + 2 * name.length + valueBytes(property);
}

function valueBytes(property: Property): number {
  if (typeof property === 'string') return 4 + 2 * property.length;
  if (typeof property === 'boolean') return 1;
  return typeof property === 'number' ? 4 : 8;
}

function checkKeyText(what: string, text: string): void {
  if (typeof text !== 'string') throw new RangeError(`${what} must be text, got ${text === null ? null : typeof text}`);
  if (text.length > MAX_KEY_LENGTH) {
    throw new RangeError(`${what} "${text.slice(0, 40)}…" has ${text.length} characters, at most ${MAX_KEY_LENGTH}`);
  }
  if (REFUSED_IN_KEYS.test(text) || !text.isWellFormed()) {
    throw new RangeError(
      `${what} ${JSON.stringify(text)} holds a character that keys must not hold (/ \\ # ? or control)`,
    );
  }
}
