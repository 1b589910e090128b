import { sha256, sha256Base32 } from './checksum.ts';
import type { ExceptionField } from './exception-refusal.ts';
import { missingFields } from './exception-terms.ts';
import type { OutsideException } from './outside-exception.ts';
import type { PersonActor } from './person.ts';

/** An exception of another tool as it is kept here. It covers nothing. */
export interface ImportedException {
  /** 16 characters, the same whenever it is brought in. */
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly entry: OutsideException;
  /** Only findings of this control are meant. */
  readonly control?: string;
  /** Who brought it in as it is. */
  readonly by: PersonActor;
  /** ISO-8601 UTC; when they did. */
  readonly at: string;
  /** ISO-8601 UTC; since when its file does not have it any more. */
  readonly goneAt?: string;
  /** The exceptions that were asked for in its place, or cover it. */
  readonly requested?: readonly [string, ...string[]];
}

/** `unmanaged`: nothing was asked for in its place. */
export type ImportStanding = 'unmanaged' | 'requested' | 'ended' | 'gone';

/** By the clock, whatever is noted; `today` is an ISO date (UTC). */
export function importStanding({ goneAt, requested, entry }: ImportedException, today: string): ImportStanding {
  if (goneAt !== undefined) return 'gone';
  if (requested !== undefined) return 'requested';
  return hasEnded(entry, today) ? 'ended' : 'unmanaged';
}

/** What has to be said of it before it can be asked for; empty: nothing. */
export function importLacks({ entry }: ImportedException): readonly ExceptionField[] {
  return missingFields(entry.terms);
}

/** Noted as asked for under this id, or covered by it; itself where that is noted already. */
export function importRequested(imported: ImportedException, id: string): ImportedException {
  const { requested } = imported;
  if (requested?.includes(id) === true) return imported;
  return { ...imported, requested: requested === undefined ? [id] : [...requested, id] };
}

/** The same for the same entry, whoever brings it in and however often: nothing is asked for twice. */
export function importOperation(imported: ImportedException, control: string): string {
  const { id, service, environment } = imported;
  return sha256(JSON.stringify(['import', service, environment, id, control, contentOf(imported)]));
}

/** A file of exceptions as it was brought in. */
export interface ImportedFile {
  readonly source: OutsideException['source'];
  readonly entries: readonly OutsideException[];
  /** False: something of it could not be read, so nobody knows what it does not have any more. */
  readonly isWhole: boolean;
}

export interface ImportPlan {
  /** Of each entry in turn; of what ended before anybody brought it in, what it would have been. */
  readonly ids: readonly string[];
  /** Those that are new or have changed. */
  readonly changed: readonly ImportedException[];
  /** How many of them the file does not have any more. */
  readonly gone: number;
}

/** What a file changes in what is kept of its tool in one service and environment; a changed entry is a new question. */
export function planImport(
  known: readonly ImportedException[],
  { source, entries, isWhole }: ImportedFile,
  as: Pick<ImportedException, 'service' | 'environment' | 'control' | 'by' | 'at'>,
): ImportPlan {
  const byId = new Map(known.map((one) => [one.id, one]));
  const ids = idsOf(entries);
  const today = as.at.slice(0, 10);
  const there = entries.flatMap((entry, n) => {
    const [id = '', before] = [ids[n], byId.get(ids[n] ?? '')];
    if (before === undefined && hasEnded(entry, today)) return [];
    const next = { id, entry, ...as };
    return before !== undefined && isSame(before, next) ? [] : [kept(before, next)];
  });
  const inFile = new Set(ids);
  const isGone = (one: ImportedException) => one.entry.source === source && !inFile.has(one.id);
  const gone = isWhole ? known.filter((one) => isGone(one) && one.goneAt === undefined) : [];
  return { ids, changed: [...there, ...gone.map((one) => ({ ...one, goneAt: as.at }))], gone: gone.length };
}

/** What only moved within its file, or is back, stays what it was. */
function kept(before: ImportedException | undefined, next: ImportedException): ImportedException {
  if (before === undefined || contentOf(before) !== contentOf(next)) return next;
  const { goneAt: _, ...rest } = before;
  return { ...rest, entry: next.entry };
}

function isSame(before: ImportedException, next: ImportedException): boolean {
  return before.goneAt === undefined && before.entry.line === next.entry.line && contentOf(before) === contentOf(next);
}

function contentOf({ control, entry: { line: _, ...entry } }: ImportedException): string {
  const { terms, ...rest } = entry;
  return JSON.stringify([control ?? '', Object.entries(rest).sort(), Object.entries(terms).sort()]);
}

/** Two of a file that are about the same are told apart by their order. */
function idsOf(entries: readonly OutsideException[]): string[] {
  const seen = new Map<string, number>();
  return entries.map(({ source, name, rules, paths, narrowedBy, exempts }) => {
    const key = JSON.stringify([source, name, rules, paths, narrowedBy, ...(exempts === undefined ? [] : [exempts])]);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return sha256Base32(JSON.stringify([key, nth])).slice(0, 16);
  });
}

function hasEnded({ terms }: OutsideException, today: string): boolean {
  return terms.until !== undefined && terms.until < today;
}

export interface ListedImport {
  readonly imported: ImportedException;
  readonly standing: ImportStanding;
  /** What was asked for in its place, all of which is over. */
  readonly over: readonly string[];
}

export interface ImportList {
  /** As the catalog or the store writes it; absent: of every service. */
  readonly service?: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** First those that nobody answers for, then those whose time is over there; by service, environment, and their file. */
  readonly rows: readonly ListedImport[];
}
