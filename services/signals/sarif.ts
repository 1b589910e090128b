import type { Report } from '../domain/finding.ts';
import type { ReadOptions, ReportRefusal } from '../ports/report-reader.ts';
import { type ElementSink, JsonElements, type JsonLimits, type JsonPath, type Outline } from './json-elements.ts';
import { listOf, member } from './json-value.ts';
import { ReportText } from './report-text.ts';
import { SarifReport } from './sarif-report.ts';
import { SarifRun } from './sarif-run.ts';

const VERSION = '2.1.0';
const FINDINGS_LIMIT = 500_000;
const RUNS_LIMIT = 1_000;
/** Bytes read before the event loop gets its turn. */
const PIECE = 64 * 1024;

const LIMITS: JsonLimits = { maxDepth: 64, maxElement: 8 * 1024 * 1024, maxMembers: 1_000 };

const WHOLE: Outline = {};
const LIST: Outline = { each: WHOLE };
const COMPONENT: Outline = { members: new Map(), rest: LIST };
const TOOL: Outline = {
  members: new Map<string, Outline>([
    ['driver', COMPONENT],
    ['extensions', { each: COMPONENT }],
  ]),
};
const RUN: Outline = { members: new Map([['tool', TOOL]]), rest: LIST };
const LOG: Outline = { members: new Map([['runs', { each: RUN }]]), rest: LIST, each: WHOLE };

/** Members by which other tools' own JSON is recognised, where a SARIF log has none of them. */
const OTHER_FORMATS: ReadonlyMap<string, string> = new Map([
  ['SchemaVersion', 'Trivy JSON'],
  ['Results', 'Trivy JSON'],
  ['check_type', 'Checkov JSON'],
  ['matches', 'Grype JSON'],
  ['bomFormat', 'CycloneDX'],
  ['auditReportVersion', 'npm audit JSON'],
  ['advisories', 'npm audit JSON'],
  ['vulnerabilities', 'Snyk or npm audit JSON'],
  ['SourceMetadata', 'TruffleHog JSON'],
  ['results', "a tool's own JSON"],
]);

/**
 * Reads a SARIF 2.1.0 log (OASIS Standard, errata 01) in bounded memory: one result at a time, rules and results in any
 * order. Everything that is not understood for certain is refused; nothing is ever read as a shorter, cleaner report.
 */
export async function readSarif(
  body: AsyncIterable<Uint8Array>,
  options: ReadOptions,
): Promise<Report | ReportRefusal> {
  const text = new ReportText();
  const log = new SarifLog(options);
  const elements = new JsonElements(LOG, log, LIMITS);
  const take = (piece: string | ReportRefusal) => (typeof piece === 'string' ? elements.push(piece) : piece);
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const refusal = take(text.push(chunk.subarray(at, at + PIECE))) ?? (await log.settle());
      if (refusal !== undefined) return log.explain(refusal);
      await pause();
    }
  }
  const refusal = take(text.end()) ?? elements.end() ?? (await log.settle());
  return refusal === undefined ? log.finish() : log.explain(refusal);
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

class SarifLog implements ElementSink {
  readonly #options: ReadOptions;
  readonly #report = new SarifReport();
  readonly #ended: { readonly run: SarifRun; readonly index: number }[] = [];
  #run: SarifRun | undefined;
  #version: unknown;
  #started = false;
  #hasRuns = false;
  #isSarif = false;
  #findings = 0;

  constructor(options: ReadOptions) {
    this.#options = options;
  }

  opened(path: JsonPath): ReportRefusal | undefined {
    this.#started = true;
    if (path.length === 1) return this.#readMember(path[0], undefined);
    if (path[0] !== 'runs') return undefined;
    if (path.length === 2) this.#run = new SarifRun(this.#options.category);
    if (path.length === 3 && path[2] === 'results' && this.#run !== undefined) this.#run.scanned = true;
    return undefined;
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const [key] = path;
    if (typeof key !== 'string') return unknownFormat('a JSON list or a single value');
    if (path.length === 1) return this.#readMember(key, value);
    if (key === 'inlineExternalProperties') return refuseInlineResults(value);
    if (key !== 'runs') return undefined;
    if (this.#run === undefined) return malformed(`runs[${path[1]}] is no object`);
    const before = this.#run.rows;
    const refusal = this.#run.read(path, value);
    this.#findings += this.#run.rows - before;
    return refusal ?? (this.#findings > FINDINGS_LIMIT ? tooManyFindings() : undefined);
  }

  closed(path: JsonPath): ReportRefusal | undefined {
    if (path[0] !== 'runs' || path.length !== 2 || this.#run === undefined) return undefined;
    const index = Number(path[1]);
    this.#ended.push({ run: this.#run, index });
    this.#run = undefined;
    return index < RUNS_LIMIT
      ? undefined
      : { refused: 'too-large', detail: `The report has more than ${RUNS_LIMIT} runs. Split it.` };
  }

  /** Makes findings of the runs that have ended. */
  async settle(): Promise<ReportRefusal | undefined> {
    for (const { run, index } of this.#ended.splice(0)) {
      const refusal = await this.#report.add(run, index, pause);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  finish(): Report | ReportRefusal {
    if (!this.#hasRuns && this.#version === undefined) return unknownFormat('JSON without version and runs');
    return this.#refuseVersion() ?? this.#report.finish();
  }

  /** A refusal of what never looked like SARIF says so, rather than where it broke. */
  explain(refusal: ReportRefusal): ReportRefusal {
    if (refusal.refused === 'malformed' && !this.#started && refusal.detail.startsWith(NOT_JSON))
      return unknownFormat('no JSON');
    if (refusal.refused === 'too-large' && !this.#isSarif) return unknownFormat('JSON without version and runs');
    return refusal;
  }

  #readMember(key: string | number | undefined, value: unknown): ReportRefusal | undefined {
    if (key === 'version') this.#version = value ?? null;
    if (key === 'runs') this.#hasRuns = true;
    if (key === 'version' || key === 'runs') this.#isSarif = true;
    if (key === 'runs') return this.#readRuns(value);
    const other = this.#hasRuns ? undefined : OTHER_FORMATS.get(String(key));
    return other === undefined ? undefined : unknownFormat(other);
  }

  /** `value` undefined: a list. `null` is how a log says that there is none (SARIF 2.1.0, 3.13.4). */
  #readRuns(value: unknown): ReportRefusal | undefined {
    if (value !== undefined && value !== null) return malformed('runs is no list');
    return this.#version === undefined ? undefined : this.#refuseVersion();
  }

  #refuseVersion(): ReportRefusal | undefined {
    if (this.#version === VERSION) return undefined;
    const found = typeof this.#version === 'string' ? `"${this.#version.slice(0, 20)}"` : 'missing';
    return {
      refused: 'unsupported-version',
      detail: `The SARIF version is ${found}; only ${VERSION} is read. Convert the report to ${VERSION} or have the tool write it.`,
    };
  }
}

const NOT_JSON = 'The report is not valid JSON';

function refuseInlineResults(value: unknown): ReportRefusal | undefined {
  if (listOf(member(value, 'results')).length === 0) return undefined;
  return {
    refused: 'no-scan',
    detail:
      'inlineExternalProperties holds results apart from their run, which are not read. Have the tool write them into the run.',
  };
}

function malformed(what: string): ReportRefusal {
  return { refused: 'malformed', detail: `${what}. Send the tool's own SARIF 2.1.0 file.` };
}

function tooManyFindings(): ReportRefusal {
  return {
    refused: 'too-many-findings',
    detail: `The report has more than ${FINDINGS_LIMIT} findings. Narrow the scan or split the report.`,
  };
}

function unknownFormat(found: string): ReportRefusal {
  return {
    refused: 'unknown-format',
    detail: `This is ${found}, which is not read. Have the tool write SARIF 2.1.0 and send that.`,
  };
}
