import type { BackupRow } from '../domain/backup.ts';
import { EMPTY_CHAIN, nextEntry } from '../domain/evidence.ts';
import type { BackupPart, BackupStore, RestoreMark } from '../ports/backup-store.ts';
import type { Random } from '../ports/clock.ts';
import { inLanes } from '../ports/lanes.ts';
import { type RowRange, TABLES, type Table, type TableName, type Write } from '../ports/table.ts';
import { bucketOf, placeKey, placesIn, pointersAt } from './evidence-places.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { TOKEN } from './gate-codec.ts';
import { component, key, prefixRange, WHOLE } from './keys.ts';
import { LEASES } from './leases.ts';

const RUNNING = 'running';
const MOST_WRITES = 100;
/** Of a transaction: 4 MiB, of which each row takes its text and about 2 KiB of frame. */
const MOST_BYTES = 3 * 1024 * 1024;
const FRAME_BYTES = 2_048;

interface Needs {
  readonly table: Table & { prepare(): Promise<void> };
  /** The same, in which evidence is found by time: what is restored was noted where it came from. */
  readonly noted: Table;
  /** Entra tenant id. */
  readonly tenant: string;
  readonly random: Random;
}

/**
 * What is under a checkpoint is read first, so that no chain is shorter than that; numbers of exceptions after the exceptions; and pointers
 * once more at the end, for the chains that went on meanwhile.
 */
const ORDER: readonly TableName[] = ['log', 'open', 'conv', 'roll', 'find', 'scope', 'gate', 'due', 'sys'];
const POINTERS: BackupPart = { name: 'log-pointers', table: 'log' };

/** All tables row by row. The mark of a restore and its evidence lie in table `log`, in a partition of their own. */
export function createBackupStore({ table, noted, tenant, random }: Needs): BackupStore {
  const own = restorePartition(tenant);
  const pointersSince = (from: string): RowRange => ({
    from: pointersAt(tenant, bucketOf(from)),
    before: prefixRange(key(component(tenant), 'head')).before,
  });
  const isLeftOut = (name: TableName, { partition, row }: BackupRow) =>
    (name === 'gate' && row === TOKEN) ||
    (name === 'sys' && partition === LEASES) ||
    (name === 'log' && partition === own && row === RUNNING);
  return {
    parts: [...ORDER.map((name): BackupPart => ({ name, table: name })), POINTERS],
    leftOut: ['sealed job tokens', 'the lease of the scheduler'],
    rows: async function* (part, from) {
      const partitions = part.name === POINTERS.name ? pointersSince(from) : WHOLE;
      for await (const row of table.across(part.table, partitions, [WHOLE], { isWhole: true }))
        if (!isLeftOut(part.table, row)) yield row;
    },
    prepare: () => table.prepare(),
    occupied: async () => {
      for (const name of TABLES) if (await hasRows(table, name)) return name;
      return undefined;
    },
    mark: async () => markIn(await table.get('log', own, RUNNING)),
    note: async (mark) => {
      await table.commit('log', own, [{ kind: 'put', row: RUNNING, values: { mark: JSON.stringify(mark) } }]);
    },
    put: async (name, rows) => {
      await inLanes(transactionsOf(rows), ({ partition, writes }) => table.commit(name, partition, writes));
    },
    end: async (mark, at) => {
      const last = (await table.list('log', own, { ranges: [prefixRange('e')] })).map(decodeEvidence).at(-1);
      const { manifest, backupAt } = mark;
      const draft = { kind: 'restored', actor: { kind: 'countersign' }, data: { manifest, backupAt } } as const;
      const salt = Buffer.from(random.bytes(16)).toString('hex');
      const written = { aggregate: `${tenant} restore`, at, op: `restored ${manifest}`, salt };
      const entry = nextEntry(last ?? EMPTY_CHAIN, draft, written);
      try {
        await noted.commit('log', own, [{ kind: 'delete', row: RUNNING }, evidenceWrite(['e'], entry)]);
      } catch (error) {
        // Done, where the answer was lost: they went together.
        if ((await table.get('log', own, RUNNING)) !== undefined) throw error;
      }
    },
    linkOf: (name, { partition, row, values }) => {
      const [place] = placesIn(name, partition, [{ kind: 'put', row, values }]);
      return place && { chain: placeKey(place), entry: decodeEvidence({ row, etag: '', values }) };
    },
  };
}

function restorePartition(tenant: string): string {
  return key(component(tenant), 'restore');
}

/** Rejects when a restore into this store was begun and not ended: half of a store must not decide anything. */
export async function refuseHalfRestored(table: Table, tenant: string): Promise<void> {
  const mark = markIn(await table.get('log', restorePartition(tenant), RUNNING));
  if (mark === undefined) return;
  throw new Error(
    `the store is half restored from the backup of ${mark.backupAt}: run countersign restore with the same folder again, it goes on where it was`,
  );
}

function markIn(row: Awaited<ReturnType<Table['get']>>): RestoreMark | undefined {
  return row && (JSON.parse(String(row.values['mark'])) as RestoreMark);
}

async function hasRows(table: Table, name: TableName): Promise<boolean> {
  for await (const _ of table.across(name, WHOLE, [WHOLE])) return true;
  return false;
}

interface Transaction {
  readonly partition: string;
  readonly writes: Write[];
}

/** As few as hold these rows, in their order. */
function transactionsOf(rows: readonly BackupRow[]): Transaction[] {
  const made: Transaction[] = [];
  let bytes = 0;
  for (const { partition, row, values } of rows) {
    const size = FRAME_BYTES + Buffer.byteLength(JSON.stringify(values));
    const last = made.at(-1);
    const fits = last?.partition === partition && last.writes.length < MOST_WRITES && bytes + size <= MOST_BYTES;
    const write: Write = { kind: 'put', row, values };
    if (fits && last !== undefined) last.writes.push(write);
    else made.push({ partition, writes: [write] });
    bytes = fits ? bytes + size : size;
  }
  return made;
}
