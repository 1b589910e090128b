import { headsFit, type Roomed } from '../domain/head-room.ts';
import { type FindingGroup, NO_COMMIT, type ScanHead } from '../domain/scan-head.ts';
import type { Row, Write } from '../ports/table.ts';
import { component, key } from './keys.ts';
import { type Put, partedWrites, readParts } from './row-parts.ts';

/**
 * Row of one scan head; its groups stand in numbered rows behind it, written in the same transaction. What nobody
 * confirmed has a row of its own: it must not replace what Azure DevOps vouched for.
 */
export function headRow(head: Pick<ScanHead, 'commit' | 'category' | 'tool' | 'verified'>): string {
  const row = key('s', component(head.commit), head.category, component(head.tool));
  return head.verified ? row : `${row}~unverified`;
}

export function headWrites(head: ScanHead): Put[] {
  const { groups, ...rest } = head;
  const values = { head: JSON.stringify(rest) };
  return partedWrites({ row: headRow(head), reportId: head.reportId, values, name: 'groups', list: groups });
}

/** The heads among these rows. Throws when a part of one is missing. */
export function decodeHeads(rows: readonly Row[]): ScanHead[] {
  const byRow = new Map(rows.map((row) => [row.row, row]));
  return rows
    .filter(({ values }) => values['head'] !== undefined)
    .map((row) => ({
      ...(JSON.parse(String(row.values['head'])) as Omit<ScanHead, 'groups'>),
      groups: readParts<FindingGroup>(row, byRow, 'groups'),
    }));
}

/** Whether they may be written beside those among the rows of their commit. */
export function hasRoomForHeads(heads: readonly ScanHead[], rows: readonly Row[]): boolean {
  const [first] = heads;
  if (first === undefined) return true;
  const stored = rows.filter(({ row }) => {
    const [, , category, , mark] = row.split('~');
    return category !== 'vex' && (mark === 'unverified') === !first.verified;
  });
  return headsFit(roomsOf(heads.flatMap(headWrites)), roomsOf(stored));
}

/** By category and tool: each head with its parts. */
function roomsOf(rows: readonly Pick<Row, 'row' | 'values'>[]): Roomed[] {
  const heads = Map.groupBy(rows, ({ row }) => row.split('~').slice(2, 4).join('~'));
  return [...heads].map(([name, parts]) => ({
    name,
    tool: name.split('~')[1] ?? '',
    length: parts.reduce((sum, { values }) => sum + Object.values(values).join('').length, 0),
  }));
}

const DAY_MS = 86_400_000;
/** A posture is looked at more often: after a longer silence whoever waits must hear of it. */
const SILENCE_MS = 10_800_000;

/**
 * Whether this row is of the same report already. The same findings seen again a day later are newer evidence; so are those of a
 * posture, whose age in between is that of the last look (`aged`).
 */
export function isCurrent(row: Row | undefined, head: ScanHead): boolean {
  if (row?.values['reportId'] !== head.reportId) return false;
  const stored = storedHead(row);
  const isAfter = (time: string, milliseconds: number) => Date.parse(head.scannedAt) - Date.parse(time) >= milliseconds;
  if (head.commit !== NO_COMMIT) return !isAfter(stored.scannedAt, DAY_MS);
  return !isAfter(stored.receivedAt, DAY_MS) && !isAfter(stored.scannedAt, SILENCE_MS);
}

/** The same head, as old as the last look at what it is of, also where that is older than was thought; nothing where it is already. */
export function aged(row: Row | undefined, head: ScanHead): Write[] {
  if (row === undefined || head.commit !== NO_COMMIT) return [];
  const stored = storedHead(row);
  if (stored.scannedAt === head.scannedAt) return [];
  const values = { ...row.values, head: JSON.stringify({ ...stored, scannedAt: head.scannedAt }) };
  return [{ kind: 'replace', row: row.row, values, etag: row.etag }];
}

function storedHead(row: Row): Omit<ScanHead, 'groups'> {
  return JSON.parse(String(row.values['head'])) as Omit<ScanHead, 'groups'>;
}

/** When the report of this row was received (ISO-8601 UTC). */
export function receivedAt(row: Row | undefined): string {
  return (JSON.parse(String(row?.values['head'] ?? '{}')) as Partial<ScanHead>).receivedAt ?? '';
}
