import type {
  Category,
  Cleared,
  Exploitability,
  Finding,
  Report,
  Scan,
  Severity,
  Vulnerability,
} from '../domain/finding.ts';
import {
  type ContextSources,
  type FindingIdentity,
  FingerprintSeries,
  findingContext,
  firstFingerprint,
  normalisePath,
} from '../domain/fingerprint.ts';
import type { VexDocument } from '../domain/vex.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { clamp, given, head, textOf, utcOf } from './json-value.ts';
import { pause } from './read-text.ts';
import { SEVERITY_WORDS } from './severity.ts';

const LIMIT = 500_000;
/** Findings made before the event loop gets its turn. */
const SLICE = 200;
const PROBLEMS = 50;
const RULE_LIMIT = 200;
const TEXT_LIMIT = 300;
const PATH_LIMIT = 400;
const VERSION_LIMIT = 60;
const IDS = 20;
const ID_LIMIT = 100;
const ASSET_LIMIT = 1_000;

/** What one entry of a report says, before anything is cut to size. */
export interface Found {
  readonly category: Category;
  readonly rule: string | undefined;
  readonly severity: Severity;
  readonly message: string;
  readonly path?: string | undefined;
  readonly line?: number | undefined;
  readonly help?: string | undefined;
  readonly suppressed?: boolean;
  readonly exploitability?: Exploitability | undefined;
  readonly fixAvailable?: boolean | undefined;
  readonly vulnerability?: { readonly [Key in keyof Vulnerability]: Vulnerability[Key] | undefined } | undefined;
  readonly policyDefinition?: string | undefined;
  readonly policyAssignment?: string | undefined;
  readonly policyReference?: string | undefined;
  readonly asset?: string | undefined;
  readonly at?: string | undefined;
  /** What tells it from others of the same rule in the same place; never a secret in the clear. */
  readonly identity: ContextSources;
}

/** What one tool did, as far as its report has been read. */
export interface FoundScan {
  readonly tool: string;
  readonly categories: Set<Category>;
  complete: boolean;
  toolVersion?: string;
  endedAt?: string;
  artifacts?: readonly string[];
}

/** Collects what a scanner's own format says, and makes the report of it. */
export class FoundReport {
  readonly #format: string;
  readonly #findings: Finding[] = [];
  readonly #cleared: Cleared[] = [];
  readonly #waiting: { readonly tool: string; readonly found: Found; readonly isCleared?: true }[] = [];
  readonly #scans = new Map<string, FoundScan>();
  /** By how many entries each is about. */
  readonly #problems = new Map<string, number>();
  readonly #remarks = new Set<string>();
  readonly #series = new FingerprintSeries();
  /** Entries of the report of any kind. */
  results = 0;
  /** What it says of vulnerabilities, where it is such a document. */
  vex: VexDocument | undefined;

  constructor(format: string) {
    this.#format = format;
  }

  scan(tool: string): FoundScan {
    const scan = this.#scans.get(tool) ?? { tool, categories: new Set<Category>(), complete: true };
    this.#scans.set(tool, scan);
    return scan;
  }

  add({ tool, categories }: FoundScan, found: Found): void {
    if (this.refusal !== undefined) return;
    if (found.rule === undefined) this.problem('no rule is named, taken as "unnamed"');
    categories.add(found.category);
    this.#waiting.push({ tool, found });
  }

  /** What would be this finding is none any more. */
  clear({ tool, categories }: FoundScan, found: Found): void {
    categories.add(found.category);
    this.#waiting.push({ tool, found, isCleared: true });
  }

  /** Makes findings of what was added. */
  async settle(): Promise<undefined> {
    for (const [at, { tool, found, isCleared }] of this.#waiting.splice(0).entries()) {
      if (isCleared === true) this.#cleared.push(clearedOf(tool, found));
      else this.#findings.push(this.#finding(tool, found));
      if (at % SLICE === SLICE - 1) await pause();
    }
  }

  /** Of one entry: what was skipped, joined or doubtful. Told once for all that it is about, with their number. */
  problem(line: string): void {
    const count = this.#problems.get(line);
    if (count !== undefined || this.#problems.size < PROBLEMS) this.#problems.set(line, (count ?? 0) + 1);
  }

  /** Of the report as a whole. */
  remark(line: string): void {
    if (this.#remarks.size < PROBLEMS) this.#remarks.add(line);
  }

  /** Findings count, but nothing is proven clean. */
  incomplete(scan: FoundScan, why: string): void {
    scan.complete = false;
    this.remark(`${why}: the scan is taken as incomplete`);
  }

  /** The tool's own word as a severity; one that nobody knows is never dropped. */
  severity(written: unknown, words: ReadonlyMap<string, Severity> = SEVERITY_WORDS): Severity {
    const word = textOf(written)?.trim().toLowerCase();
    const known = word === undefined ? undefined : words.get(word);
    if (known !== undefined) return known;
    const what = word === undefined ? 'no severity is given' : `the severity "${printable(word)}" is not known`;
    this.problem(`${what}, taken as medium`);
    return 'medium';
  }

  get refusal(): ReportRefusal | undefined {
    const made = this.#findings.length + this.#cleared.length + this.#waiting.length;
    if (Math.max(this.results, made) <= LIMIT) return undefined;
    const detail = `The report has more than ${LIMIT} entries. Narrow the scan or split the report.`;
    return { refused: 'too-many-findings', detail };
  }

  finish(): Report {
    const open = new Set(this.#findings.map(({ fingerprint }) => fingerprint));
    const cleared = this.#cleared.filter(({ fingerprint }) => !open.has(fingerprint));
    return {
      format: this.#format,
      results: this.results,
      scans: [...this.#scans.values()].map(toScan),
      findings: this.#findings,
      ...(cleared.length === 0 ? {} : { cleared }),
      ...(this.vex === undefined ? {} : { vex: this.vex }),
      problems: [...this.#remarks, ...[...this.#problems].map(([line, count]) => `${entries(count)}: ${line}`)],
    };
  }

  #finding(tool: string, found: Found): Finding {
    const { category, severity, suppressed = false, line, exploitability, fixAvailable, vulnerability } = found;
    const identity = identityOf(tool, found);
    return {
      fingerprint: this.#series.next(identity),
      ...{ category, tool, rule: identity.rule, severity, suppressed },
      message: clamp(found.message.trim(), TEXT_LIMIT),
      ...given({
        path: identity.path === '' ? undefined : identity.path,
        line,
        help: found.help === undefined ? undefined : clamp(found.help.trim(), TEXT_LIMIT),
        exploitability,
        fixAvailable,
        vulnerability: vulnerability && vulnerabilityOf(vulnerability),
        policyDefinition: found.policyDefinition && head(found.policyDefinition, ASSET_LIMIT),
        policyAssignment: found.policyAssignment && head(found.policyAssignment, ASSET_LIMIT),
        policyReference: found.policyReference && head(found.policyReference, ASSET_LIMIT),
        ...placed(found),
      }),
    };
  }
}

function clearedOf(tool: string, found: Found): Cleared {
  return { fingerprint: firstFingerprint(identityOf(tool, found)), tool, ...given(placed(found)) };
}

function placed({ asset, at }: Found) {
  // Some write it without the slash in front, by which nobody would know it.
  return { asset: asset && head(`/${asset.replace(/^\/+/, '')}`, ASSET_LIMIT), at };
}

function identityOf(tool: string, { category, rule, path, identity }: Found): FindingIdentity {
  return {
    ...{ category, tool },
    rule: clamp(rule ?? 'unnamed', RULE_LIMIT),
    path: path === undefined ? '' : pathOf(path),
    context: findingContext(identity),
  };
}

/** A version and an end as a report writes them; what is none is left out. */
export function describeScan(scan: FoundScan, version: unknown, endedAt?: unknown): void {
  const text = textOf(version);
  const end = textOf(endedAt);
  const utc = end === undefined ? undefined : utcOf(head(end, 40));
  if (text !== undefined) scan.toolVersion = clamp(text, VERSION_LIMIT);
  // Go writes the year 1 where no time is set.
  if (utc !== undefined && !utc.startsWith('0001')) scan.endedAt = utc;
}

/** Folders of build agents, which differ from run to run: `/home/…/work/1/s/`, `D:\a\1\s\`. */
const AGENT_FOLDER = /^(?:[a-z]:)?[/\\](?:[^/\\]{1,100}[/\\]){0,5}(?:_?work|a)[/\\]\d{1,6}[/\\]s[/\\]/i;

function pathOf(written: string): string {
  return clamp(normalisePath(head(written, 4_000).replace(AGENT_FOLDER, '')), PATH_LIMIT);
}

export function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function toScan({ categories, ...scan }: FoundScan): Scan {
  return { ...scan, categories: [...categories] };
}

function vulnerabilityOf(written: NonNullable<Found['vulnerability']>): Vulnerability {
  const ids = (written.ids ?? []).slice(0, IDS).map((id) => clamp(id, ID_LIMIT));
  return {
    ids: [...new Set(ids)],
    ...(written.package === undefined ? {} : { package: clamp(written.package, TEXT_LIMIT) }),
    ...(written.purl === undefined ? {} : { purl: clamp(written.purl, TEXT_LIMIT) }),
  };
}

function printable(word: string): string {
  return clamp(word.replace(/[^\x20-\x7e]/g, '?'), 20);
}
