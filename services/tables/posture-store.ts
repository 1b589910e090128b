import type { Category } from '../domain/finding.ts';
import { NO_POSTURE, type Posture, type Word } from '../domain/posture.ts';
import type { PostureKey, PostureStore, StoredPosture } from '../ports/posture-store.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { findPartition } from './history-rows.ts';
import { component, key, sequence } from './keys.ts';
import { splitBySize } from './row-parts.ts';

/** A head, replaced by its ETag, and the words in numbered rows behind it: one transaction. */
export function createPostureStore({ table }: { readonly table: Table }): PostureStore {
  return {
    read: async ({ scope, source }) => {
      const row = rowOf(source);
      // Nothing sorts between the head and its parts.
      const rows = await table.list('find', findPartition(scope), { ranges: [{ from: row, before: `${row}~~` }] });
      return decoded(row, rows);
    },
    write: async (place, posture, before) => {
      try {
        const row = rowOf(place.source);
        const etags = await table.commit('find', findPartition(place.scope), writes(row, posture, before));
        return { posture, version: etags.get(row) ?? '' };
      } catch (error) {
        if (error instanceof ConflictError) return undefined;
        throw error;
      }
    },
  };
}

function rowOf(source: PostureKey['source']): string {
  return key('s', component(source));
}

interface Head {
  readonly tools: readonly (readonly [string, readonly Category[]])[];
  readonly pulled: readonly (readonly [string, string])[];
  readonly needs: readonly string[];
  readonly cut: readonly string[];
}

function writes(row: string, posture: Posture, { version }: StoredPosture): Write[] {
  const parts = splitBySize([...posture.words]);
  const head: Head = {
    tools: [...posture.tools],
    pulled: [...posture.pulled],
    needs: posture.needs,
    cut: posture.cut,
  };
  const values = { head: JSON.stringify(head), parts: parts.length };
  return [
    version === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: version },
    ...parts.map((part, n): Write => ({ kind: 'put', row: partRow(row, n), values: { words: JSON.stringify(part) } })),
  ];
}

function partRow(row: string, n: number): string {
  return `${row}~${sequence(n)}`;
}

/** A part that an earlier, longer one left behind is none of it. Throws when one is missing: half must never pass for the whole. */
function decoded(row: string, rows: readonly Row[]): StoredPosture {
  const byRow = new Map(rows.map((one) => [one.row, one]));
  const own = byRow.get(row);
  if (own === undefined) return { posture: NO_POSTURE };
  const { tools, pulled, ...rest } = JSON.parse(String(own.values['head'])) as Head;
  const words = Array.from({ length: Number(own.values['parts']) }, (_, n) => {
    const part = byRow.get(partRow(row, n));
    if (part === undefined) throw new Error(`the posture ${row} is incomplete`);
    return JSON.parse(String(part.values['words'])) as readonly (readonly [string, Word])[];
  });
  return {
    posture: { ...rest, tools: new Map(tools), pulled: new Map(pulled), words: new Map(words.flat()) },
    version: own.etag,
  };
}
