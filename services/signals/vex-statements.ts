import { idByContent, type VexDocument, type VexStatement, type VexStatus, vexKeysOf } from '../domain/vex.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import type { FoundReport } from './found-report.ts';
import { clamp, head, textOf, utcOf } from './json-value.ts';
import { pause } from './read-text.ts';

/** Statements about one package each that one document may make: a row of the store takes a few thousand. */
const MOST = 20_000;
/** Packages that are looked at, whether or not anything can be said of them. */
const MOST_LOOKED = 500_000;
/** Of them, before the event loop gets its turn. */
const SLICE = 500;
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

/** What names a document and says when it was written. */
interface Named {
  readonly id: unknown;
  readonly version: unknown;
  readonly at: string | undefined;
}

const AIMLESS = 'names no package URL, or no CVE, GHSA or the like: it applies to nothing';

/** Collects what a document says of vulnerabilities. */
export class VexStatements {
  readonly #report: FoundReport;
  readonly #statements: VexStatement[] = [];
  readonly #waiting: Stated[] = [];
  #named: Named | undefined;
  #looked = 0;
  #aimless = 0;

  constructor(report: FoundReport) {
    this.#report = report;
  }

  add(stated: Stated): void {
    this.#waiting.push(stated);
  }

  /** After the last of them. Without an id of its own a document is what it says: no other takes its place. */
  finish(named: Named): void {
    this.#named = named;
  }

  /** Makes statements of what was added, and at the end the document. */
  async settle(): Promise<ReportRefusal | undefined> {
    for (const stated of this.#waiting.splice(0)) {
      for (const _ of this.#state(stated)) await pause();
      if (this.#statements.length > MOST || this.#looked > MOST_LOOKED) return tooMany();
    }
    if (this.#named === undefined) return undefined;
    // Only now: in which order problems are told must not depend on the pieces that a report comes in.
    for (; this.#aimless > 0; this.#aimless--) this.#report.problem(AIMLESS);
    this.#report.vex = this.#document(this.#named);
    return undefined;
  }

  /** What names no known vulnerability or no package applies to nothing, and is told. */
  *#state({ ids, products, status, at, why }: Stated): Generator<void, void> {
    const named = ids.slice(0, IDS).map((id) => head(id, ID_LIMIT));
    const said = clamp(why.filter((part) => part !== undefined && part !== '').join(': '), WHY_LIMIT);
    const known = new Set<string>();
    for (const { purl, version } of products) {
      if (++this.#looked % SLICE === 0) yield;
      const keys = vexKeysOf(named, head(purl, ID_LIMIT), version);
      if (keys === undefined || known.has(keys)) continue;
      known.add(keys);
      this.#statements.push({ keys, status, at: at ?? '', why: said });
      if (this.#statements.length > MOST) return;
    }
    if (++this.#looked % SLICE === 0) yield;
    if (known.size === 0) this.#aimless++;
  }

  #document({ id, version, at }: Named): VexDocument {
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

function tooMany(): ReportRefusal {
  return { refused: 'too-many-findings', detail: 'The document has too many statements. Split it into several.' };
}

/** The first of these that is a time, as ISO-8601 UTC. */
export function timeIn(...written: readonly unknown[]): string | undefined {
  return written.flatMap((one) => utcOf(head(textOf(one) ?? '', TIME_LIMIT)) ?? [])[0];
}
