import { Buffer } from 'node:buffer';
import type { FindingEvent } from '../domain/finding-event.ts';
import { type HistoryStep, minuteOf, next, type Track } from '../domain/finding-history.ts';
import { type Steps, visit } from '../domain/steps.ts';
import type {
  ImportChange,
  ImportedScan,
  ScopeEvents,
  ScopeKey,
  StoredFinding,
  StoredHistory,
} from '../ports/scope-store.ts';
import {
  ConflictError,
  type Row,
  type RowRange,
  StoreUnavailableError,
  type Table,
  type Write,
} from '../ports/table.ts';
import { inTurns } from '../ports/turns.ts';
import { writeEvents } from './event-rows.ts';
import { printRows, trackRows, unpackPrints, unpackTracks } from './history-codec.ts';
import { component, key, prefixRange } from './keys.ts';

const TRIES = 4;

export function findPartition(scope: ScopeKey): string {
  return key(scope.org, 'f', component(scope.service), component(scope.environment));
}

/** Which scan the next one of the same tool and branch is compared with, where the branch has no history. */
export function lastRow(tool: string, branch: string): string {
  return key('l', component(tool), component(branch));
}

function historyRow(tool: string): string {
  return key('h', component(tool));
}

/** This row alone: no character of a key sorts before `-`. */
function only(row: string): RowRange {
  return { from: row, before: `${row}-` };
}

/** One call for each of: the history, its findings, and what is gone, where the scan differs from what is present. */
export async function readHistory(
  table: Table,
  scope: ScopeKey,
  tool: string,
  branch: string,
  scan: { readonly at: string; readonly fingerprints: readonly string[] },
): Promise<StoredHistory> {
  const [own, last] = [historyRow(tool), lastRow(tool, branch)];
  const rows = await table.list('find', findPartition(scope), { ranges: [only(own), only(last)] });
  const row = rows.find((one) => one.row === own);
  if (row !== undefined) return decoded(table, scope, tool, row, scan.fingerprints);
  // Before there were histories only the last scan was kept: what it saw counts from now.
  const scanId = rows.find((one) => one.row === last)?.values['scanId'];
  const since = { firstSeen: minuteOf(scan.at), total: 1, goneAt: 0, backAt: 0 };
  const present = new Map<string, Track>();
  if (scanId !== undefined)
    await readManifest(table, scope, String(scanId), tool, (fingerprint) => present.set(fingerprint, since));
  return { history: { seq: 0, scanned: [], present, gone: new Map() }, verified: false, spreading: [] };
}

async function decoded(
  table: Table,
  scope: ScopeKey,
  tool: string,
  { etag, values }: Row,
  fingerprints: readonly string[],
): Promise<StoredHistory> {
  const id = String(values['scanId']);
  const present = new Map<string, Track>();
  await readManifest(table, scope, id, tool, (fingerprint, track) => present.set(fingerprint, track));
  if (present.size !== values['present']) throw new Error(`the history of ${tool} in ${scope.service} is incomplete`);
  const differs = present.size !== fingerprints.length || !(await inTurns(areAll(fingerprints, present)));
  const gone = differs && Number(values['gone']) > 0 ? await readGone(table, scope, tool, Number(values['gone'])) : [];
  const packed = Buffer.from(String(values['scanned']), 'base64');
  return {
    history: {
      seq: Number(values['seq']),
      last: { id, at: String(values['at']) },
      scanned: Array.from({ length: packed.length / 4 }, (_, n) => packed.readUInt32BE(n * 4)),
      present,
      gone: new Map(gone),
    },
    verified: values['verified'] === true,
    spreading: JSON.parse(String(values['spreading'] ?? '[]')) as readonly string[],
    version: etag,
  };
}

function* areAll(fingerprints: readonly string[], present: ReadonlyMap<string, Track>): Steps<boolean> {
  let known = 0;
  yield* visit(fingerprints, (one) => {
    if (present.has(one)) known += 1;
  });
  return known === fingerprints.length;
}

/** Takes the fingerprints of one scan, each with its numbers where it is one of a history. */
export async function readManifest(
  table: Table,
  scope: ScopeKey,
  scanId: string,
  tool: string,
  take: (fingerprint: string, track: Track) => void,
): Promise<void> {
  const ranges = [prefixRange(key('m', component(scanId), component(tool)))];
  const rows = await table.list('find', findPartition(scope), { ranges });
  for (const { values } of rows) {
    const { tracks, fingerprints = '' } = values as { readonly tracks?: string; readonly fingerprints?: string };
    await (tracks === undefined
      ? inTurns(visit(unpackPrints(fingerprints), (one) => take(one, NEVER_SEEN)))
      : inTurns(visit(unpackTracks(tracks), ([one, track]) => take(one, track))));
  }
}

const NEVER_SEEN: Track = { firstSeen: 0, total: 0, goneAt: 0, backAt: 0 };

async function readGone(table: Table, scope: ScopeKey, tool: string, count: number): Promise<[string, Track][]> {
  const ranges = [prefixRange(key('g', component(tool)))];
  const rows = await table.list('find', findPartition(scope), { ranges });
  // A row that an earlier, longer list has left behind holds nothing of this one.
  return rows.flatMap(({ values }) => [...unpackTracks(String(values['tracks']))]).slice(0, count);
}

/** Readers follow the history only: a manifest whose commit never comes is never seen. */
export async function writeManifest(
  table: Table,
  change: ImportChange,
  { tool, ...scan }: ImportedScan,
): Promise<void> {
  const partition = findPartition(change.scope);
  const prefix = (id: string) => ['m', component(id), component(tool)];
  const { moves } = scan;
  const rows =
    moves.kind === 'history'
      ? trackRows(prefix(idOf(moves.step)), moves.step.history.present)
      : printRows(prefix(change.reportId), scan.fingerprints);
  for (const write of rows) await table.commit('find', partition, [write]);
}

function idOf({ history }: HistoryStep): string {
  return history.last?.id ?? '-';
}

/**
 * The history becomes that after this scan. When another scan came between, both are counted, one after the other.
 * Events come first: told twice they are the same rows, and a history that has moved is never without them.
 */
export async function moveHistory(table: Table, change: ImportChange, scan: ImportedScan): Promise<void> {
  if (scan.moves.kind !== 'history') return;
  let { stored, step } = scan.moves;
  const { branch, spread } = scan.moves;
  const spreading = (await spread?.()) ?? stored.spreading;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (!step.moves) return;
    if (tries > 0) await writeManifest(table, change, { ...scan, moves: { kind: 'history', branch, stored, step } });
    await writeEvents(table, findPartition(change.scope), change, scan.tool, step);
    try {
      await table.commit(
        'find',
        findPartition(change.scope),
        historyWrites(change, scan.tool, { ...stored, spreading }, step),
      );
      return;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
    const asked = { id: idOf(step), at: change.at, fingerprints: scan.fingerprints };
    stored = await readHistory(table, change.scope, scan.tool, branch, asked);
    step = await inTurns(next(stored.history, asked));
  }
  throw new StoreUnavailableError(`the history of ${scan.tool} was overtaken again and again`);
}

function historyWrites(change: ImportChange, tool: string, stored: StoredHistory, { history }: HistoryStep): Write[] {
  const scanned = Buffer.alloc(history.scanned.length * 4);
  for (const [n, minute] of history.scanned.entries()) scanned.writeUInt32BE(minute, n * 4);
  const head = change.heads.find((one) => one.tool === tool);
  const values = {
    tool,
    scanId: history.last?.id ?? '-',
    at: history.last?.at ?? change.at,
    seq: history.seq,
    scanned: scanned.toString('base64'),
    present: history.present.size,
    gone: history.gone.size,
    verified: stored.verified || head?.verified === true,
    spreading: JSON.stringify(stored.spreading),
    ...(head === undefined ? {} : { commit: head.commit }),
  };
  const row = historyRow(tool);
  const moved: Write =
    stored.version === undefined
      ? { kind: 'create', row, values }
      : { kind: 'replace', row, values, etag: stored.version };
  const isSame = history.gone === stored.history.gone;
  return [moved, ...(isSame ? [] : trackRows(['g', component(tool)], history.gone))];
}

/** Events of one finding, oldest first. */
export async function readEvents(table: Table, scope: ScopeKey, fingerprint: string): Promise<FindingEvent[]> {
  const rows = await table.list('find', findPartition(scope), {
    ranges: [prefixRange(key('x', component(fingerprint)))],
  });
  return rows.map(({ values }) => ({ ...values }) as unknown as FindingEvent);
}

/** In whichever history of this scope it is, open or gone. */
export async function readTrack(table: Table, scope: ScopeKey, fingerprint: string): Promise<StoredFinding['known']> {
  const rows = await table.list('find', findPartition(scope), { ranges: [prefixRange('h')] });
  for (const row of rows) {
    const tool = String(row.values['tool']);
    const { history } = await decoded(table, scope, tool, row, [fingerprint]);
    const track = history.present.get(fingerprint) ?? history.gone.get(fingerprint);
    if (track !== undefined) return { tool, track, history };
  }
  return undefined;
}

/** One list of the scope's histories and of every event: those of one finding lie together, in the order of its scans. */
export async function readEventsSince(table: Table, scope: ScopeKey, since: string): Promise<ScopeEvents> {
  const rows = await table.list('find', findPartition(scope), { ranges: [prefixRange('h'), prefixRange('x')] });
  const counted = rows.filter(({ row }) => row.startsWith('h~'));
  const byFinding = Map.groupBy(
    rows.filter(({ row }) => row.startsWith('x~')),
    ({ row }) => row.split('~')[1] ?? '',
  );
  const newer = ({ values }: Row) => String(values['at']) >= since;
  const unkept = (byFinding.get('-') ?? []).filter(newer);
  byFinding.delete('-');
  return {
    newest: counted
      .flatMap(({ values: { tool, commit } }) =>
        commit === undefined ? [] : [{ tool: String(tool), commit: String(commit) }],
      )
      .sort((a, b) => (a.tool < b.tool ? -1 : 1)),
    events: new Map(
      [...byFinding]
        .filter(([, its]) => its.some(newer))
        .map(([one, its]) => [one, its.map(({ values }) => ({ ...values }) as unknown as FindingEvent)]),
    ),
    unkept: unkept.reduce((sum, { values }) => sum + Number(values['more']), 0),
  };
}
