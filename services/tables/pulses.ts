import type { Pulse } from '../domain/pulse.ts';
import type { NotedOutage, Pulses } from '../ports/pulses.ts';
import { ConflictError, type Table, type Write } from '../ports/table.ts';
import { component, key, keyTime } from './keys.ts';

const PULSE = 'p';
const OUTAGE = 'o';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
}

/** Table `sys`, one partition for the tenant: a row for each process, and one for each outage of the last week. */
export function createPulses({ table, tenant }: Needs): Pulses {
  const partition = key(component(tenant), 'pulse');
  async function commit(writes: readonly Write[]): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      return await table.commit('sys', partition, writes);
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }
  return {
    read: async () => {
      const rows = await table.list('sys', partition);
      const of = (kind: string) => rows.filter(({ row }) => row.startsWith(`${kind}~`));
      return {
        pulses: of(PULSE).map(({ etag, values }) => ({ etag, pulse: JSON.parse(String(values['pulse'])) as Pulse })),
        outages: of(OUTAGE).map(({ etag, values }) => ({
          etag,
          outage: JSON.parse(String(values['outage'])) as NotedOutage,
        })),
      };
    },
    write: async ({ pulse, instead, found, forgotten }) => {
      const done = await commit([
        { kind: 'put', row: pulseRow(pulse), values: { pulse: JSON.stringify(pulse) } },
        ...instead.map((one): Write => ({ kind: 'delete', row: pulseRow(one.pulse), etag: one.etag })),
        ...forgotten.map((one): Write => ({ kind: 'delete', row: outageRow(one.outage), etag: one.etag })),
        ...(found === undefined
          ? []
          : [{ kind: 'create', row: outageRow(found), values: { outage: JSON.stringify(found) } } as const]),
      ]);
      return done !== undefined;
    },
    putOutage: async (outage, { etag }) => {
      const row = outageRow(outage);
      const done = await commit([{ kind: 'replace', row, values: { outage: JSON.stringify(outage) }, etag }]);
      return done === undefined ? undefined : { outage, etag: done.get(row) ?? '' };
    },
  };
}

function pulseRow({ instance }: Pulse): string {
  return key(PULSE, component(instance));
}

function outageRow({ from }: NotedOutage): string {
  return key(OUTAGE, keyTime(from));
}
