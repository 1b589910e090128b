import type { BackupRow } from '../domain/backup.ts';
import type { EvidenceEntry } from '../domain/evidence.ts';
import type { TableName } from './table.ts';

/** Rows that go into one file. */
export interface BackupPart {
  readonly name: string;
  readonly table: TableName;
}

/** That a restore was begun and not ended. */
export interface RestoreMark {
  /** SHA-256 of the manifest of what is restored. */
  readonly manifest: string;
  /** ISO-8601 UTC; when the backup was made. */
  readonly backupAt: string;
  /** Names of the files that are in the store already. */
  readonly done: readonly string[];
}

/** Every row of the store, whatever it means. Rejects with StoreUnavailableError. */
export interface BackupStore {
  /**
   * In the order in which they are to be read, so that nothing refers to what was recorded later: `from` is the instant (ISO-8601 UTC) at
   * which that begins.
   */
  readonly parts: readonly BackupPart[];
  /** In the order of their keys, never all in memory. What a restored store must not have is left out. */
  rows(part: BackupPart, from: string): AsyncIterable<BackupRow>;
  /** What is left out, in words. */
  readonly leftOut: readonly string[];
  /** Makes the tables that are not there. */
  prepare(): Promise<void>;
  /** A table that has a row, if any has: nothing is ever restored over something. */
  occupied(): Promise<TableName | undefined>;
  /** The restore that is under way. */
  mark(): Promise<RestoreMark | undefined>;
  /** Notes that this one is under way, and how far it came. */
  note(mark: RestoreMark): Promise<void>;
  /** Writes these rows; doing it again changes nothing. */
  put(table: TableName, rows: readonly BackupRow[]): Promise<void>;
  /** It is not under way any more: in one transaction with the evidence `restored`. `at`: ISO-8601 UTC of now. */
  end(mark: RestoreMark, at: string): Promise<void>;
  /** The link of a chain that a row is, if it is one, and which chain's; the rows of a chain follow one another. */
  linkOf(table: TableName, row: BackupRow): { readonly chain: string; readonly entry: EvidenceEntry } | undefined;
}

/** A folder of files. */
export interface BackupFiles {
  /** Text of a small file; undefined when there is none. */
  text(name: string): Promise<string | undefined>;
  /** Its bytes. Rejects with a sentence when it cannot be read. */
  bytes(name: string): AsyncIterable<Uint8Array>;
  /** Writes a new file; whoever calls for its text is waited for. */
  write(name: string, text: AsyncIterable<string>): Promise<void>;
}
