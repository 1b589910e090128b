import { sha256, sha256Half } from './checksum.ts';
import type { Category } from './finding.ts';

/** What makes a problem the same problem in the next run; no line number, so that moved lines keep it. */
export interface FindingIdentity {
  readonly category: Category;
  /** Tool family. */
  readonly tool: string;
  readonly rule: string;
  /** As `normalisePath` gives it; '' where the finding has no place. */
  readonly path: string;
  /** What `findingContext` gives. */
  readonly context: string;
}

/** What a report offers to tell one problem from another of the same rule in the same file. */
export interface ContextSources {
  /** The tool's own identity value. Mixed in, never used alone: the report's author controls it. */
  readonly toolPrint?: string | undefined;
  readonly snippet?: string | undefined;
  readonly message: string;
}

const SHORT = 160;

/** The best source present: the tool's value, else the code without its layout, else the message without positions. */
export function findingContext(sources: ContextSources): string {
  if (sources.toolPrint !== undefined) return bounded(`tool:${sources.toolPrint}`);
  const snippet = sources.snippet?.replace(/\s+/g, ' ').trim() ?? '';
  if (snippet !== '') return bounded(`code:${snippet}`);
  return bounded(`text:${withoutPositions(sources.message)}`);
}

// Long contexts are only ever compared: their checksum takes less room while a report is being read.
function bounded(context: string): string {
  return context.length <= SHORT ? context : sha256(context);
}

const POSITION =
  /\b(lines?|columns?|col|offset|chars?|characters?)( {0,2}[:=#]? {0,2})\d+( {0,2}(?:-|–|to|and) {0,2}\d+)?/gi;
const COLON_POSITION = /(\.\w{1,10}):\d+(?::\d+)?/g;

function withoutPositions(message: string): string {
  return message.replace(POSITION, '$1').replace(COLON_POSITION, '$1');
}

/**
 * Fingerprints of one report's findings (contract.md, "Fingerprint"): the first 128 bits of SHA-256, as 32 lower-case
 * hexadecimal characters, over identity and ordinal. Equal identities are counted in the order given, so the set of
 * fingerprints does not depend on the order of a report's entries.
 */
export class FingerprintSeries {
  readonly #seen = new Set<string>();
  /** Of those seen more than once: how often before. */
  readonly #again = new Map<string, number>();

  next(identity: FindingIdentity): string {
    const first = firstFingerprint(identity);
    const before = this.#seen.size;
    if (this.#seen.add(first).size > before) return first;
    const ordinal = (this.#again.get(first) ?? 0) + 1;
    this.#again.set(first, ordinal);
    return fingerprintOf(identity, ordinal);
  }
}

/** That of the first finding of this identity in a report. */
export function firstFingerprint(identity: FindingIdentity): string {
  return fingerprintOf(identity, 0);
}

function fingerprintOf({ category, tool, rule, path, context }: FindingIdentity, ordinal: number): string {
  // Canonical as it is (RFC 8785): texts and one integer.
  return sha256Half(JSON.stringify([category, tool, rule, path, context, ordinal]));
}

/**
 * A place as reports write it (percent-encoded URI, `file:` with two to four slashes, backslashes, `./`), as a path
 * without a leading slash. `..` is resolved where a folder stands before it. A drive letter stays, in lower case.
 */
export function normalisePath(written: string): string {
  const slashed = decodePercent(written).replaceAll('\\', '/');
  const parts: string[] = [];
  for (const part of slashed.replace(/^file:(?:\/\/localhost(?=\/))?/i, '').split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/').replace(/^[A-Z](?=:)/, (drive) => drive.toLowerCase());
}

function decodePercent(written: string): string {
  if (!written.includes('%')) return written;
  try {
    return decodeURIComponent(written);
  } catch (cause) {
    // A bare percent sign in a file's name is no encoding: the name is taken as it stands.
    if (cause instanceof URIError) return written;
    throw cause;
  }
}
