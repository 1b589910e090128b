import type { ScopeKey } from '../../services/ports/scope-store.ts';
import type { Row } from '../../services/ports/table.ts';
import { placeKey } from '../../services/tables/evidence-places.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { scopePartition } from '../../services/tables/scope-views.ts';
import { COMMIT, ORG, TENANT } from '../builders.ts';
import type { SoakWorld } from './soak-world.ts';

/** What everything here is about. */
export const SCOPES = ['prod', 'staging', '-'].map((environment) => ({
  org: ORG,
  service: 'payments-api',
  environment,
}));
const DAYS_OF_LOG = 2;

/**
 * Reports of commits that nobody deploys any more, days of the log and archives are taken out of memory by hand: the product keeps them, and only
 * without them it shows whether the process itself grows. Requests are archived and deleted by the product.
 */
export function createForgetting(world: SoakWorld, seconds: number) {
  const { table } = world;

  function forgetChain(partition: string, prefix: string): void {
    const anchored = placeKey({ table: 'scope', partition, prefix });
    table.forget('log', `${TENANT}~anchored`, ({ row }) => row === anchored);
  }

  /** Reports of commits that are not deployed any more. */
  function forgetReports(scope: ScopeKey, before: string): void {
    const partition = scopePartition(scope);
    const rows = table.rowsOf('scope', partition);
    const current = new Set(rows.filter(({ row }) => row.includes(COMMIT)).map(({ values }) => values['reportId']));
    const isOld = (row: Row) =>
      /^(?:e~[0-9a-f]{32}|s|y)~/.test(row.row) && !row.row.includes(COMMIT) && ageOf(row) < before;
    const old = rows.filter((row) => isOld(row) && !current.has(row.row.split('~')[1]));
    const names = new Set(old.map(({ row }) => row));
    for (const { row } of old.filter((one) => one.row.startsWith('e~'))) forgetChain(partition, row.slice(0, -11));
    table.forget('scope', partition, ({ row }) => names.has(row));
    table.forget('find', findPartition(scope), (row) => row.row.startsWith('y~') && ageOf(row) < before);
    table.forget(
      'find',
      findPartition(scope),
      ({ row }) => row.startsWith('m~') && names.has(`e~${row.split('~')[1]}~0000000001`),
    );
  }

  return (): void => {
    const before = new Date(Date.parse(world.now) - seconds * 1_000).toISOString();
    for (const scope of SCOPES) forgetReports(scope, before);
    const days = [...world.log.parts.keys()].sort();
    for (const day of days.slice(0, -DAYS_OF_LOG)) world.log.parts.delete(day);
    for (const name of [...world.archive.files.keys()].sort().slice(0, -1)) world.archive.files.delete(name);
  };
}

/** When it was recorded; what does not say so is as young as can be. */
function ageOf({ values }: Row): string {
  const said = String(values['entry'] ?? values['head'] ?? values['moments'] ?? '');
  return String(values['at'] ?? /"(?:receivedAt|at)":"(2[^"]+)"/.exec(said)?.[1] ?? '9');
}
