import {
  BACKUP_VERSION,
  type BackupFile,
  type BackupManifest,
  type BackupRow,
  backupLine,
  MANIFEST,
  manifestText,
  readBackupLine,
  readManifest,
} from './domain/backup.ts';
import { runningSha256, sha256 } from './domain/checksum.ts';
import { type ChainHead, checkLink, EMPTY_CHAIN } from './domain/evidence.ts';
import { createLineSplitter, type SplitLine } from './domain/line-splitter.ts';
import type { BackupFiles, BackupPart, BackupStore, RestoreMark } from './ports/backup-store.ts';
import type { Clock } from './ports/clock.ts';
import type { TableName } from './ports/table.ts';

interface Needs {
  readonly store: BackupStore;
  readonly clock: Clock;
  /** Entra tenant id. */
  readonly tenant: string;
  /** Lists anew what is open and what is due, by the records: tables are copied one after the other, while work goes on. */
  readonly reindex: () => Promise<void>;
}

/** What became of the evidence. */
export interface CheckedChains {
  readonly chains: number;
  readonly entries: number;
  /** The first link of each chain that does not go on from the one before it: its aggregate and number. */
  readonly broken: readonly { readonly aggregate: string; readonly seq: number }[];
}

export type BackupOutcome =
  | { readonly kind: 'done'; readonly manifest: BackupManifest; readonly evidence: CheckedChains }
  /** In words; nothing was written, or what was written can go on. */
  | { readonly kind: 'refused'; readonly why: string };

export type Backups = ReturnType<typeof createBackups>;

/** Everything in the store as files, and files as everything in an empty store: docs/operations.md has when and how. */
export function createBackups(needs: Needs) {
  return {
    /** Into a folder without a manifest. Rejects with StoreUnavailableError, or with a sentence about a file: then there is no manifest. */
    backup: (files: BackupFiles): Promise<BackupOutcome> => backup(needs, files),
    /** Rejects as `backup`: the same again goes on with the file that it was at. */
    restore: (files: BackupFiles): Promise<BackupOutcome> => restore(needs, files),
  };
}

const refused = (why: string) => ({ kind: 'refused', why }) as const;

async function backup({ store, clock, tenant }: Needs, files: BackupFiles): Promise<BackupOutcome> {
  if ((await files.text(MANIFEST)) !== undefined)
    return refused('the folder holds a backup already: name one that does not exist yet');
  const mark = await store.mark();
  if (mark !== undefined) return refused(`the store is half restored, from the backup of ${mark.backupAt}`);
  const from = clock.now();
  const chains = createChainCheck(store);
  const made: BackupFile[] = [];
  for (const part of store.parts) made.push(await writePart(store, files, part, from, chains));
  const { leftOut } = store;
  const manifest: BackupManifest = { v: BACKUP_VERSION, tenant, from, at: clock.now(), files: made, leftOut };
  await files.write(MANIFEST, only(manifestText(manifest)));
  return { kind: 'done', manifest, evidence: chains.found() };
}

async function* only(text: string): AsyncGenerator<string> {
  yield text;
}

const CHUNK = 1 << 16;

async function writePart(
  store: BackupStore,
  files: BackupFiles,
  part: BackupPart,
  from: string,
  chains: ChainCheck,
): Promise<BackupFile> {
  const bytes = runningSha256();
  const name = `${part.name}.jsonl`;
  let rows = 0;
  async function* lines() {
    let pending = '';
    for await (const row of store.rows(part, from)) {
      rows += 1;
      chains.take(part.table, row);
      pending += `${backupLine(row)}\n`;
      if (pending.length < CHUNK) continue;
      bytes.add(pending);
      yield pending;
      pending = '';
    }
    bytes.add(pending);
    yield pending;
  }
  await files.write(name, lines());
  return { name, table: part.table, rows, sha256: bytes.hex() };
}

async function restore(needs: Needs, files: BackupFiles): Promise<BackupOutcome> {
  const { store, clock } = needs;
  const text = await files.text(MANIFEST);
  if (text === undefined) return refused(`there is no ${MANIFEST} in the folder: the backup was not finished`);
  const read = readManifest(text);
  if ('why' in read) return refused(read.why);
  const { manifest } = read;
  const unfitting = unfit(needs, manifest);
  if (unfitting !== undefined) return refused(unfitting);
  await store.prepare();
  const occupied = await notEmpty(store, sha256(text));
  if (occupied !== undefined) return refused(occupied);
  const chains = createChainCheck(store);
  for (const file of manifest.files) {
    const differs = await compare(files, file, chains);
    if (differs !== undefined) return refused(`${file.name} ${differs}; nothing was restored`);
  }
  const done = new Set((await store.mark())?.done);
  const mark = (): RestoreMark => ({ manifest: sha256(text), backupAt: manifest.at, done: [...done] });
  for (const file of manifest.files) {
    await store.note(mark());
    if (!done.has(file.name)) await putAll(store, files, file);
    done.add(file.name);
  }
  await needs.reindex();
  await store.end(mark(), clock.now());
  return { kind: 'done', manifest, evidence: chains.found() };
}

function unfit({ tenant, store }: Needs, manifest: BackupManifest): string | undefined {
  if (manifest.tenant.toLowerCase() !== tenant.toLowerCase())
    return `the backup is of tenant ${manifest.tenant}, BOT_TENANT_ID is ${tenant}`;
  const expected = store.parts.map(({ name, table }) => `${name}.jsonl of ${table}`);
  const named = manifest.files.map(({ name, table }) => `${name} of ${table}`);
  const missing = expected.find((one) => !named.includes(one));
  const unknown = named.find((one) => !expected.includes(one));
  if (missing !== undefined) return `${MANIFEST} does not name ${missing}`;
  return unknown === undefined ? undefined : `${MANIFEST} names ${unknown}, which no backup has`;
}

/** Nothing is restored over anything, but what the same restore has left. */
async function notEmpty(store: BackupStore, manifest: string): Promise<string | undefined> {
  const mark = await store.mark();
  if (mark?.manifest === manifest) return undefined;
  if (mark !== undefined)
    return `the store is half restored from another backup, of ${mark.backupAt}: restore that one again`;
  const table = await store.occupied();
  return table === undefined
    ? undefined
    : `the store is not empty: table ${table} has rows. Name another TABLES_PREFIX or account, or empty it`;
}

const LONGEST_LINE = 16 * 1024 * 1024;

type ReadRow = { readonly row: BackupRow; readonly text: string } | { readonly why: string };

/** Rows with the text of their lines; behind what is no row nothing is read. */
async function* rowsOf(files: BackupFiles, { name }: BackupFile): AsyncGenerator<ReadRow> {
  let line = 0;
  for await (const lines of linesOf(files.bytes(name))) {
    for (const one of lines) {
      line += 1;
      const read = readRow(one, line);
      yield read;
      if ('why' in read) return;
    }
  }
}

function readRow(one: SplitLine, line: number): ReadRow {
  if ('why' in one) return { why: `line ${line}: ${one.why}` };
  const row = readBackupLine(one.text);
  return row === undefined ? { why: `line ${line}: it is no row of a backup` } : { row, text: one.text };
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly SplitLine[]> {
  const splitter = createLineSplitter(LONGEST_LINE);
  for await (const chunk of chunks) yield splitter.push(chunk);
  yield splitter.rest();
}

/** How a file differs from what the manifest says of it, in words. */
async function compare(files: BackupFiles, file: BackupFile, chains: ChainCheck): Promise<string | undefined> {
  const bytes = runningSha256();
  let rows = 0;
  for await (const read of rowsOf(files, file)) {
    if ('why' in read) return read.why;
    rows += 1;
    bytes.add(`${read.text}\n`);
    chains.take(file.table as TableName, read.row);
  }
  if (rows !== file.rows) return `has ${rows} rows, the manifest says ${file.rows}`;
  return bytes.hex() === file.sha256 ? undefined : 'is not what was written: its checksum differs from the manifest';
}

/** Of the largest rows so many are in memory at once. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_ROWS = 5_000;

async function putAll(store: BackupStore, files: BackupFiles, file: BackupFile): Promise<void> {
  let pending: BackupRow[] = [];
  let bytes = 0;
  const put = async () => {
    await store.put(file.table as TableName, pending);
    pending = [];
    bytes = 0;
  };
  for await (const read of rowsOf(files, file)) {
    if ('why' in read) throw new Error(`${file.name} ${read.why}; it was changed meanwhile`);
    pending.push(read.row);
    bytes += read.text.length;
    if (pending.length >= MOST_ROWS || bytes >= MOST_BYTES) await put();
  }
  await put();
}

type ChainCheck = ReturnType<typeof createChainCheck>;

/** Rows as they come: each chain's are in order. */
function createChainCheck(store: BackupStore) {
  const broken: { readonly aggregate: string; readonly seq: number }[] = [];
  const count = { chains: 0, entries: 0 };
  let [chain, head, isBroken]: [string, ChainHead, boolean] = ['', EMPTY_CHAIN, false];
  return {
    take: (table: TableName, row: BackupRow): void => {
      const link = store.linkOf(table, row);
      if (link === undefined) return;
      const { entry } = link;
      if (link.chain !== chain) {
        [chain, head, isBroken] = [link.chain, EMPTY_CHAIN, false];
        count.chains += 1;
      }
      count.entries += 1;
      if (!isBroken && 'broken' in checkLink(head, entry)) {
        isBroken = true;
        broken.push({ aggregate: entry.aggregate, seq: entry.seq });
      }
      head = entry;
    },
    found: (): CheckedChains => ({ ...count, broken }),
  };
}
