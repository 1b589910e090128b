import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Table, Values, Write } from '../../services/ports/table.ts';
import { bothTables, STALE } from './both-tables.ts';

const { azure, inMemory, newPartition } = bothTables();

type Step =
  | { readonly do: 'commit'; readonly writes: readonly PlannedWrite[] }
  | { readonly do: 'get'; readonly row: string }
  | { readonly do: 'remove'; readonly row: string }
  | { readonly do: 'list'; readonly ranges: readonly (readonly [string, string])[] | undefined; readonly top: number };
interface PlannedWrite {
  readonly kind: Write['kind'];
  readonly row: string;
  readonly values: Values;
  readonly etag: 'current' | 'stale' | 'none';
}

const aRow = fc.constantFrom('h', 'd~1', 'e~0000000001', 'e~0000000002', 'é', 'ｚ', '😀', "o'x");
const aText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer({ min: 32_766, max: 32_770 }).map((length) => `${'a'.repeat(length)}😀`),
);
const someValues = fc.dictionary(
  fc.constantFrom('a', 'b_1', '_c'),
  fc.oneof(aText, fc.maxSafeInteger(), fc.boolean()),
  { maxKeys: 3, noNullPrototype: true },
);
const aWrite: fc.Arbitrary<PlannedWrite> = fc.record({
  kind: fc.constantFrom('create', 'replace', 'put', 'delete'),
  row: aRow,
  values: someValues,
  etag: fc.constantFrom('current', 'current', 'stale', 'none'),
});
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      writes: fc.uniqueArray(aWrite, { selector: ({ row }) => row, minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('get', 'remove'), row: aRow }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('list' as const),
      ranges: fc.option(fc.array(fc.tuple(aRow, aRow), { maxLength: 3 }), { nil: undefined }),
      top: fc.integer({ min: 1, max: 5 }),
    }),
  },
);

async function toWrite(table: Table, partition: string, planned: PlannedWrite): Promise<Write> {
  const { kind, row, values } = planned;
  if (kind === 'create' || kind === 'put') return { kind, row, values };
  const current = planned.etag === 'stale' ? undefined : (await table.get('gate', partition, row))?.etag;
  const etag = current ?? STALE;
  if (kind === 'replace') return { kind, row, values, etag };
  return planned.etag === 'none' ? { kind, row } : { kind, row, etag };
}

/** What one step shows to its caller, without the etags' own texts. */
async function outcomeOf(table: Table, partition: string, step: Step): Promise<unknown> {
  try {
    if (step.do === 'remove') return await table.remove('gate', partition, step.row);
    if (step.do === 'get') return (await table.get('gate', partition, step.row))?.values;
    if (step.do === 'list') {
      const ranges = step.ranges?.map(([from, before]) => ({ from, before }));
      const rows = await table.list('gate', partition, { ...(ranges && { ranges }), top: step.top });
      return rows.map(({ row, values }) => [row, values]);
    }
    const writes: Write[] = [];
    for (const planned of step.writes) writes.push(await toWrite(table, partition, planned));
    return [...(await table.commit('gate', partition, writes)).keys()];
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}

test('the same calls have the same outcomes and leave the same rows in both tables', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 3, maxLength: 12 }), async (steps) => {
      const partition = newPartition();
      for (const step of steps) {
        const [real, fake] = [await outcomeOf(azure(), partition, step), await outcomeOf(inMemory(), partition, step)];
        expect(fake).toEqual(real);
      }
      const [real, fake] = [await azure().list('gate', partition), await inMemory().list('gate', partition)];
      const contents = (rows: typeof real) => rows.map(({ row, values }) => [row, values]);
      expect(contents(fake)).toEqual(contents(real));
    }),
    { numRuns: 40 },
  );
});
