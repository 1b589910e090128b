import type { Row, Values, Write } from '../ports/table.ts';
import { sequence } from './keys.ts';

export type Put = Extract<Write, { readonly kind: 'put' }>;

/** Characters of JSON in one row: half of what a row may hold in UTF-16. */
const PART_LENGTH = 250_000;

/** Something of one report, with a list that may be too long for its row. */
export interface Parted {
  readonly row: string;
  readonly reportId: string;
  readonly values: Values;
  /** Under which name each part has its piece of the list. */
  readonly name: string;
  readonly list: readonly unknown[];
}

/** Its row, and the list in numbered rows behind it: for one transaction. */
export function partedWrites({ row, reportId, values, name, list }: Parted): Put[] {
  const parts = splitBySize(list);
  return [
    { kind: 'put', row, values: { ...values, parts: parts.length, reportId } },
    ...parts.map(
      (part, n): Put => ({
        kind: 'put',
        row: `${row}~${sequence(n)}`,
        values: { [name]: JSON.stringify(part), reportId },
      }),
    ),
  ];
}

/**
 * The whole list of a row. A part that an earlier, larger report left behind does not belong to it. Throws when a part is
 * missing: half of a report must never pass for the whole.
 */
export function readParts<T>({ row, values }: Row, rows: ReadonlyMap<string, Row>, name: string): T[] {
  const reportId = String(values['reportId']);
  return Array.from({ length: Number(values['parts']) }, (_, n) => {
    const part = rows.get(`${row}~${sequence(n)}`);
    if (part?.values['reportId'] !== reportId) throw new Error(`the ${name} of report ${reportId} are incomplete`);
    return JSON.parse(String(part.values[name])) as T[];
  }).flat();
}

/** In their order, as many in each part as one row takes; nothing is no part. */
export function splitBySize<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  let length = PART_LENGTH;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    if (length + size > PART_LENGTH) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(item);
    length += size;
  }
  return parts;
}
