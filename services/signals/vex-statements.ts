import { idByContent, type VexDocument, type VexStatement, type VexStatus, vexKeysOf } from '../domain/vex.ts';
import type { FoundReport } from './found-report.ts';
import { clamp, head, textOf, utcOf } from './json-value.ts';

/** Statements about one package each that one document may make: a row of the store takes a few thousand. */
const MOST = 20_000;
const WHY_LIMIT = 200;
const ID_LIMIT = 300;
const TIME_LIMIT = 40;
const IDS = 20;

/** What one entry of a document says, before anything is cut to size. */
export interface Stated {
  /** All names of the vulnerability. */
  readonly ids: readonly string[];
  readonly products: readonly { readonly purl: string; readonly version?: string }[];
  readonly status: VexStatus;
  readonly at: string | undefined;
  readonly why: readonly (string | undefined)[];
}

/** Collects what a document says of vulnerabilities. */
export class VexStatements {
  readonly #report: FoundReport;
  readonly #statements: VexStatement[] = [];

  constructor(report: FoundReport) {
    this.#report = report;
  }

  /** What names no known vulnerability or no package applies to nothing, and is told. */
  add({ ids, products, status, at, why }: Stated): void {
    const named = ids.slice(0, IDS).map((id) => head(id, ID_LIMIT));
    const keys = products.flatMap(({ purl, version }) => vexKeysOf(named, head(purl, ID_LIMIT), version) ?? []);
    if (keys.length === 0)
      this.#report.problem('names no package URL, or no CVE, GHSA or the like: it applies to nothing');
    const said = clamp(why.filter((part) => part !== undefined && part !== '').join(': '), WHY_LIMIT);
    for (const key of new Set(keys)) this.#statements.push({ keys: key, status, at: at ?? '', why: said });
  }

  get isTooMuch(): boolean {
    return this.#statements.length > MOST;
  }

  /** Without an id of its own a document is what it says: no other takes its place. */
  document(id: unknown, version: unknown, at: string | undefined): VexDocument {
    const own = textOf(id);
    const number = Number(version);
    // The order of statements means nothing.
    const textIn = ({ keys, status, at: own, why }: VexStatement) => [keys, status, own, why].join('\n');
    const sorted = this.#statements
      .map((one) => ({ one, text: textIn(one) }))
      .sort((a, b) => (a.text < b.text ? -1 : 1));
    const statements = sorted
      .map(({ one }) => one)
      .map((one) => (one.at === '' && at !== undefined ? { ...one, at } : one));
    return {
      id: own === undefined ? idByContent(statements) : clamp(own, ID_LIMIT),
      version: Number.isSafeInteger(number) && number > 0 ? number : 0,
      at: at ?? '',
      statements,
    };
  }
}

/** The first of these that is a time, as ISO-8601 UTC. */
export function timeIn(...written: readonly unknown[]): string | undefined {
  return written.flatMap((one) => utcOf(head(textOf(one) ?? '', TIME_LIMIT)) ?? [])[0];
}
