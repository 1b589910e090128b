import type { NudgeRecord } from '../domain/nudge.ts';
import type { NudgeRecords } from '../ports/nudge-store.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { component, key } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
}

/** Records in table `roll`, one partition for the tenant: a row for each reader, replaced by its ETag. */
export function createNudgeRecords({ table, tenant }: Needs): NudgeRecords {
  const partition = key(component(tenant), 'nudge');
  return {
    all: async () => (await table.list('roll', partition)).map(decoded),
    of: async (reader) => {
      const found = await table.get('roll', partition, component(reader));
      return found === undefined ? undefined : decoded(found);
    },
    put: async (record, before) => {
      const row = component(record.reader);
      const values = { nudges: JSON.stringify(record) };
      const write: Write =
        before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
      try {
        return { record, etag: (await table.commit('roll', partition, [write])).get(row) ?? '' };
      } catch (error) {
        if (error instanceof ConflictError) return undefined;
        throw error;
      }
    },
  };
}

function decoded({ etag, values }: Pick<Row, 'etag' | 'values'>) {
  return { etag, record: JSON.parse(String(values['nudges'])) as NudgeRecord };
}
