import type { Recalled, ScopeMoment } from '../domain/scope-overview.ts';
import type { ScopeKey } from '../ports/scope-store.ts';
import type { Table, TableName } from '../ports/table.ts';
import type { Timelines } from '../ports/timelines.ts';
import { findPartition } from './history-rows.ts';
import { MOMENT, MOST_RECALLED, recalled, sinceRange } from './moment-rows.ts';
import { scopePartition } from './scope-views.ts';

export function createTimelines({ table }: { readonly table: Table }): Timelines {
  return {
    since: (scope, instant) =>
      Promise.all([
        read(table, 'scope', scopePartition(scope), scope, instant),
        read(table, 'find', findPartition(scope), scope, instant),
      ]),
  };
}

async function read(
  table: Table,
  name: TableName,
  partition: string,
  { environment }: ScopeKey,
  instant: string,
): Promise<Recalled<ScopeMoment>> {
  const options = { ranges: [sinceRange(MOMENT, instant)], top: MOST_RECALLED + 1 };
  const rows = await table.list(name, partition, options);
  const where = environment === '-' ? {} : { environment };
  return recalled(rows, ({ values }) =>
    (JSON.parse(String(values['moments'])) as readonly ScopeMoment[]).map((moment) => ({ ...where, ...moment })),
  );
}
