import { isOpenBypass } from '../domain/bypass.ts';
import { isOver } from '../domain/exception.ts';
import { type Gate, isSettled } from '../domain/gate.ts';
import { plusDays } from '../domain/instant.ts';
import type { NudgeRecord } from '../domain/nudge.ts';
import { nextLook } from '../domain/nudge-record.ts';
import type { PostDeployReview } from '../domain/post-deploy.ts';
import { releaseOf } from '../domain/release.ts';
import { nextLookAt } from '../domain/schedule.ts';
import type { Triage } from '../domain/triage.ts';
import type { Clock } from '../ports/clock.ts';
import type { DueHint, DueIndex } from '../ports/due-index.ts';
import type { RebuildIndex, RebuiltIndex } from '../ports/index-rebuild.ts';
import { inLanes } from '../ports/lanes.ts';
import type { ScopeKey } from '../ports/scope-store.ts';
import type { Row, RowRange, Table, TableName } from '../ports/table.ts';
import { decodeException, headerRow, idPart } from './exception-codec.ts';
import { gateOf, gatePartition, gatePartitions, HEADER } from './gate-codec.ts';
import { pointToImports } from './import-store.ts';
import { component, key, onlyRange, prefixRange } from './keys.ts';
import { createLiveExceptions, livePartition } from './live-exceptions.ts';
import { markOpen, openPartitions, pointToBypass, pointToDeadLetters, pointToRun } from './open-index.ts';
import { scopePartition } from './scope-views.ts';
import { pointToService } from './triage-store.ts';

interface Needs {
  readonly table: Table;
  readonly due: Pick<DueIndex, 'remind'>;
  readonly clock: Clock;
  /** Entra tenant id. */
  readonly tenant: string;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Of services and environments, as the policy has them: a key may hold only the checksum of a name. */
  readonly names: () => Promise<readonly string[]>;
}

type Count = { -readonly [Name in keyof RebuiltIndex]: number };

/** What was let through so long ago was looked at. */
const LOOKED_AT_DAYS = 1;
const AT_ONCE = 500;

export function createIndexRebuild(needs: Needs): RebuildIndex {
  return async () => {
    const count: Count = { requests: 0, open: 0, exceptions: 0, hints: 0, removed: 0, unnamed: 0 };
    const remind = async (hint: DueHint, at: string) => {
      count.hints += 1;
      await needs.due.remind(hint, at);
    };
    const nameOf = await namesByKey(needs);
    for (const org of needs.orgs) {
      await listGates(needs, org, count, remind);
      await listScopes(needs, org, { count, remind, nameOf });
      await listFindings(needs, org, { count, remind, nameOf });
    }
    for (const { values } of await needs.table.list('roll', key(component(needs.tenant), 'nudge'))) {
      const record = JSON.parse(String(values['nudges'])) as NudgeRecord;
      const at = nextLook(record, needs.clock.now());
      if (at !== undefined) await remind({ kind: 'nudge', reader: record.reader }, at);
    }
    return count;
  };
}

type Remind = (hint: DueHint, at: string) => Promise<void>;

interface Tools {
  readonly count: Count;
  readonly remind: Remind;
  /** Of a part of a key; undefined for the checksum of a name that nobody knows. */
  readonly nameOf: (part: string) => string | undefined;
}

async function namesByKey({ names }: Needs): Promise<Tools['nameOf']> {
  const known = new Map((await names()).map((name) => [component(name), name]));
  return (part) => known.get(part) ?? (part.startsWith('_') ? undefined : part);
}

/** Partition by partition, each with its rows: of no more than one at a time. */
async function* partitionsOf(table: Table, name: TableName, partitions: RowRange, ranges: readonly RowRange[]) {
  let [partition, rows]: [string, Row[]] = ['', []];
  for await (const row of table.across(name, partitions, ranges, { isWhole: true })) {
    if (row.partition !== partition && rows.length > 0) yield { partition, rows };
    if (row.partition !== partition) [partition, rows] = [row.partition, []];
    rows.push(row);
  }
  if (rows.length > 0) yield { partition, rows };
}

async function listGates(needs: Needs, org: string, count: Count, remind: Remind): Promise<void> {
  const { table } = needs;
  const ranges = [onlyRange(HEADER), prefixRange('o'), prefixRange('dl')];
  const pending: (readonly Row[])[] = [];
  const list = (rows: readonly Row[]) => listGate(needs, rows, count, remind);
  for await (const { rows } of partitionsOf(table, 'gate', gatePartitions(org), ranges)) {
    if (!rows.some(({ row }) => row === HEADER)) continue;
    pending.push(rows);
    if (pending.length === AT_ONCE) await inLanes(pending.splice(0), list);
  }
  await inLanes(pending, list);
  for (const partition of openPartitions(org)) {
    for (const { row, etag } of await table.list('open', partition)) {
      const header = await table.get('gate', gatePartition(org, row), HEADER);
      if (header !== undefined && gateOf(header.values).toldAt === undefined) continue;
      await table.remove('open', partition, row, etag);
      count.removed += 1;
    }
  }
}

async function listGate(needs: Needs, rows: readonly Row[], count: Count, remind: Remind): Promise<void> {
  const { table } = needs;
  const gate = gateOf(rows.find(({ row }) => row === HEADER)?.values ?? {});
  count.requests += 1;
  if (gate.toldAt === undefined) count.open += 1;
  await (gate.toldAt === undefined ? markOpen(table, gate) : pointToRun(table, gate));
  if (isOpenBypass(gate)) await pointToBypass(table, gate);
  if (rows.some(({ row }) => row.startsWith('dl~'))) await pointToDeadLetters(table, gate);
  await remindOfGate(needs, gate, rows, remind);
}

async function remindOfGate({ clock }: Needs, gate: Gate, rows: readonly Row[], remind: Remind): Promise<void> {
  const { org, id } = gate;
  const now = clock.now();
  if (rows.some(({ row }) => row.startsWith('o~')) || gate.toldAt === undefined)
    await remind({ kind: 'gate', org, id }, now);
  if (!isSettled(gate.state)) await remind({ kind: 'gate', org, id }, nextLookAt(gate));
  const isFresh = gate.toldAt !== undefined && gate.toldAt.slice(0, 10) >= plusDays(now.slice(0, 10), -LOOKED_AT_DAYS);
  if (isFresh && releaseOf(gate) !== undefined) await remind({ kind: 'post-deploy', org, id }, now);
}

/** Exceptions, wake-ups, the next age that a step waits for, and what was brought in. */
async function listScopes(needs: Needs, org: string, tools: Tools): Promise<void> {
  const ranges = ['h', 'i', 'k', 'l', 'o'].map((prefix) => prefixRange(prefix));
  for await (const { partition, rows } of partitionsOf(needs.table, 'scope', prefixRange(key(org, 's')), ranges)) {
    await listExceptions(needs, rows, tools);
    const [service, environment] = partition.split('~').slice(2).map(tools.nameOf);
    if (service !== undefined && environment !== undefined)
      await remindOfScope(needs, { org, service, environment }, rows, tools.remind);
    else if (rows.some(({ row }) => /^[ilo]~/.test(row))) tools.count.unnamed += 1;
  }
  await removeEnded(needs, org, tools.count);
}

async function remindOfScope({ table, clock }: Needs, scope: ScopeKey, rows: readonly Row[], remind: Remind) {
  if (rows.some(({ row }) => row.startsWith('i~'))) await pointToImports(table, scope);
  if (rows.some(({ row }) => row.startsWith('o~'))) await remind({ kind: 'scope', ...scope }, clock.now());
  for (const { values } of rows) {
    const { nextAt } = values;
    if (nextAt !== undefined) await remind({ kind: 'scope', ...scope, step: true }, String(nextAt));
  }
}

/** A look at one finds out by itself when it is to be looked at next. */
async function listExceptions({ table, orgs, clock }: Needs, rows: readonly Row[], { count, remind }: Tools) {
  const live = createLiveExceptions(table, orgs);
  for (const row of rows.filter((one) => one.row.startsWith('h~'))) {
    const exception = decodeException(row);
    const { org, id, target, state } = exception;
    const isShown = !rows.some((one) => one.row === key('k', idPart(id)));
    if (isOver(state) && isShown) continue;
    count.exceptions += 1;
    await live.list(exception);
    const { service, environment } = target;
    await remind({ kind: 'exception', org, service, environment, id }, clock.now());
  }
}

async function removeEnded({ table, orgs }: Needs, org: string, count: Count): Promise<void> {
  for (const { service, environment, id, ...one } of await createLiveExceptions(table, orgs).read()) {
    if (one.org !== org) continue;
    const header = await table.get('scope', scopePartition({ org, service, environment }), headerRow(id));
    if (header !== undefined && !isOver(decodeException(header).state)) continue;
    await table.remove('open', livePartition(org), key(component(service), idPart(id)));
    count.removed += 1;
  }
}

/** Who has a finding, and which look after a deployment is not done. */
async function listFindings(needs: Needs, org: string, tools: Tools): Promise<void> {
  const ranges = [prefixRange('bp'), prefixRange('t')];
  for await (const { partition, rows } of partitionsOf(needs.table, 'find', prefixRange(key(org, 'f')), ranges)) {
    for (const row of rows.filter((one) => one.row.startsWith('bp~'))) await remindOfLook(needs, org, row, tools);
    const service = tools.nameOf(partition.split('~')[2] ?? '');
    if (service === undefined) tools.count.unnamed += 1;
    else for (const row of rows) await listAssigned(needs, { org, service }, row);
  }
}

async function remindOfLook({ clock }: Needs, org: string, { values }: Row, { remind }: Tools): Promise<void> {
  const { state, release } = JSON.parse(String(values['review'])) as PostDeployReview;
  if (state !== 'done') await remind({ kind: 'post-deploy', org, id: release.requestId }, clock.now());
}

async function listAssigned({ table, clock }: Needs, of: Pick<ScopeKey, 'org' | 'service'>, { row, values }: Row) {
  if (!row.startsWith('t~')) return;
  const { assignee } = JSON.parse(String(values['triage'])) as Triage;
  if (assignee !== undefined) await pointToService(table, of, assignee, clock.now());
}
