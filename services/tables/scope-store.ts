import { type ChainHead, EMPTY_CHAIN, nextEntry } from '../domain/evidence.ts';
import { instantOf } from '../domain/finding-history.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { Release, ReleasedIn } from '../domain/release.ts';
import type { ScanHead } from '../domain/scan-head.ts';
import type { Random } from '../ports/clock.ts';
import type { DueIndex } from '../ports/due-index.ts';
import { turns } from '../ports/one-at-a-time.ts';
import type {
  ImportChange,
  ImportedScan,
  ImportResult,
  LeftBehind,
  ScopeKey,
  ScopeStore,
} from '../ports/scope-store.ts';
import { ConflictError, type Row, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { RECOVER_AFTER_SECONDS } from './due-index.ts';
import { evidenceWrite } from './evidence-row.ts';
import { aged, headRow, headWrites, isCurrent, receivedAt } from './head-codec.ts';
import {
  findPartition,
  lastRow,
  moveHistory,
  readEvents,
  readEventsSince,
  readHistory,
  readManifest,
  readTrack,
  writeManifest,
} from './history-rows.ts';
import { component, key, keyTime, prefixRange } from './keys.ts';
import { ladderWrites, nextAtOf } from './ladder-codec.ts';
import { momentWrite } from './moment-rows.ts';
import { fullOf, isLimited, isVouchedFor } from './scope-room.ts';
import { KNOWN_HERE, RELEASE, readView, readViews, scopePartition } from './scope-views.ts';
import { putSpread, readSpread, removeSpread, spreadWrite } from './spread-rows.ts';
import { vexWrites } from './vex-codec.ts';

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly random: Random;
}

interface Importing extends Needs {
  /** Two reports that come at once must not both take the last room of a commit. */
  readonly inTurn: ReturnType<typeof turns>;
}

/** Scopes on Table Storage: rules 5 and 6 of storage.md. */
export function createScopeStore(needs: Needs): ScopeStore {
  const { table } = needs;
  const importing = { ...needs, inTurn: turns() };
  return {
    register: async (scope, contender) => {
      const { requestId, line, runId, attempt } = contender;
      await table.commit('scope', scopePartition(scope), [
        { kind: 'put', row: waitingRow(requestId), values: { requestId, line, runId, attempt } },
      ]);
    },
    unregister: (scope, requestId, noted = {}) => unregister(table, scope, requestId, noted),
    waiting: async (scope) => {
      const rows = await table.list('scope', scopePartition(scope), { ranges: [prefixRange('w')] });
      return rows.map(({ values }) => String(values['requestId']));
    },
    view: (scope, commits) => readView(table, scope, commits),
    views: (service, environments) => readViews(table, service, environments),
    lastScan: (scope, tool, branch) => lastScan(table, scope, tool, branch),
    history: (scope, tool, branch, scan) => readHistory(table, scope, tool, branch, scan),
    finding: async (scope, fingerprint) => {
      const [events, known] = await Promise.all([
        readEvents(table, scope, fingerprint),
        readTrack(table, scope, fingerprint),
      ]);
      return { events, ...(known === undefined ? {} : { known }) };
    },
    eventsSince: (scope, since) => readEventsSince(table, scope, since),
    importReport: (change, scans) => importReport(importing, change, scans),
    spreadEntries: (org, rule) => readSpread(table, org, rule),
    putSpread: (rule, entry) => putSpread(table, rule, entry),
    removeSpread: (rule, scope, tool) => removeSpread(table, rule, scope, tool),
    noteSpread: async (scope, rule, spread, at) => {
      const wake = key('o', keyTime(at), component(rule), 'wake');
      await needs.due.remind({ kind: 'scope', ...scope }, at);
      await table.commit('scope', scopePartition(scope), [
        spreadWrite(rule, spread),
        { kind: 'put', row: wake, values: { at } },
      ]);
    },
    pendingWakes: async (scope) => {
      const rows = await table.list('scope', scopePartition(scope), { ranges: [prefixRange('o')] });
      return rows.map(({ row }) => row);
    },
    wakeDone: (scope, wake) => table.remove('scope', scopePartition(scope), wake),
  };
}

function waitingRow(requestId: string): string {
  return key('w', component(requestId));
}

async function unregister(
  table: Table,
  scope: ScopeKey,
  requestId: string,
  { released, moment }: LeftBehind,
): Promise<void> {
  const [partition, row] = [scopePartition(scope), waitingRow(requestId)];
  const noted = [
    ...(released === undefined ? [] : [releaseWrite(scope, released)]),
    ...(moment === undefined ? [] : momentWrite(['gate', component(requestId)], [moment])),
  ];
  if (noted.length === 0) return table.remove('scope', partition, row);
  try {
    await table.commit('scope', partition, [...noted, { kind: 'delete', row }]);
  } catch (error) {
    // The row was taken away before: by an earlier try, whose answer was lost.
    if (!(error instanceof ConflictError)) throw error;
    await table.commit('scope', partition, noted);
  }
}

function releaseWrite(scope: ScopeKey, { environment, release }: ReleasedIn): Write {
  const isOwn = environment === scope.environment;
  return {
    kind: 'put',
    row: isOwn ? RELEASE : key(RELEASE, component(environment)),
    values: { environment, release: JSON.stringify(release) },
  };
}

async function lastScan(
  table: Table,
  scope: ScopeKey,
  tool: string,
  branch: string,
): Promise<ReadonlySet<string> | undefined> {
  const last = await table.get('find', findPartition(scope), lastRow(tool, branch));
  if (last === undefined) return undefined;
  const seen = new Set<string>();
  await readManifest(table, scope, String(last.values['scanId']), tool, (fingerprint) => seen.add(fingerprint));
  return seen;
}

async function importReport(
  needs: Importing,
  change: ImportChange,
  scans: readonly ImportedScan[],
): Promise<ImportResult> {
  const { table } = needs;
  const store = () => storedHeads(needs, change, scans);
  // What nobody vouched for keeps nothing waiting that somebody did.
  const turn = JSON.stringify([scopePartition(change.scope), isVouchedFor(change)]);
  const result = await (isLimited(change) ? needs.inTurn(turn, store) : store());
  if (result.kind !== 'imported') return result;
  for (const scan of scans) await moveHistory(table, change, scan);
  await rememberLast(table, change, scans);
  return result;
}

async function storedHeads(needs: Needs, change: ImportChange, scans: readonly ImportedScan[]): Promise<ImportResult> {
  const { table } = needs;
  const before = await stateOf(table, change);
  const { releases } = before;
  if (before.currentSince !== undefined) {
    await repeated(needs, change, scans, before);
    return { kind: 'known', releases };
  }
  const full = fullOf(change, before);
  if (full !== undefined) return { kind: full, releases };
  for (const scan of scans) if (scan.moves.kind !== 'nothing') await writeManifest(table, change, scan);
  await remind(needs, change);
  await remindOfSteps(needs, change, before.ladders);
  try {
    await table.commit('scope', scopePartition(change.scope), importWrites(needs, change, before));
    await needs.due.remindAgain({ kind: 'scope', ...change.scope }, change.at);
  } catch (error) {
    // The same report came twice at once, or our own answer was lost: it is stored either way.
    if (!(error instanceof ConflictError)) throw error;
    if ((await stateOf(table, change)).currentSince === undefined)
      throw new StoreUnavailableError('the report was overtaken by others of the same commit', { cause: error });
  }
  return { kind: 'imported', releases };
}

function remind({ due }: Needs, { scope, at }: ImportChange): Promise<void> {
  return due.remind({ kind: 'scope', ...scope }, plusSeconds(at, RECOVER_AFTER_SECONDS));
}

/** Its sender may have seen it fail: the wake-up may still stand there, the hint be gone, the history not have moved. */
async function repeated(
  needs: Needs,
  change: ImportChange,
  scans: readonly ImportedScan[],
  { older, currentSince }: ScopeState,
): Promise<void> {
  await remind(needs, change);
  await lookedAgain(needs.table, change, older);
  for (const scan of scans.filter((one) => isBehind(one, currentSince))) {
    await writeManifest(needs.table, change, scan);
    await moveHistory(needs.table, change, scan);
  }
}

/** Somebody who writes them meanwhile knows better. */
async function lookedAgain(table: Table, { scope }: ImportChange, writes: readonly Write[]): Promise<void> {
  if (writes.length === 0) return;
  try {
    await table.commit('scope', scopePartition(scope), writes);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}

/** Its report was committed, and then its history was not moved. */
function isBehind({ moves }: ImportedScan, committedAt: string | undefined): boolean {
  if (moves.kind !== 'history' || committedAt === undefined) return false;
  const { last } = moves.stored.history;
  return last === undefined || last.at < committedAt;
}

/** One hint for the next age of each tool's findings; one that is there already is not written again. */
async function remindOfSteps(needs: Needs, { scope, ladders }: ImportChange, rows: readonly Row[]): Promise<void> {
  for (const { tool, nextAt } of ladders) {
    if (nextAt === undefined || instantOf(nextAt) === nextAtOf(rows, tool)) continue;
    await needs.due.remind({ kind: 'scope', ...scope, step: true }, instantOf(nextAt));
  }
}

interface ScopeState {
  /** The report's own chain of evidence. */
  readonly chain: ChainHead;
  /** Set when every head is of this report already: when the first of them was received. */
  readonly currentSince?: string;
  readonly releases: readonly ReleasedIn[];
  readonly ladders: readonly Row[];
  /** Of the commit. */
  readonly heads: readonly Row[];
  /** What makes its heads as old as they are now. */
  readonly older: readonly Write[];
}

async function stateOf(table: Table, change: ImportChange): Promise<ScopeState> {
  const evidence = key('e', component(change.reportId));
  const [commit] = [...change.heads, ...(change.vex === undefined ? [] : [change.vex])].map((one) => one.commit);
  const ofCommit = commit === undefined ? [] : [prefixRange(key('s', component(commit)))];
  const rows = await table.list('scope', scopePartition(change.scope), {
    ranges: [prefixRange(evidence), { ...KNOWN_HERE, before: prefixRange(RELEASE).before }, ...ofCommit],
  });
  const links = rows.filter(({ row }) => row.startsWith(`${evidence}~`));
  const last = links.at(-1);
  const byRow = new Map(rows.map((row) => [row.row, row]));
  const isOurs = (head: ScanHead) => isCurrent(byRow.get(headRow(head)), head);
  // Of a report without a head, its evidence is all there is to know it by.
  const isKnown = change.heads.length > 0 ? change.heads.every(isOurs) : last !== undefined;
  const [head] = change.heads;
  const since = head === undefined ? '' : receivedAt(byRow.get(headRow(head)));
  return {
    chain:
      last === undefined ? EMPTY_CHAIN : { seq: Number(last.row.split('~')[2]), hash: String(last.values['hash']) },
    ...(isKnown ? { currentSince: since } : {}),
    releases: rows.filter(({ row }) => row === RELEASE || row.startsWith(`${RELEASE}~`)).map(releasedIn(change.scope)),
    ladders: rows.filter(({ row }) => row.startsWith('l~')),
    heads: rows.filter(({ row }) => row.startsWith('s~')),
    older: isKnown ? change.heads.flatMap((one) => aged(byRow.get(headRow(one)), one)) : [],
  };
}

function releasedIn({ environment: own }: ScopeKey) {
  return ({ values: { environment = own, release } }: Row): ReleasedIn => ({
    environment: String(environment),
    release: JSON.parse(String(release)) as Release,
  });
}

function importWrites(needs: Needs, change: ImportChange, { chain, ladders, releases, heads }: ScopeState): Write[] {
  const { scope, at, reportId } = change;
  const salt = Buffer.from(needs.random.bytes(16)).toString('hex');
  const aggregate = `${scope.org} report ${reportId}`;
  const entry = nextEntry(chain, change.evidence(releases), { aggregate, at, op: change.op, salt });
  return [
    evidenceWrite(['e', component(reportId)], entry),
    ...change.heads.flatMap(headWrites),
    ...(change.vex === undefined ? [] : vexWrites(change.vex, heads)),
    ...change.ladders.flatMap((ladder) => ladderWrites(ladder, reportId, ladders)),
    { kind: 'put', row: key('o', keyTime(at), component(reportId), 'wake'), values: { at } },
  ];
}

/** Which scan the next report of this tool and branch is compared with. */
async function rememberLast(table: Table, change: ImportChange, scans: readonly ImportedScan[]): Promise<void> {
  const writes = scans.flatMap(({ tool, moves }): Write[] =>
    moves.kind === 'branch'
      ? [{ kind: 'put', row: lastRow(tool, moves.branch), values: { scanId: change.reportId } }]
      : [],
  );
  if (writes.length > 0) await table.commit('find', findPartition(change.scope), writes);
}
