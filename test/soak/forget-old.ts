import type { ScopeKey } from '../../services/ports/scope-store.ts';
import type { Row } from '../../services/ports/table.ts';
import { placeKey } from '../../services/tables/evidence-places.ts';
import { gateOf } from '../../services/tables/gate-codec.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { keyTime } from '../../services/tables/keys.ts';
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
 * What is older than so many seconds is taken out of the store in memory, which lives in this process: only so it shows whether the process
 * itself grows. Nothing of it is open, and nothing is ever read of it again.
 */
export function createForgetting(world: SoakWorld, seconds: number) {
  /** Requests in the order in which they ended. */
  const ended: { readonly requestId: string; readonly runId: number; readonly at: string }[] = [];
  const { table } = world;

  function forgetRequest(requestId: string, runId: number): void {
    const partition = `${ORG}~r~${requestId}`;
    const header = table.rowsOf('gate', partition).find(({ row }) => row === 'h');
    if (header === undefined || gateOf(header.values).toldAt === undefined) throw new Error(`${requestId} is open`);
    forgetChain('gate', partition, 'e');
    table.forget('gate', partition);
    for (const scope of SCOPES) table.forget('scope', scopePartition(scope), ({ row }) => row === `w~${requestId}`);
    for (const pointer of ['run', 'card']) table.forget('open', `${ORG}~${pointer}~${runId}`);
  }

  function forgetChain(name: 'gate' | 'scope', partition: string, prefix: string): void {
    const anchored = placeKey({ table: name, partition, prefix });
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
    for (const { row } of old.filter((one) => one.row.startsWith('e~')))
      forgetChain('scope', partition, row.slice(0, -11));
    table.forget('scope', partition, ({ row }) => names.has(row));
    table.forget('find', findPartition(scope), (row) => row.row.startsWith('y~') && ageOf(row) < before);
    table.forget(
      'find',
      findPartition(scope),
      ({ row }) => row.startsWith('m~') && names.has(`e~${row.split('~')[1]}~0000000001`),
    );
  }

  function forgetPointers(before: string): void {
    const last = `${TENANT}~head~${keyTime(before)}`;
    for (const partition of table.partitionsFrom('log', `${TENANT}~head~`, last)) table.forget('log', partition);
    const days = [...world.log.parts.keys()].sort();
    for (const day of days.slice(0, -DAYS_OF_LOG)) world.log.parts.delete(day);
  }

  return {
    ended: (requestId: string, runId: number): void => void ended.push({ requestId, runId, at: world.now }),
    forget: (): void => {
      const before = new Date(Date.parse(world.now) - seconds * 1_000).toISOString();
      while ((ended[0]?.at ?? before) < before) {
        const oldest = ended.shift();
        if (oldest !== undefined) forgetRequest(oldest.requestId, oldest.runId);
      }
      for (const scope of SCOPES) forgetReports(scope, before);
      forgetPointers(before);
    },
  };
}

/** When it was recorded; what does not say so is as young as can be. */
function ageOf({ values }: Row): string {
  const said = String(values['entry'] ?? values['head'] ?? values['moments'] ?? '');
  return String(values['at'] ?? /"(?:receivedAt|at)":"(2[^"]+)"/.exec(said)?.[1] ?? '9');
}
