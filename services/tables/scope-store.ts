import { type ChainHead, EMPTY_CHAIN, nextEntry } from '../domain/evidence.ts';
import type { ActiveException } from '../domain/exception.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { Release } from '../domain/release.ts';
import type { ScanHead } from '../domain/scan-head.ts';
import type { Contender } from '../domain/supersession.ts';
import type { Random } from '../ports/clock.ts';
import type { DueIndex } from '../ports/due-index.ts';
import type { ImportChange, ScopeKey, ScopeStore, ScopeView } from '../ports/scope-store.ts';
import {
  ConflictError,
  type RowRange,
  StoreUnavailableError,
  type Table,
  type Values,
  type Write,
} from '../ports/table.ts';
import { RECOVER_AFTER_SECONDS } from './due-index.ts';
import { evidenceWrite } from './evidence-row.ts';
import { decodeHeads, headRow, headWrites, isCurrent } from './head-codec.ts';
import { component, key, keyTime, prefixRange, sequence } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly random: Random;
}

/** Fingerprints in one manifest row: 16 bytes each, as base64 text, well below 1 MiB in UTF-16. */
const MANIFEST_SIZE = 20_000;
/** More commits than this are filtered after reading: a query holds few ranges. */
const COMMIT_RANGES = 5;

/** Scopes on Table Storage: rules 5 and 6 of storage.md. */
export function createScopeStore(needs: Needs): ScopeStore {
  const { table } = needs;
  return {
    register: async (scope, contender) => {
      const { requestId, line, runId, attempt } = contender;
      await table.commit('scope', scopePartition(scope), [
        { kind: 'put', row: waitingRow(requestId), values: { requestId, line, runId, attempt } },
      ]);
    },
    unregister: (scope, requestId, release) => unregister(table, scope, requestId, release),
    waiting: async (scope) => {
      const rows = await table.list('scope', scopePartition(scope), { ranges: [prefixRange('w')] });
      return rows.map(({ values }) => String(values['requestId']));
    },
    view: (scope, commits) => view(table, scope, commits),
    lastScan: (scope, tool, branch) => lastScan(table, scope, tool, branch),
    importReport: (change, fingerprints) => importReport(needs, change, fingerprints),
    pendingWakes: async (scope) => {
      const rows = await table.list('scope', scopePartition(scope), { ranges: [prefixRange('o')] });
      return rows.map(({ row }) => row);
    },
    wakeDone: (scope, wake) => table.remove('scope', scopePartition(scope), wake),
  };
}

/** Of the last release of a scope. */
const RELEASE = 'r';

function waitingRow(requestId: string): string {
  return key('w', component(requestId));
}

async function unregister(
  table: Table,
  scope: ScopeKey,
  requestId: string,
  release: Release | undefined,
): Promise<void> {
  const [partition, row] = [scopePartition(scope), waitingRow(requestId)];
  if (release === undefined) return table.remove('scope', partition, row);
  const noted: Write = { kind: 'put', row: RELEASE, values: { release: JSON.stringify(release) } };
  try {
    await table.commit('scope', partition, [noted, { kind: 'delete', row }]);
  } catch (error) {
    // The row was taken away before: by an earlier try, whose answer was lost.
    if (!(error instanceof ConflictError)) throw error;
    await table.commit('scope', partition, [noted]);
  }
}

function scopePartition(scope: ScopeKey): string {
  return key(scope.org, 's', component(scope.service), component(scope.environment));
}

function findPartition(scope: ScopeKey): string {
  return key(scope.org, 'f', component(scope.service), component(scope.environment));
}

async function view(table: Table, scope: ScopeKey, commits: readonly string[] | 'any'): Promise<ScopeView> {
  const narrow = commits !== 'any' && commits.length <= COMMIT_RANGES;
  const heads = narrow ? commits.map((commit) => prefixRange(key('s', component(commit)))) : [prefixRange('s')];
  const ranges = [prefixRange('a'), { from: RELEASE, before: `${RELEASE}~` }, ...heads, prefixRange('w')];
  const rows = await table.list('scope', scopePartition(scope), { ranges });
  const wanted = (head: ScanHead) => commits === 'any' || commits.includes(head.commit);
  const of = (prefix: string) => rows.filter(({ row }) => row.startsWith(`${prefix}~`));
  const last = rows.find(({ row }) => row === RELEASE)?.values['release'];
  return {
    heads: decodeHeads(of('s')).filter(wanted),
    exceptions: of('a').map(({ values }) => JSON.parse(String(values['exception'])) as ActiveException),
    contenders: of('w').map(({ values }) => contenderOf(values)),
    ...(last === undefined ? {} : { release: JSON.parse(String(last)) as Release }),
  };
}

function contenderOf({ requestId, line, runId, attempt }: Values): Contender {
  return { requestId: String(requestId), line: String(line), runId: Number(runId), attempt: Number(attempt) };
}

function lastRow(tool: string, branch: string): string {
  return key('l', component(tool), component(branch));
}

async function lastScan(
  table: Table,
  scope: ScopeKey,
  tool: string,
  branch: string,
): Promise<ReadonlySet<string> | undefined> {
  const last = await table.get('find', findPartition(scope), lastRow(tool, branch));
  if (last === undefined) return undefined;
  const manifest = key('m', component(String(last.values['scanId'])), component(tool));
  const rows = await table.list('find', findPartition(scope), { ranges: [prefixRange(manifest) as RowRange] });
  return new Set(rows.flatMap(({ values }) => unpack(String(values['fingerprints']))));
}

function pack(fingerprints: readonly string[]): string {
  return Buffer.from(fingerprints.join(''), 'hex').toString('base64');
}

function unpack(packed: string): string[] {
  return Buffer.from(packed, 'base64').toString('hex').match(/.{32}/g) ?? [];
}

async function importReport(
  needs: Needs,
  change: ImportChange,
  fingerprints: ReadonlyMap<string, readonly string[]>,
): Promise<'imported' | 'known'> {
  const before = await stateOf(needs.table, change);
  const recover = plusSeconds(change.at, RECOVER_AFTER_SECONDS);
  const remind = () => needs.due.remind({ kind: 'scope', ...change.scope }, recover);
  if (before.current) {
    // Its sender may have seen it fail: the wake-up may still stand there, and the hint of it be gone.
    await remind();
    return 'known';
  }
  for (const [tool, list] of fingerprints) await writeManifest(needs.table, change, tool, list);
  await remind();
  try {
    await needs.table.commit('scope', scopePartition(change.scope), importWrites(needs, change, before.chain));
  } catch (error) {
    // The same report came twice at once, or our own answer was lost: it is stored either way.
    if (!(error instanceof ConflictError)) throw error;
    if (!(await stateOf(needs.table, change)).current)
      throw new StoreUnavailableError('the report was overtaken by others of the same commit', { cause: error });
  }
  await rememberLast(needs.table, change, [...fingerprints.keys()]);
  return 'imported';
}

/** The report's own chain of evidence, and whether every head is of this report already. */
async function stateOf(table: Table, change: ImportChange): Promise<{ chain: ChainHead; current: boolean }> {
  const evidence = key('e', component(change.reportId));
  const commits = [...new Set(change.heads.map(({ commit }) => prefixRange(key('s', component(commit)))))];
  const rows = await table.list('scope', scopePartition(change.scope), {
    ranges: [prefixRange(evidence), ...commits.slice(0, 1)],
  });
  const links = rows.filter(({ row }) => row.startsWith(`${evidence}~`));
  const last = links.at(-1);
  const byRow = new Map(rows.map((row) => [row.row, row]));
  const isOurs = (head: ScanHead) => isCurrent(byRow.get(headRow(head)), head);
  const chain =
    last === undefined ? EMPTY_CHAIN : { seq: Number(last.row.split('~')[2]), hash: String(last.values['hash']) };
  // Of a report without a head, its evidence is all there is to know it by.
  return { chain, current: change.heads.length > 0 ? change.heads.every(isOurs) : last !== undefined };
}

function importWrites(needs: Needs, change: ImportChange, chain: ChainHead): Write[] {
  const { scope, at, reportId } = change;
  const salt = Buffer.from(needs.random.bytes(16)).toString('hex');
  const aggregate = `${scope.org} report ${reportId}`;
  const entry = nextEntry(chain, change.evidence, { aggregate, at, op: change.op, salt });
  return [
    evidenceWrite(['e', component(reportId)], entry),
    ...change.heads.flatMap(headWrites),
    { kind: 'put', row: key('o', keyTime(at), component(reportId), 'wake'), values: { at } },
  ];
}

/** Readers follow heads only: a manifest whose commit never comes is never seen. */
async function writeManifest(table: Table, change: ImportChange, tool: string, list: readonly string[]): Promise<void> {
  const chunks = Math.max(1, Math.ceil(list.length / MANIFEST_SIZE));
  for (let n = 0; n < chunks; n += 1) {
    const part = list.slice(n * MANIFEST_SIZE, (n + 1) * MANIFEST_SIZE);
    const row = key('m', component(change.reportId), component(tool), sequence(n));
    await table.commit('find', findPartition(change.scope), [
      { kind: 'put', row, values: { fingerprints: pack(part) } },
    ]);
  }
}

/** Which scan the next report of this tool and branch is compared with. */
async function rememberLast(table: Table, change: ImportChange, tools: readonly string[]): Promise<void> {
  const branch = change.heads[0]?.branch ?? '-';
  const writes = tools.map(
    (tool): Write => ({ kind: 'put', row: lastRow(tool, branch), values: { scanId: change.reportId } }),
  );
  if (writes.length > 0) await table.commit('find', findPartition(change.scope), writes);
}
