import type { EvidenceEntry } from './evidence.ts';
import { isJsonObject, type JsonObject, parsedJson } from './json.ts';

/** Where a chain stood when all of it was written to an archive; it may have been deleted since. */
export interface ArchivedHead {
  readonly aggregate: string;
  readonly seq: number;
  readonly hash: string;
}

/** What an entry `archived` says. */
export interface ArchivedDay {
  /** UTC day, yyyy-MM-dd. */
  readonly day: string;
  /** Name of the archive, an export of evidence, and SHA-256 of all its bytes. */
  readonly file: string;
  readonly sha256: string;
  readonly heads: readonly ArchivedHead[];
}

export const ARCHIVED = 'archived';

/** Undefined: the entry says something else. */
export function archivedIn({ aggregate, entry }: Pick<EvidenceEntry, 'aggregate' | 'entry'>): ArchivedDay | undefined {
  // Looked for in the text first: of a hundred thousand entries hardly one is.
  if (!entry.includes(`"kind":"${ARCHIVED}"`)) return undefined;
  const said = parsedJson(entry);
  if (!isJsonObject(said) || said['kind'] !== ARCHIVED || !isJsonObject(said['data'])) return undefined;
  const { day, file, sha256, heads } = said['data'];
  const isWhole =
    [day, file, sha256].every((one) => typeof one === 'string') && Array.isArray(heads) && heads.every(isHead);
  const isOfMonth = typeof day === 'string' && aggregate.endsWith(` archive ${day.slice(0, 7)}`);
  return isWhole && isOfMonth ? (said['data'] as unknown as ArchivedDay) : undefined;
}

function isHead(said: unknown): boolean {
  if (!isJsonObject(said)) return false;
  const { aggregate, seq, hash }: JsonObject = said;
  return typeof aggregate === 'string' && Number.isSafeInteger(seq) && typeof hash === 'string';
}

/** Of whose archive a chain is evidence. */
export function archiveAggregate(tenant: string, month: string): string {
  return `${tenant} archive ${month}`;
}

/** Whether what checkpoints have signed of a chain lies in an archive: it went no further than that. */
export function isArchived(signed: Pick<ArchivedHead, 'seq' | 'hash'>, archived: ArchivedHead | undefined): boolean {
  if (archived === undefined) return false;
  return signed.seq === archived.seq ? signed.hash === archived.hash : signed.seq < archived.seq;
}
