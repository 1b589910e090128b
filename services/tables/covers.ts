import type { Clock } from '../ports/clock.ts';
import type { Cover, Covers } from '../ports/covers.ts';
import type { Table } from '../ports/table.ts';
import { component, key } from './keys.ts';

const KEPT_MS = 60_000;

/** Covers in table `roll`, one partition for the tenant: a handful of rows, read at most once a minute. */
export function createCovers({
  table,
  tenant,
  clock,
}: {
  readonly table: Table;
  readonly tenant: string;
  readonly clock: Clock;
}): Covers {
  const partition = key(component(tenant), 'cover');
  let kept: { readonly at: number; readonly covers: Promise<readonly Cover[]> } | undefined;

  function read(): Promise<readonly Cover[]> {
    const now = Date.parse(clock.now());
    if (kept === undefined || Math.abs(now - kept.at) >= KEPT_MS) {
      const covers = table
        .list('roll', partition)
        .then((rows) => rows.map(({ values }) => JSON.parse(String(values['cover'])) as Cover));
      kept = { at: now, covers };
      covers.catch(() => {
        kept = undefined;
      });
    }
    return kept.covers;
  }

  return {
    inForce: async (now) => (await read()).filter(({ until }) => now < until),
    set: async (cover) => {
      const values = { cover: JSON.stringify(cover) };
      await table.commit('roll', partition, [{ kind: 'put', row: component(cover.absent), values }]);
      kept = undefined;
    },
    end: async (absent) => {
      await table.remove('roll', partition, component(absent));
      kept = undefined;
    },
  };
}
