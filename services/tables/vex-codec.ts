import { replaces, type ScopedVex, type VexStatement } from '../domain/vex.ts';
import type { Row, Write } from '../ports/table.ts';
import { component, key } from './keys.ts';
import { partedWrites, readParts } from './row-parts.ts';

/** Deleted with one import: what is left over is superseded all the same. */
const MOST_DELETED = 8;

/** Among the scan heads of its commit, which judgements read. */
function vexRow({ commit, reportId }: Pick<ScopedVex, 'commit' | 'reportId'>): string {
  return key('s', component(commit), 'vex', component(reportId));
}

/**
 * A document beside those that are there: nothing where one of them is a newer version of it or says the same; those that
 * it replaces are taken away. What two processes write at once is told apart when it is read (domain/vex.ts).
 */
export function vexWrites(vex: ScopedVex, rows: readonly Row[]): Write[] {
  const stored = decodeVex(rows).filter(({ reportId }) => reportId !== vex.reportId);
  if (stored.some((other) => replaces(other, vex))) return [];
  const { statements, ...rest } = vex;
  const replaced = stored.filter((other) => replaces(vex, other)).map(vexRow);
  const isReplaced = ({ row }: Row) => replaced.some((one) => row === one || row.startsWith(`${one}~`));
  const values = { vex: JSON.stringify(rest) };
  return [
    ...partedWrites({ row: vexRow(vex), reportId: vex.reportId, values, name: 'statements', list: statements }),
    ...rows
      .filter(isReplaced)
      .slice(0, MOST_DELETED)
      .map(({ row }): Write => ({ kind: 'delete', row })),
  ];
}

/** The documents among these rows. Throws when a part of one is missing. */
export function decodeVex(rows: readonly Row[]): ScopedVex[] {
  const byRow = new Map(rows.map((row) => [row.row, row]));
  return rows
    .filter(({ values }) => values['vex'] !== undefined)
    .map((row) => ({
      ...(JSON.parse(String(row.values['vex'])) as Omit<ScopedVex, 'statements'>),
      statements: readParts<VexStatement>(row, byRow, 'statements'),
    }));
}
