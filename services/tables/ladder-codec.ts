import { instantOf } from '../domain/finding-history.ts';
import { pastsFit } from '../domain/head-room.ts';
import { joined, type Ladder, type Past, type Pasts, type Rung } from '../domain/past.ts';
import type { Row, Write } from '../ports/table.ts';
import { packPrints, unpackPrints } from './history-codec.ts';
import { component, key, sequence } from './keys.ts';

/** Findings in one row: 22 characters each, with their pasts well below what a row may hold in UTF-16. */
const ROW_SIZE = 10_000;

/** The first row of a tool's ladder; the others stand behind it. */
function ladderRow(tool: string, n = 0): string {
  return key('l', component(tool), sequence(n));
}

/**
 * In one transaction with the heads: each row names its report, and one of another report belongs to nobody. Nothing in
 * place of nothing is not written.
 */
export function ladderWrites({ tool, rungs, nextAt }: Ladder, reportId: string, before: readonly Row[]): Write[] {
  const parts = split(rungs);
  if (rungs.length === 0 && !before.some(({ row }) => row === ladderRow(tool))) return [];
  return parts.map((part, n) => ({
    kind: 'put',
    row: ladderRow(tool, n),
    values: {
      rungs: JSON.stringify(part.map(({ fingerprints, ...past }) => ({ ...past, prints: packPrints(fingerprints) }))),
      reportId,
      ...(n > 0 ? {} : { parts: parts.length }),
      ...(n > 0 || nextAt === undefined ? {} : { nextAt: instantOf(nextAt) }),
    },
  }));
}

/** At least one part, which may be empty: a tool that found nothing leaves no past behind. */
function split(rungs: readonly Rung[]): Rung[][] {
  const parts: Rung[][] = [[]];
  let size = 0;
  for (const rung of rungs) {
    for (let n = 0; n < rung.fingerprints.length; ) {
      if (size === ROW_SIZE) {
        parts.push([]);
        size = 0;
      }
      const fingerprints = rung.fingerprints.slice(n, n + ROW_SIZE - size);
      parts.at(-1)?.push({ ...rung, fingerprints });
      size += fingerprints.length;
      n += fingerprints.length;
    }
  }
  return parts;
}

/** Tools, as their keys write them, of which these rows hold a past. */
export function toolsIn(rows: readonly Row[]): ReadonlySet<string> {
  const open = rows.filter(({ values }) => values['parts'] !== undefined && values['rungs'] !== '[]');
  return new Set(open.map(({ row }) => row.split('~')[1] ?? ''));
}

/** Whether what of these is not empty may be written beside what is in these rows: one ladder for each tool, empty or not. */
export function hasRoomForPasts(ladders: readonly Ladder[], rows: readonly Row[], verified: boolean): boolean {
  const stored = new Set(rows.map(({ row }) => row.split('~')[1] ?? ''));
  const open = ladders.filter(({ rungs }) => rungs.length > 0).map(({ tool }) => component(tool));
  return pastsFit(open, stored, verified);
}

/** The pasts in these rows, of whichever tool. Throws when a part is missing: less of a past must never permit more. */
export function decodeLadders(rows: readonly Row[]): Pasts {
  const byRow = new Map(rows.map((row) => [row.row, row]));
  return rows
    .filter(({ values }) => values['parts'] !== undefined)
    .map((first) => {
      const prefix = first.row.slice(0, -sequence(0).length);
      const parts = Array.from({ length: Number(first.values['parts']) }, (_, n) => byRow.get(prefix + sequence(n)));
      return new Map(parts.flatMap((part) => pastsIn(part, String(first.values['reportId']))));
    })
    .reduce<Pasts>(joined, new Map());
}

function pastsIn(part: Row | undefined, reportId: string): [string, Past][] {
  if (part?.values['reportId'] !== reportId) throw new Error(`the pasts of report ${reportId} are incomplete`);
  const rungs = JSON.parse(String(part.values['rungs'])) as readonly (Past & { readonly prints: string })[];
  return rungs.flatMap(({ prints, ...past }) => unpackPrints(prints).map((one): [string, Past] => [one, past]));
}

/** When one of this tool's findings reaches an age, as its last import found (ISO-8601 UTC). */
export function nextAtOf(rows: readonly Row[], tool: string): string | undefined {
  const nextAt = rows.find(({ row }) => row === ladderRow(tool))?.values['nextAt'];
  return nextAt === undefined ? undefined : String(nextAt);
}
