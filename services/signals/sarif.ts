import type { Report } from '../domain/finding.ts';
import type { ReadOptions, ReportRefusal } from '../ports/report-reader.ts';
import type { ReportFormat } from './element-format.ts';
import { JsonElements } from './json-elements.ts';
import type { ElementSink, JsonLimits, JsonPath, Outline } from './json-outline.ts';
import { listOf, member } from './json-value.ts';
import { pause, readText } from './read-text.ts';
import { SarifReport } from './sarif-report.ts';
import { SarifRun } from './sarif-run.ts';

const VERSION = '2.1.0';
const FINDINGS_LIMIT = 500_000;
const RUNS_LIMIT = 1_000;

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

export const SARIF: ReportFormat = {
  name: 'sarif',
  title: 'SARIF',
  recognises: (head) => head.has('runs') || /sarif/i.test(String(head.value('$schema'))),
  read: readSarif,
};

/**
 * Reads a SARIF 2.1.0 log (OASIS Standard, errata 01) in bounded memory: one result at a time, rules and results in any
 * order. Everything that is not understood for certain is refused; nothing is ever read as a shorter, cleaner report.
 */
async function readSarif(body: AsyncIterable<Uint8Array>, options: ReadOptions): Promise<Report | ReportRefusal> {
  const log = new SarifLog(options);
  const elements = new JsonElements(LOG, log, LIMITS);
  const refusal = await readText(body, {
    push: (text) => elements.push(text),
    end: () => elements.end(),
    settle: () => log.settle(),
  });
  return refusal === undefined ? log.finish() : log.explain(refusal);
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
    if (key === 'inlineExternalProperties') return refuseInlineResults(value);
    if (path.length === 1) return this.#readMember(key, value);
    if (key !== 'runs') return undefined;
    if (this.#run === undefined) return malformed(`runs[${path[1]}] is no object`);
    const before = this.#run.rows;
    const refusal = this.#run.read(path, value);
    this.#findings += this.#run.rows - before;
    return refusal ?? (this.#findings > FINDINGS_LIMIT ? tooManyFindings() : undefined);
  }

  closed(path: JsonPath): ReportRefusal | undefined {
    if (path[0] !== 'runs' || this.#run === undefined) return undefined;
    if (path.length === 3 && path[2] === 'tool') this.#run.toolEnded = true;
    if (path.length !== 2) return undefined;
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
    // Many a file has a version; SARIF of any has runs.
    if (!this.#hasRuns && this.#version !== VERSION) return unknownFormat('JSON without runs');
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
    return key === 'runs' ? this.#readRuns(value) : undefined;
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
