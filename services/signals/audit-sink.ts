import type { Report } from '../domain/finding.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { AuditEntries, type AuditEntry } from './audit-entries.ts';
import { type FormatSink, malformed, notA, objectWith, readElements, WHOLE, writtenPath } from './element-format.ts';
import { FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { head, objectOf, textOf, utcOf } from './json-value.ts';

/** How one service writes its audit log. */
export interface AuditLog {
  /** Of its reports and of its tool. */
  readonly name: string;
  /** Where lists of entries stand in a document; '' for a document that is one. */
  readonly lists: readonly string[];
  /** Members of one entry that are read. */
  readonly members: readonly string[];
  /** Members of a page that say whether another follows. */
  readonly paging: readonly string[];
  hasMore(paging: ReadonlyMap<string, unknown>): boolean;
  /** By what an entry is known however often it is read; undefined where the service gives it no id. */
  idOf(value: object): string | undefined;
  /** Undefined: no finding, for a reason that was told. */
  entryOf(value: object, report: FoundReport): AuditEntry | Flaw | undefined;
}

/** Why something is no entry, as what its place is said to do: `names no operation`. */
export interface Flaw {
  readonly flaw: string;
}

/**
 * Reads documents one after another (JSON lines among them): lists, pages, batches, single entries. What shows its end
 * is a list, or pages of which the last says so; everything else is a piece of a stream, of which more may be missing.
 */
export function readAuditLog(body: AsyncIterable<Uint8Array>, log: AuditLog): Promise<Report | ReportRefusal> {
  return readElements(body, { sequence: outlineOf(log) }, new AuditSink(log));
}

function outlineOf({ lists, members, paging }: AuditLog): Outline {
  const within = (at: string): Outline => {
    const start = at === '' ? '' : `${at}.`;
    const below = lists.filter((list) => list !== at && list.startsWith(start)).map((list) => list.slice(start.length));
    const names = [...new Set(below.map((list) => list.split('.', 1)[0] ?? ''))];
    const whole = [...(at === '' ? members : []), ...paging].map((name) => [name, WHOLE] as const);
    const inner = objectWith(
      Object.fromEntries([...whole, ...names.map((name) => [name, within(start + name)] as const)]),
    );
    return lists.includes(at) ? { ...inner, each: WHOLE } : inner;
  };
  return within('');
}

class AuditSink implements FormatSink {
  readonly report: FoundReport;
  readonly #log: AuditLog;
  readonly #entries: AuditEntries;
  #entry = new Map<string, unknown>();
  #paging = new Map<string, unknown>();
  #hasList = false;
  #documents = 0;
  #isWhole = false;
  #isPiece = false;

  constructor(log: AuditLog) {
    this.#log = log;
    this.report = new FoundReport(log.name);
    this.#entries = new AuditEntries(this.report);
  }

  opened(path: JsonPath, kind: 'list' | 'object'): undefined {
    if (path.length === 1) {
      this.#entry = new Map();
      this.#paging = new Map();
      this.#hasList = false;
    }
    if (kind === 'list' && this.#log.lists.includes(path.slice(1).join('.'))) this.#hasList = true;
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const inner = path.slice(1);
    const last = inner.at(-1);
    if (last === undefined) return notA('object', placeOf(path));
    const list = inner.slice(0, -1).join('.');
    if (typeof last === 'number') return this.#log.lists.includes(list) ? this.#read(path, value) : undefined;
    if (list === '' && this.#log.members.includes(last)) this.#entry.set(last, value);
    else if (this.#isPage(list) && this.#log.paging.includes(last)) this.#paging.set(last, value);
    return undefined;
  }

  closed(path: JsonPath): ReportRefusal | undefined {
    if (path.length > 1) return undefined;
    this.#documents++;
    if (this.#isWhole || !this.#hasList) this.#isPiece = true;
    if (this.#hasList && this.#entry.size > 0)
      return malformed(`${writtenPath(placeOf(path))} is both a list of entries and one itself`);
    if (!this.#hasList) return this.#read(path, Object.fromEntries(this.#entry));
    this.#isWhole = !this.#log.hasMore(this.#paging);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    if (this.#documents === 0) return malformed('The report is empty');
    const scan = this.report.scan(this.#log.name);
    scan.categories.add('activity');
    if (this.#isPiece) this.report.incomplete(scan, PIECE);
    else if (!this.#isWhole) this.report.incomplete(scan, 'The last page says that another one follows');
    this.#entries.finish(scan);
    return undefined;
  }

  #isPage(container: string): boolean {
    return container === '' || this.#log.lists.some((list) => list.startsWith(`${container}.`));
  }

  #read(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const object = objectOf(value);
    if (object === undefined) return notA('object', placeOf(path));
    this.report.results++;
    const entry = this.#log.entryOf(object, this.report);
    if (entry === undefined) return undefined;
    if ('flaw' in entry) return malformed(`${writtenPath(placeOf(path))} ${entry.flaw}`);
    this.#entries.add(entry);
    return undefined;
  }
}

const PIECE =
  'Nothing shows where these entries end (send them as one list, or the pages in their order with the last one)';

/** Within its document; most reports have one. */
function placeOf([document, ...inner]: JsonPath): JsonPath {
  return document === 0 ? inner : [document ?? 0, ...inner];
}

/** When something happened; told where nothing says so. Services write the year 1 where no time is set. */
export function instantOf(value: unknown, report: FoundReport): string | undefined {
  const at = utcOf(head(textOf(value) ?? '', 40));
  if (at !== undefined && !at.startsWith('0001')) return at;
  report.problem('it does not say when');
  return undefined;
}

/** A name as it may be told; an address is none. */
export function nameOf(written: string | undefined): string | undefined {
  const name = written?.trim();
  return name === undefined || name === '' || name.includes('@') ? undefined : head(name, NAME_LIMIT);
}

const NAME_LIMIT = 80;
