import { fitsBeside, replaces, type ScopedVex, type VexStatement } from '../domain/vex.ts';
import type { Row, Write } from '../ports/table.ts';
import { component, key } from './keys.ts';
import { partedWrites, readParts } from './row-parts.ts';

/** Deleted with one import, more than one document has: what is left over goes with the next. */
const MOST_DELETED = 24;

/** Among the scan heads of its commit, which judgements read. */
function vexRow({ commit, reportId }: Pick<ScopedVex, 'commit' | 'reportId'>): string {
  return key('s', component(commit), 'vex', component(reportId));
}

function vexRows({ commit }: Pick<ScopedVex, 'commit'>): string {
  return `${key('s', component(commit), 'vex')}~`;
}

/** Of a row, or of one of its parts. */
function documentRow(row: string): string {
  return row.split('~').slice(0, 4).join('~');
}

/** Whether it may be written beside those among these rows. */
export function hasRoom(vex: ScopedVex, rows: readonly Row[]): boolean {
  const others = decodeVex(rows).filter(({ reportId }) => reportId !== vex.reportId);
  return others.some((other) => replaces(other, vex)) || fitsBeside(vex, others);
}

/**
 * A document beside those that are there: nothing where one of them is a newer version of it or says the same; those that
 * it replaces are taken away, with what is left of earlier ones. What two processes write at once is told apart when it is
 * read (domain/vex.ts).
 */
export function vexWrites(vex: ScopedVex, rows: readonly Row[]): Write[] {
  const stored = decodeVex(rows).filter(({ reportId }) => reportId !== vex.reportId);
  if (stored.some((other) => replaces(other, vex))) return [];
  const { statements, ...rest } = vex;
  const values = { vex: JSON.stringify(rest) };
  const written = partedWrites({
    row: vexRow(vex),
    reportId: vex.reportId,
    values,
    name: 'statements',
    list: statements,
  });
  const stay = new Set(stored.filter((other) => !replaces(vex, other)).map(vexRow));
  const own = new Set(written.map(({ row }) => row));
  const isLeft = ({ row }: Row) => row.startsWith(vexRows(vex)) && !own.has(row) && !stay.has(documentRow(row));
  const left = rows.filter(isLeft).slice(0, MOST_DELETED);
  return [...written, ...left.map(({ row }): Write => ({ kind: 'delete', row }))];
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
