import { plusSeconds } from '../domain/instant.ts';
import type { Clock } from '../ports/clock.ts';
import type { Leases } from '../ports/leases.ts';
import { ConflictError, type Row, type Table } from '../ports/table.ts';
import { component, key } from './keys.ts';

/** Of every lease. */
export const LEASES = 'leases';

interface Needs {
  readonly table: Table;
  readonly clock: Clock;
  /** Unique to this process. */
  readonly instance: string;
}

/** Leases in table `sys`, one row each, taken by ETag. */
export function createLeases({ table, clock, instance }: Needs): Leases {
  const rowOf = (name: string) => key('lease', component(name));
  /** Until when what is ours lasts; renewed when less than half is left, so that a tick costs nothing between. */
  const ours = new Map<string, string>();

  async function write(name: string, before: Row | undefined, until: string): Promise<boolean> {
    const values = { instance, until };
    const row = rowOf(name);
    try {
      await table.commit('sys', LEASES, [
        before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag },
      ]);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Somebody else was quicker, or our own answer was lost: the row says which.
      return (await table.get('sys', LEASES, row))?.values['instance'] === instance;
    }
  }

  return {
    hold: async (name, seconds) => {
      const now = clock.now();
      if ((ours.get(name) ?? '') > plusSeconds(now, seconds / 2)) return true;
      const held = await table.get('sys', LEASES, rowOf(name));
      const byOther = held !== undefined && held.values['instance'] !== instance && String(held.values['until']) > now;
      const until = plusSeconds(now, seconds);
      const got = !byOther && (await write(name, held, until));
      if (got) ours.set(name, until);
      else ours.delete(name);
      return got;
    },
    release: async (name) => {
      ours.delete(name);
      const held = await table.get('sys', LEASES, rowOf(name));
      if (held?.values['instance'] === instance) await write(name, held, clock.now());
    },
  };
}
