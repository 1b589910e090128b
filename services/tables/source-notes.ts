import type { SourceNote } from '../domain/source-note.ts';
import type { SourceNotes } from '../ports/source-notes.ts';
import type { Table } from '../ports/table.ts';
import { component, key } from './keys.ts';

const NOTE = 'n';
const HINT = 'h';

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
      };
    },
    put: (note) => put(noteRow(note), { note: JSON.stringify(note) }),
    forget: (note) => table.remove('sys', partition, noteRow(note)),
    hint: (source, organization, at) => put(hintRow(source, organization), { source, organization, at }),
    heeded: ({ source, organization, etag }) => table.remove('sys', partition, hintRow(source, organization), etag),
  };
}

function noteRow({ source, target }: SourceNote): string {
  return key(NOTE, component(source), component(target));
}

function hintRow(source: string, organization: string): string {
  return key(HINT, component(source), component(organization));
}
