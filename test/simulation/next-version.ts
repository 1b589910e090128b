import type { Row, Values, Write } from '../../services/ports/table.ts';

// I20: the version after this one as the rule of storage.md lets it differ: more in every record, columns of its own beside
// it, rows of a kind that nobody knows. What this version does with a store that both write must lose none of the first and last.

/** Column of a row → the record in it as JSON. */
const RECORDS = ['gate', 'exception'] as const;
const KIND = 'zz';
/** In every record that it wrote. */
export const LATER_FIELD = 'laterField';

/** What the next version writes where this one would write these. */
export function asNextVersion(writes: readonly Write[]): Write[] {
  const records = writes.filter((write) => 'values' in write && isHeader(write));
  return [
    ...writes.map((write) => ('values' in write ? { ...write, values: extended(write.values) } : write)),
    ...records.map(
      ({ row }): Write => ({ kind: 'put', row: `${KIND}~${row.replaceAll('~', '.')}`, values: { later: 1 } }),
    ),
  ];
}

/** Of a record itself, not of what points to it. */
function isHeader({ row }: Pick<Row, 'row'>): boolean {
  return /^h(?:~|$)/.test(row);
}

function extended(values: Values): Values {
  const record = recordIn(values);
  const known = { ...values, laterColumn: 'of the next version' };
  if (record === undefined) return known;
  const later = { ...(JSON.parse(String(values[record])) as object), [LATER_FIELD]: { by: 'the next version' } };
  return { ...known, [record]: JSON.stringify(later) };
}

function recordIn(values: Values): (typeof RECORDS)[number] | undefined {
  return RECORDS.find((name) => typeof values[name] === 'string');
}

/** Rows whose record has once been written by the next version and now says nothing of it. */
export function createKeptBoth(violated: (invariant: string, what: string) => void) {
  const written = new Set<string>();
  return {
    committed: (partition: string, writes: readonly Write[]): void => {
      for (const write of writes) {
        if (!('values' in write)) {
          if (write.row.startsWith(`${KIND}~`))
            violated('I20', `a row of the next version was deleted in ${partition}`);
          continue;
        }
        const record = recordIn(write.values);
        if (record === undefined || !isHeader(write)) continue;
        const name = `${partition} ${write.row} ${record}`;
        const isThere = String(write.values[record]).includes(`"${LATER_FIELD}"`);
        if (written.has(name) && !isThere) violated('I20', `${name} lost what the next version had written`);
        if (isThere) written.add(name);
      }
    },
  };
}

/** Whether both versions have written here. */
export function isOfNextVersion({ row }: Pick<Row, 'row'>): boolean {
  return row.startsWith(`${KIND}~`);
}
