import { distinctPlaces, type Place } from '../domain/asset.ts';
import type { SourceNote } from '../domain/source-note.ts';
import type { PlacedFrom, SourceNotes } from '../ports/source-notes.ts';
import { ConflictError, type Row, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { component, key } from './keys.ts';

const NOTE = 'n';
const HINT = 'h';
const PLACED = 'p';
const TRIES = 8;

/** Table `sys`, one partition for the tenant. */
export function createSourceNotes({ table, tenant }: { readonly table: Table; readonly tenant: string }): SourceNotes {
  const partition = key(component(tenant), 'source');
  const put = async (row: string, values: Readonly<Record<string, string>>) => {
    await table.commit('sys', partition, [{ kind: 'put', row, values }]);
  };
  return {
    all: async () => {
      const rows = await table.list('sys', partition);
      const of = (kind: string) => rows.filter(({ row }) => row.startsWith(`${kind}~`));
      return {
        notes: of(NOTE).map(({ values }) => JSON.parse(String(values['note'])) as SourceNote),
        hints: of(HINT).map(({ values, etag }) => ({
          source: String(values['source']),
          organization: String(values['organization']),
          etag,
        })),
        placed: of(PLACED).map(({ values, etag }) => ({
          source: String(values['source']),
          target: String(values['target']),
          places: placesIn(values),
          etag,
        })),
      };
    },
    remember: (source, target, places) => remember(table, partition, { source, target, places }),
    narrow: async ({ source, target, etag }, places) => {
      if (places.length === 0) return await table.remove('sys', partition, placedRow(source, target), etag);
      await isFirst(table, partition, placedWrite({ source, target, places }, etag));
    },
    put: (note) => put(noteRow(note), { note: JSON.stringify(note) }),
    forget: (note) => table.remove('sys', partition, noteRow(note)),
    hint: (source, organization, at) => put(hintRow(source, organization), { source, organization, at }),
    heeded: ({ source, organization, etag }) => table.remove('sys', partition, hintRow(source, organization), etag),
  };
}

type Placed = Pick<PlacedFrom, 'source' | 'target' | 'places'>;

async function remember(table: Table, partition: string, { source, target, places }: Placed): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const known = await table.get('sys', partition, placedRow(source, target));
    const before = placesIn(known?.values);
    const all = distinctPlaces([...before, ...places]);
    if (all.length === before.length) return;
    if (await isFirst(table, partition, placedWrite({ source, target, places: all }, known?.etag))) return;
  }
  throw new StoreUnavailableError(`where ${source} of ${target} stands was changed by others again and again`);
}

function placedWrite({ source, target, places }: Placed, etag: string | undefined): Write {
  const written = { row: placedRow(source, target), values: { source, target, places: JSON.stringify(places) } };
  return etag === undefined ? { kind: 'create', ...written } : { kind: 'replace', ...written, etag };
}

/** Nothing is written where somebody else was. */
async function isFirst(table: Table, partition: string, write: Write): Promise<boolean> {
  try {
    await table.commit('sys', partition, [write]);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

function placesIn(values: Row['values'] | undefined): readonly Place[] {
  return JSON.parse(String(values?.['places'] ?? '[]')) as readonly Place[];
}

function placedRow(source: string, target: string): string {
  return key(PLACED, component(source), component(target));
}

function noteRow({ source, target }: SourceNote): string {
  return key(NOTE, component(source), component(target));
}

function hintRow(source: string, organization: string): string {
  return key(HINT, component(source), component(organization));
}
