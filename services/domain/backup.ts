import { isJsonObject, parsedJson } from './json.ts';

/** Of the form of a backup; a restore reads no other one. */
export const BACKUP_VERSION = 1;
export const MANIFEST = 'manifest.json';

/** One file of a backup: rows of one table, one a line. */
export interface BackupFile {
  readonly name: string;
  readonly table: string;
  readonly rows: number;
  /** SHA-256 of all its bytes. */
  readonly sha256: string;
}

/** What a backup holds. It is written last: without it there is no backup. */
export interface BackupManifest {
  readonly v: typeof BACKUP_VERSION;
  /** Entra tenant id. */
  readonly tenant: string;
  /** ISO-8601 UTC: what was recorded before then is in it; what came while it was made may be. */
  readonly from: string;
  /** ISO-8601 UTC: when it was done. */
  readonly at: string;
  /** In the order in which they were made. */
  readonly files: readonly BackupFile[];
  /** In words. */
  readonly leftOut: readonly string[];
}

/** As the store has it, without its ETag. */
export interface BackupRow {
  readonly partition: string;
  readonly row: string;
  readonly values: Readonly<Record<string, string | number | boolean>>;
}

/** One line of a file, without its end. */
export function backupLine({ partition, row, values }: BackupRow): string {
  return JSON.stringify({ partition, row, values });
}

/** Undefined: it is no row. */
export function readBackupLine(line: string): BackupRow | undefined {
  const said = parsedJson(line);
  if (!isJsonObject(said) || typeof said['partition'] !== 'string' || typeof said['row'] !== 'string') return undefined;
  const { values } = said;
  const isRow = isJsonObject(values) && Object.values(values).every(isValue);
  return isRow ? (said as unknown as BackupRow) : undefined;
}

function isValue(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value);
}

export function manifestText(manifest: BackupManifest): string {
  return `${JSON.stringify({ backup: manifest }, undefined, 2)}\n`;
}

const CHECKSUM = /^[0-9a-f]{64}$/;
/** No folder in it: what a manifest names lies beside it. */
const FILE = /^[a-z-]+\.jsonl$/;

/** What a manifest says, or why it is none that this version restores. */
export function readManifest(text: string): { readonly manifest: BackupManifest } | { readonly why: string } {
  const said = parsedJson(text);
  const backup = isJsonObject(said) ? said['backup'] : undefined;
  if (!isJsonObject(backup) || !Number.isSafeInteger(backup['v']))
    return { why: `${MANIFEST} is no manifest of a backup of Countersign` };
  if (backup['v'] !== BACKUP_VERSION)
    return {
      why: `the backup is of version ${backup['v']} of its form, this version of Countersign restores ${BACKUP_VERSION}: restore it with the one that made it`,
    };
  const { tenant, from, at, files, leftOut } = backup;
  const isWhole =
    [tenant, from, at].every((one) => typeof one === 'string') &&
    Array.isArray(files) &&
    files.every(isFile) &&
    Array.isArray(leftOut);
  return isWhole
    ? { manifest: backup as unknown as BackupManifest }
    : { why: `${MANIFEST} was changed: it does not say of which tenant, when, and which files` };
}

function isFile(said: unknown): boolean {
  if (!isJsonObject(said)) return false;
  const { name, table, rows, sha256 } = said;
  return (
    typeof name === 'string' &&
    FILE.test(name) &&
    typeof table === 'string' &&
    Number.isSafeInteger(rows) &&
    typeof sha256 === 'string' &&
    CHECKSUM.test(sha256)
  );
}
