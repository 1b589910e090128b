import { findingContext } from '../domain/fingerprint.ts';
import { countOf, listOf, member, objectOf, textOf } from './json-value.ts';
import { readPlace, readRegion, type WrittenPlace } from './sarif-location.ts';
import { compactMessage, readMessage, type WrittenMessage, withoutSecret } from './sarif-message.ts';
import { type RuleReference, readResultRule } from './sarif-rule.ts';
import { type Level, levelOf, type Rating, ratingOf } from './sarif-severity.ts';

/** One result, as little as must be kept of it until its run has been read to the end. JSON, so that it can be packed. */
export interface ResultRow {
  /** Of `Shared`. */
  readonly rule: number;
  /** Of `Shared`. */
  readonly place: number;
  readonly line?: number | undefined;
  /** Kind `open`, `review` or `informational`: something to look at, not a failure. */
  readonly doubtful?: true | undefined;
  readonly level?: Level | undefined;
  readonly rating?: Rating | undefined;
  readonly message: WrittenMessage;
  /** The message to take instead if the finding turns out to be a secret. */
  readonly masked?: WrittenMessage | undefined;
  /** Undefined: the message that its id stands for. */
  readonly context?: string | undefined;
  readonly suppressed?: true | undefined;
  readonly fix?: true | undefined;
  readonly invocation?: number | undefined;
}

/** Rows in order, packed as bytes outside the heap: kept as objects they would be most of the memory of a long report. */
export class PackedRows {
  readonly #packs: (Uint8Array<ArrayBuffer> | undefined)[] = [];
  #open: ResultRow[] = [];
  length = 0;

  push(row: ResultRow): void {
    this.length++;
    if (this.#open.push(row) === PACK) this.#pack();
  }

  /** Once only: what was given is let go. */
  *take(): Generator<ResultRow> {
    this.#pack();
    for (let at = 0; at < this.#packs.length; at++) {
      const pack = this.#packs[at];
      if (pack === undefined) continue;
      const rows: readonly ResultRow[] = JSON.parse(Buffer.from(pack.buffer).toString());
      // Given back at once: the collector does not see memory outside the heap until much later.
      pack.buffer.transfer(0);
      this.#packs[at] = undefined;
      yield* rows;
    }
  }

  #pack(): void {
    this.#packs.push(new TextEncoder().encode(JSON.stringify(this.#open)));
    this.#open = [];
  }
}

const PACK = 250;

/** Rules and places as results name them: a report names the same few again and again. */
export class Shared {
  readonly #rules: RuleReference[] = [];
  readonly #places: WrittenPlace[] = [];
  readonly #ruleById = new Map<string | undefined, number>();
  readonly #placeByUri = new Map<string | undefined, number>();

  addRule(rule: RuleReference): number {
    const known = this.#ruleById.get(rule.id);
    const same = known === undefined ? undefined : this.#rules[known];
    if (known !== undefined && same?.index === rule.index && !same?.component && !rule.component) return known;
    this.#ruleById.set(rule.id, this.#rules.length);
    return this.#rules.push(rule) - 1;
  }

  addPlace(place: WrittenPlace): number {
    const known = this.#placeByUri.get(place.uri);
    if (known !== undefined && isSamePlace(place, this.#places[known])) return known;
    this.#placeByUri.set(place.uri, this.#places.length);
    return this.#places.push(place) - 1;
  }

  rule(at: number): RuleReference {
    return this.#rules[at] as RuleReference;
  }

  place(at: number): WrittenPlace {
    return this.#places[at] as WrittenPlace;
  }
}

function isSamePlace(a: WrittenPlace, b: WrittenPlace | undefined): boolean {
  return a.base === b?.base && a.artifact === b?.artifact && a.logical === b?.logical;
}

/** No problem: the check passed or did not apply (SARIF 2.1.0, 3.27.9), or a baseline says it is gone (3.27.24). */
export function isNoProblem(result: unknown): boolean {
  const kind = member(result, 'kind');
  return kind === 'pass' || kind === 'notApplicable' || member(result, 'baselineState') === 'absent';
}

/** `mayBeSecret` false: the tool is known to report no secrets, so its messages need no second form. */
export function readResult(result: unknown, shared: Shared, mayBeSecret: boolean): ResultRow {
  const kind = textOf(member(result, 'kind'));
  const { line, snippet } = readRegion(result);
  const message = readMessage(member(result, 'message'));
  const masked = mayBeSecret && snippet !== undefined ? withoutSecret(message, snippet) : undefined;
  return {
    rule: shared.addRule(readResultRule(result)),
    place: shared.addPlace(readPlace(result)),
    line,
    doubtful: (kind !== undefined && DOUBTFUL.has(kind)) || undefined,
    level: levelOf(member(result, 'level')),
    rating: ratingOf(member(result, 'properties')),
    message: compactMessage(message),
    masked: masked === undefined ? undefined : compactMessage(masked),
    context: readContext(result, snippet, message),
    suppressed: isSuppressed(member(result, 'suppressions')) || undefined,
    fix: listOf(member(result, 'fixes')).length > 0 || undefined,
    invocation: countOf(member(member(result, 'provenance'), 'invocationIndex')),
  };
}

const DOUBTFUL: ReadonlySet<string> = new Set(['open', 'review', 'informational']);

/** At least one suppression, and none refused or still under review; no status means accepted (3.27.23, 3.35). */
function isSuppressed(suppressions: unknown): boolean {
  const all = listOf(suppressions);
  return all.length > 0 && all.every((entry) => objectOf(entry) !== undefined && isAccepted(member(entry, 'status')));
}

function isAccepted(status: unknown): boolean {
  return status === undefined || status === null || status === 'accepted';
}

function readContext(result: unknown, snippet: string | undefined, message: WrittenMessage): string | undefined {
  const toolPrint = readToolPrint(result);
  if (toolPrint === undefined && (snippet?.trim() ?? '') === '' && typeof message !== 'string') return undefined;
  return findingContext({
    message: typeof message === 'string' ? message : '',
    ...(toolPrint === undefined ? {} : { toolPrint }),
    ...(snippet === undefined ? {} : { snippet }),
  });
}

/**
 * What the tool offers as identity: `primaryLocationLineHash` as GitHub takes it, else the highest key (they are
 * versioned, 3.27.16) of `fingerprints`, else of `partialFingerprints`. Values that change without the problem changing
 * (commit, author, date, whole file, column) and placeholders are passed over.
 */
function readToolPrint(result: unknown): string | undefined {
  const partial = member(result, 'partialFingerprints');
  const lineHash = printOf(member(partial, 'primaryLocationLineHash'));
  return lineHash ?? highestPrint(member(result, 'fingerprints')) ?? highestPrint(partial);
}

const UNSTABLE = /commit|author|mail|date|time|file|column|row|version$/i;

function highestPrint(prints: unknown): string | undefined {
  const keys = Object.keys(objectOf(prints) ?? {}).filter((key) => !UNSTABLE.test(key));
  const key = keys.sort().findLast((name) => printOf(member(prints, name)) !== undefined);
  return key === undefined ? undefined : `${key.slice(0, 100)}=${printOf(member(prints, key))}`;
}

function printOf(value: unknown): string | undefined {
  // Black Duck writes `{ value }` where the standard asks for a string.
  const text = textOf(objectOf(value) === undefined ? value : member(value, 'value'));
  // Semgrep without an account writes the same two words for every result.
  return text === undefined || /^requires login$/i.test(text.trim()) ? undefined : text;
}
