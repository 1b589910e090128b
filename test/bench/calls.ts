import { countedInMemory } from '../fakes/counted-tables.ts';
import type { StoredRow } from '../fakes/in-memory-table.ts';
import { type History, playHistory } from './history.ts';
import { type Line, line } from './line.ts';
import { OPERATIONS } from './operations.ts';
import { type Figure, setScene } from './scene.ts';

const SMALL = 100;
const PLAYED = 10_000;
const COPIES = 10;

/** Storage calls for each operation after 10⁴ and 10⁵ requests beside those after 10²; npm test counts 10² and 10³. */
export async function calls(): Promise<readonly Line[]> {
  const [small, played] = await playHistory([SMALL, PLAYED]);
  if (small === undefined || played === undefined) throw new Error('the history was not played');
  const before = await figuresAfter(small);
  const lines: Line[] = [];
  for (const history of [played, { ...played, requests: PLAYED * COPIES, rows: copied(played.rows) }] as const) {
    for (const [what, { made, allowed }] of await figuresAfter(history)) {
      const beside = { what: `after ${SMALL}`, value: before.get(what)?.made.length ?? Number.NaN };
      const met = made.length === beside.value && made.join() === allowed.join();
      const bar = `${allowed.length}, whatever the history`;
      lines.push(line(`${what}, after ${history.requests} requests`, 'calls', made.length, beside, { bar, met }));
    }
  }
  return lines;
}

async function figuresAfter(history: History): Promise<ReadonlyMap<string, Figure>> {
  const scene = await setScene(history, countedInMemory);
  const figures = new Map<string, Figure>();
  for (const operation of OPERATIONS) {
    for (const figure of await operation.run(scene)) figures.set(figure.what, figure);
  }
  return figures;
}

/** Every finished request, report and hint several times over, under ids of its own; what the rows hold is shared. */
function* copied(rows: Iterable<StoredRow>): Iterable<StoredRow> {
  for (const row of rows) {
    yield row;
    for (let copy = 1; copy < COPIES; copy += 1) {
      const other = renamed(row, String(copy));
      if (other !== undefined) yield other;
    }
  }
}

function renamed(row: StoredRow, suffix: string): StoredRow | undefined {
  if (row.table === 'gate') return { ...row, partition: row.partition + suffix };
  if (row.table === 'due') return { ...row, row: row.row + suffix };
  const [kind = '', id = '', ...rest] = row.row.split('~');
  const isOfReport = (row.table === 'scope' && 'se'.includes(kind)) || (row.table === 'find' && kind === 'm');
  return isOfReport ? { ...row, row: [kind, id + suffix, ...rest].join('~') } : undefined;
}
