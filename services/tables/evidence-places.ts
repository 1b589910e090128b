import type { ChainPlace } from '../ports/evidence-log.ts';
import { TABLES, type TableName, type Values, type Write } from '../ports/table.ts';
import { component, key, keyTime } from './keys.ts';

const BUCKET_MS = 300_000;
/** What makes a row a link of a chain: evidence-row.ts writes these columns. */
const COLUMNS = ['entry', 'hash', 'aggregate', 'op'] as const;
const SEQUENCE = /~[0-9]{10}$/;

/** Chains that these writes add a link to. */
export function placesIn(table: TableName, partition: string, writes: readonly Write[]): ChainPlace[] {
  return writes
    .filter((write) => 'values' in write && COLUMNS.every((name) => name in write.values) && SEQUENCE.test(write.row))
    .map(({ row }) => ({ table, partition, prefix: row.replace(SEQUENCE, '') }));
}

/** Names a chain in one row key. */
export function placeKey({ table, partition, prefix }: ChainPlace): string {
  return key(component(table), component(partition), component(prefix));
}

export function placeValues({ table, partition, prefix }: ChainPlace): Values {
  return { table, partition, prefix };
}

const KEY = /^[A-Za-z0-9._~-]+$/;

/** Undefined for a row that no chain of ours can stand at: somebody else has put it there. */
export function placeOf(values: Values): ChainPlace | undefined {
  const table = TABLES.find((name) => name === values['table']);
  const [partition, prefix] = [String(values['partition']), String(values['prefix'])];
  return table && KEY.test(partition) && KEY.test(prefix) ? { table, partition, prefix } : undefined;
}

/** Start of the five minutes that an instant lies in; ISO-8601 UTC, as is what is given. */
export function bucketOf(instant: string): string {
  return new Date(Math.floor(Date.parse(instant) / BUCKET_MS) * BUCKET_MS).toISOString();
}

/** Pointers of all five minutes that begin at this instant; as the end of a range, of all that begin before it. */
export function pointersAt(tenant: string, instant: string): string {
  return key(component(tenant), 'head', keyTime(instant));
}
