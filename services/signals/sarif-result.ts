import { findingContext } from '../domain/fingerprint.ts';
import { countOf, type JsonObject, listOf, member, objectOf, textOf } from './json-value.ts';
import { readLocation, type WrittenPlace } from './sarif-location.ts';
import { compactMessage, readMessage, type WrittenMessage, withoutSecret } from './sarif-message.ts';
import { type RuleReference, readResultRule } from './sarif-rule.ts';
import { type Level, levelOf, type Rating, ratingOf } from './sarif-severity.ts';

/** One result, as little as must be kept of it until its run has been read to the end. */
export interface ResultRow {
  /** Of `Shared`. */
  readonly rule: number;
  /** Of `Shared`. */
  readonly place: number;
  readonly line: number | undefined;
  readonly level: Level | undefined;
  /** The text; empty where `rare` has the id that it stands for. */
  readonly message: string;
  /** Empty: the message that its id stands for. */
  readonly context: string;
  readonly rare: RareParts | undefined;
}

/** What most results do not have. */
export interface RareParts {
  /** The message, where only its id is written. */
  readonly message?: WrittenMessage | undefined;
  /** The message to take instead if the finding turns out to be a secret. */
  readonly masked?: WrittenMessage | undefined;
  /** Kind `open`, `review` or `informational`: something to look at, not a failure. */
  readonly doubtful?: true | undefined;
  readonly rating?: Rating | undefined;
  readonly suppressed?: true | undefined;
  readonly fix?: true | undefined;
  readonly invocation?: number | undefined;
}

/** Rules and places as results name them: a report names the same few again and again. */
export class Shared {
  readonly #rules: RuleReference[] = [];
  readonly #places: WrittenPlace[] = [];
  readonly #ruleById = new Map<string | undefined, number>();
  readonly #placeByName = new Map<string | number | undefined, number>();

  addRule(rule: RuleReference): number {
    const known = this.#ruleById.get(rule.id);
    const same = known === undefined ? undefined : this.#rules[known];
    if (known !== undefined && same?.index === rule.index && !same?.component && !rule.component) return known;
    this.#ruleById.set(rule.id, this.#rules.length);
    return this.#rules.push(rule) - 1;
  }

  addPlace(place: WrittenPlace): number {
    const name = place.uri ?? place.artifact ?? place.logical;
    const known = this.#placeByName.get(name);
    if (known !== undefined && isSamePlace(place, this.#places[known])) return known;
    this.#placeByName.set(name, this.#places.length);
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
  return a.uri === b?.uri && a.base === b?.base && a.artifact === b?.artifact && a.logical === b?.logical;
}

/** Why it is no problem (SARIF 2.1.0, 3.27.9 and 3.27.24); undefined: it is one. */
export function noProblem({ kind, baselineState }: JsonObject): string | undefined {
  if (kind === 'pass') return 'a check that passed';
  if (kind === 'notApplicable') return 'a check that does not apply';
  return baselineState === 'absent' ? 'gone since the baseline of the report' : undefined;
}

/**
 * `mayBeSecret` false: results of this rule report no secrets, so their messages need no second form. Members are taken
 * as they stand, because that is fast: no object inherits any of these names.
 */
export function readResult(result: JsonObject, shared: Shared, mayBeSecret: (rule: number) => boolean): ResultRow {
  const rule = shared.addRule(readResultRule(result));
  const { place, line, snippet } = readLocation(result);
  const message = readMessage(result['message']);
  const masked = snippet !== undefined && mayBeSecret(rule) ? withoutSecret(message, snippet) : undefined;
  const shown = compactMessage(message);
  return {
    rule,
    place: shared.addPlace(place),
    line,
    level: levelOf(result['level']),
    message: typeof shown === 'string' ? shown : '',
    context: readContext(result, snippet, message),
    rare: readRare(result, typeof shown === 'string' ? undefined : shown, masked),
  };
}

function readRare(
  { kind, properties, suppressions, fixes, provenance }: JsonObject,
  message: WrittenMessage | undefined,
  masked: WrittenMessage | undefined,
): RareParts | undefined {
  const doubtful = (typeof kind === 'string' && DOUBTFUL.has(kind)) || undefined;
  const rating = ratingOf(properties);
  const suppressed = isSuppressed(suppressions) || undefined;
  const fix = listOf(fixes).length > 0 || undefined;
  const invocation = countOf(member(provenance, 'invocationIndex'));
  const isPlain = (message ?? masked ?? doubtful ?? rating ?? suppressed ?? fix ?? invocation) === undefined;
  if (isPlain) return undefined;
  return { message, masked: masked && compactMessage(masked), doubtful, rating, suppressed, fix, invocation };
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

function readContext(result: JsonObject, snippet: string | undefined, message: WrittenMessage): string {
  const toolPrint = readToolPrint(result);
  if (toolPrint === undefined && (snippet?.trim() ?? '') === '' && typeof message !== 'string') return '';
  return findingContext({ toolPrint, snippet, message: typeof message === 'string' ? message : '' });
}

/**
 * What the tool offers as identity: `primaryLocationLineHash` as GitHub takes it, else the highest key (they are
 * versioned, 3.27.16) of `fingerprints`, else of `partialFingerprints`. Values that change without the problem changing
 * (commit, author, date, whole file, column) and placeholders are passed over.
 */
function readToolPrint({ fingerprints, partialFingerprints }: JsonObject): string | undefined {
  const lineHash = printOf(member(partialFingerprints, 'primaryLocationLineHash'));
  return lineHash ?? highestPrint(fingerprints) ?? highestPrint(partialFingerprints);
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
  return text === undefined || /^\s*requires login\s*$/i.test(text) ? undefined : text;
}
