import type { ReportRefusal } from '../ports/report-reader.ts';
import { type FormatSink, LIST, malformed, notA, objectWith, WHOLE, writtenPath } from './element-format.ts';
import type { FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { countOf, type JsonObject, member, objectOf } from './json-value.ts';

/** What one format makes of the entries of a Microsoft REST API. */
export interface EntrySink {
  readonly report: FoundReport;
  /** `where` names its place in the report. */
  entry(value: JsonObject, where: string): ReportRefusal | undefined;
  /** `missing`: why there may be more than was read. */
  finish(missing: string | undefined): ReportRefusal | undefined;
}

/** Of a page of REST, and of an answer of Resource Graph. */
const LISTS = ['value', 'data'];
const NEXT = ['nextLink', '@odata.nextLink', 'continuationToken', '$skipToken', 'skipToken', 'skip_token'];
const TOTALS = ['count', '@odata.count', 'totalRecords', 'total_records'];
const ONE_LIMIT = 8 * 1024 * 1024;

/** Where entries stand in a page, an answer of Resource Graph, a bare list, or alone. */
const PLACES = ['value[].', 'data[].', '[].', ''];

/** `isOne` is asked of each of these places, to be put before a name. */
export function hasEntry(isOne: (at: string) => boolean): boolean {
  return PLACES.some(isOne);
}

/** A page (`value`), an answer of Resource Graph (`data`), a bare list, or one entry alone with these members. */
export function pageOutline(members: readonly string[]): Outline {
  const named = [...members, ...NEXT, ...TOTALS, 'resultTruncated'].map((name) => [name, WHOLE] as const);
  const lists = LISTS.map((name) => [name, LIST] as const);
  return { ...objectWith(Object.fromEntries([...named, ...lists])), each: WHOLE };
}

/** Hands over entries one by one, whatever they come in. */
export class PageSink implements FormatSink {
  readonly report: FoundReport;
  readonly #entries: EntrySink;
  readonly #members = new Map<string, unknown>();
  #list: string | undefined;
  #isObject = false;
  #read = 0;
  #size = 0;

  constructor(entries: EntrySink) {
    this.report = entries.report;
    this.#entries = entries;
  }

  opened(path: JsonPath, kind: 'list' | 'object'): ReportRefusal | undefined {
    const [name = ''] = path;
    if (path.length === 0) this.#isObject = kind === 'object';
    const isList = kind === 'list' && (path.length === 0 || (path.length === 1 && LISTS.includes(String(name))));
    if (!isList) return undefined;
    if (this.#list !== undefined) return malformed(`There are two lists, ${this.#list} and ${name}`);
    this.#list = String(name);
    return undefined;
  }

  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const [first] = path;
    const depth = typeof first === 'number' ? 1 : 2;
    if (path.length === 0) return notA('object', path);
    if (path.length === depth && (depth === 1 || LISTS.includes(String(first)))) return this.#readEntry(path, value);
    return path.length === 1 ? this.#keep(String(first), value) : undefined;
  }

  finish(): ReportRefusal | undefined {
    if (this.#list !== undefined) return this.#entries.finish(this.#missing());
    if (!this.#isObject) return malformed('The report is empty');
    if (this.#members.has('value')) return notA('list', ['value']);
    const refusal = this.#readEntry([], Object.fromEntries(this.#members));
    return refusal ?? this.#entries.finish('This is one entry alone');
  }

  #readEntry(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const entry = objectOf(value);
    if (entry === undefined) return notA('object', path);
    this.#read++;
    this.report.results++;
    return this.#entries.entry(entry, writtenPath(path));
  }

  /** What belongs to one entry alone is limited like an entry of a list. */
  #keep(name: string, value: unknown): ReportRefusal | undefined {
    this.#size += JSON.stringify(value).length;
    if (this.#size > ONE_LIMIT)
      return {
        refused: 'too-large',
        detail: `One entry is larger than ${ONE_LIMIT} characters. Send the tool's own file.`,
      };
    this.#members.set(name, value);
    return undefined;
  }

  #missing(): string | undefined {
    const next = NEXT.find((name) => this.#says(name));
    if (next !== undefined) return `There is a further page (${next})`;
    if (this.#says('resultTruncated')) return 'The answer was cut (resultTruncated)';
    const total = Math.max(0, ...TOTALS.map((name) => countOf(this.#members.get(name)) ?? 0));
    return total > this.#read ? `The page counts ${total} entries and lists ${this.#read}` : undefined;
  }

  #says(name: string): boolean {
    const value = this.#members.get(name) ?? '';
    return value !== '' && value !== false && String(value).toLowerCase() !== 'false';
  }
}

/** What ARM keeps under `properties`, and command lines and exports beside the id. */
export function propertiesOf(entry: unknown): unknown {
  return objectOf(field(entry, 'properties')) ?? entry;
}

/** A member by its name in REST (`alertType`), else as exports and PowerShell write it (`AlertType`). */
export function field(value: unknown, name: string): unknown {
  return member(value, name) ?? member(value, pascal(name));
}

export function pascal(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** The first of these members that is a text and not blank. */
export function textIn(value: unknown, ...names: readonly string[]): string | undefined {
  return textsIn(value, ...names)[0];
}

/** Of each of these members both spellings, so that no word overrules another unseen. */
export function textsIn(value: unknown, ...names: readonly string[]): string[] {
  const spelled = names.flatMap((name) => [name, pascal(name)]);
  return spelled.flatMap((name) => {
    const text = member(value, name);
    return typeof text === 'string' && text.trim() !== '' ? [text.trim()] : [];
  });
}
