import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readKeys } from '../../services/domain/evidence-export.ts';
import { type ExportFault, type Verification, verifyExport } from '../../services/evidence-verification.ts';
import type { SignatureVerifier } from '../../services/ports/signature-verifier.ts';
import type { Outcome } from './outcome.ts';

interface Files {
  readonly file: string;
  /** JWK Set of a key that is known from elsewhere. */
  readonly key?: string;
  /** Log of checkpoints, as it is kept. */
  readonly checkpoints?: string;
}

/** `evidence verify FILE`: no when anything in it is not what was written, or what checkpoints have signed is missing. */
export async function verifyEvidence(
  needs: { readonly signatures: SignatureVerifier },
  { file, key, checkpoints }: Files,
): Promise<Outcome> {
  const keys = key === undefined ? {} : { keys: await keysIn(key) };
  const log = checkpoints === undefined ? {} : { checkpoints: bytesOf('--checkpoints', checkpoints) };
  const found = await verifyExport(needs, { export: bytesOf('FILE', file), ...keys, ...log });
  const { fault } = found;
  const lines = [...(fault === undefined ? [] : [faultLine(fault)]), ...lackingLines(found), ...goneLines(found)];
  if (lines.length === 0) return { exitCode: 0, lines: soundLines(found) };
  return { exitCode: 1, lines, remarks: ['Not verified.'] };
}

const CHUNK = 1 << 20;

async function* bytesOf(what: string, file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: CHUNK })) yield chunk as Uint8Array;
  } catch (cause) {
    throw unreadable(what, file, cause);
  }
}

async function keysIn(file: string) {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unreadable('--key', file, cause);
  });
  const keys = readKeys(text);
  if (keys === undefined)
    throw new Error(`--key ${file} is no JWK Set of Ed25519 or P-256 keys: save what /.well-known/jwks.json answered`);
  return keys;
}

function unreadable(what: string, file: string, cause: unknown): Error {
  return new Error(`${what} ${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
}

function faultLine({ in: where, line, why, aggregate, seq }: ExportFault): string {
  const entry = aggregate === undefined ? '' : ` (entry ${seq} of ${aggregate})`;
  return plain(`${where === 'export' ? '' : 'checkpoints, '}line ${line}${entry}: ${why}`);
}

/** More of them say nothing more. */
const NAMED = 20;

function lackingLines({ lacking }: Verification): string[] {
  return firstOf(
    lacking,
    ({ aggregate, seq, checkpoint }) =>
      `missing: entry ${seq} of ${aggregate}, which checkpoint ${checkpoint} has signed`,
  );
}

/** Whether an entry says so is known once all of them were read. */
function goneLines({ fault, walked: { gone } }: Verification): string[] {
  if (fault !== undefined) return [];
  return firstOf(
    gone,
    ({ aggregate, seq, field }) =>
      `missing: text ${field} of entry ${seq} of ${aggregate}; no entry says that it was erased`,
  );
}

function firstOf<T>(all: readonly T[], words: (one: T) => string): string[] {
  const named = all.slice(0, NAMED).map((one) => plain(words(one)));
  return all.length > NAMED ? [...named, `and ${all.length - NAMED} more aggregates`] : named;
}

function soundLines({
  head,
  walked,
  checkpoints,
  lastCheckpoint: last,
  compared,
  archived,
  isPinned,
  keyIds,
}: Verification): string[] {
  const { from = 'the beginning', to = head?.at, scope = 'everything' } = head ?? {};
  const { entries, chains, unanchored, erased } = walked;
  const anchored = [
    `${entries - unanchored} entries are under a signed checkpoint of that time, ${unanchored} under the signature of this export alone`,
    `${checkpoints} checkpoints, none left out between them; the last that was read is ${last?.number} of ${last?.at}`,
  ];
  const none = 'no checkpoint: nothing but the signature of this export vouches that no aggregate was left out';
  return [
    `verified: ${entries} entries of ${chains} aggregates of tenant ${head?.tenant}, each chain from its first entry`,
    `of ${scope}, changed from ${from} to ${to}, read at ${head?.at}`,
    ...(last === undefined ? [none] : anchored),
    ...(compared === undefined ? [] : [`${compared} checkpoints of the log that was given: what they signed is here`]),
    ...archiveLines(archived),
    ...(erased === 0 ? [] : [`texts that were erased: ${erased}; that they were there is under the signatures`]),
    isPinned
      ? 'signed by a key that you gave'
      : `not pinned: signed by a key that the export names itself (${keyIds.join(', ')}); give the one that you know by --key`,
  ].map(plain);
}

/** Not here, because they were archived and deleted: as entries say that are under signed checkpoints. */
function archiveLines({ aggregates, files }: Verification['archived']): string[] {
  if (aggregates === 0) return [];
  return [
    `archived: ${aggregates} aggregates that checkpoints have signed were deleted after they were archived; verify these files too:`,
    ...files.map(({ name, sha256 }) => `${name} ${sha256}`),
  ];
}

/** What somebody has forged is shown, and commands no terminal. */
function plain(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
