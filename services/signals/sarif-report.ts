import type { Category, Finding, Report, Scan } from '../domain/finding.ts';
import { FingerprintSeries } from '../domain/fingerprint.ts';
import type { Tool } from '../domain/tools.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { entries } from './found-report.ts';
import { utcOf } from './json-value.ts';
import type { SarifRun } from './sarif-run.ts';

interface ToolScan {
  toolVersion: string | undefined;
  complete: boolean;
  endedAt: string | undefined;
  readonly categories: Set<Category>;
}

const PROBLEMS = 50;

/** Puts the runs of one log together: one scan per tool, one series of fingerprints. */
export class SarifReport {
  readonly #findings: Finding[] = [];
  readonly #scans = new Map<string, ToolScan>();
  readonly #problems: string[] = [];
  /** Results that are no problem, by why. */
  readonly #skipped = new Map<string, number>();
  readonly #series = new FingerprintSeries();
  /** Tools of runs without a list of results. */
  readonly #unscanned = new Map<string, number>();
  #results = 0;
  #failed = 0;
  #proven = 0;

  /** `pause` gives the event loop its turn. */
  async add(run: SarifRun, index: number, pause: () => Promise<void>): Promise<ReportRefusal | undefined> {
    const tool = run.tool;
    if (tool === undefined) {
      const detail = `runs[${index}].tool.driver.name is missing: no one can tell what was scanned with. Send the tool's own SARIF 2.1.0 file.`;
      return { refused: 'malformed', detail };
    }
    this.#results += run.results;
    if (run.failed && run.results === 0) this.#addFailed(run, tool, index);
    else if (!run.scanned) this.#unscanned.set(tool.family, index);
    else await this.#addScanned(run, tool, index, pause);
    return undefined;
  }

  finish(): Report | ReportRefusal {
    if (this.#proven === 0) return this.#failed > 0 ? scanFailed() : noScan(this.#unscanned.size);
    for (const [tool, index] of this.#unscanned) {
      const scan = this.#scans.get(tool);
      if (scan !== undefined) scan.complete = false;
      const outcome = scan === undefined ? 'left out' : 'the scan is taken as incomplete';
      this.#problem(`runs[${index}] (${tool}) has no list of results, so nothing was scanned in it: ${outcome}`);
    }
    return {
      format: 'sarif',
      results: this.#results,
      scans: [...this.#scans].map(([tool, scan]) => toScan(tool, scan)),
      findings: this.#findings,
      problems: [
        ...this.#problems,
        ...[...this.#skipped].map(([why, count]) => `${entries(count)}: ${why}: no finding`),
      ],
    };
  }

  #addFailed(run: SarifRun, tool: Tool, index: number): void {
    this.#failed++;
    this.#scan(run, tool, index).complete = false;
    this.#problem(`runs[${index}] (${tool.family}) failed and has no results: nothing is proven clean by it`);
  }

  async #addScanned(run: SarifRun, tool: Tool, index: number, pause: () => Promise<void>): Promise<void> {
    this.#proven++;
    const scan = this.#scan(run, tool, index);
    if (run.failed) {
      scan.complete = false;
      this.#problem(`runs[${index}] (${tool.family}) says that it failed: its findings count, nothing is proven clean`);
    }
    for (const [why, count] of run.skipped) this.#skipped.set(why, (this.#skipped.get(why) ?? 0) + count);
    for (const made of run.findings(tool, this.#series)) {
      for (const finding of made) scan.categories.add(finding.category);
      this.#findings.push(...made);
      await pause();
    }
  }

  #scan(run: SarifRun, tool: Tool, index: number): ToolScan {
    const scan = this.#scans.get(tool.family) ?? {
      toolVersion: undefined,
      complete: true,
      endedAt: undefined,
      categories: new Set<Category>(),
    };
    this.#scans.set(tool.family, scan);
    scan.toolVersion ??= run.toolVersion;
    for (const category of run.categories(tool)) scan.categories.add(category);
    for (const end of run.endTimes) this.#addEnd(scan, end, index);
    return scan;
  }

  // Of several the earliest counts: what it found is that old.
  #addEnd(scan: ToolScan, written: string, index: number): void {
    const end = utcOf(written);
    if (end === undefined) this.#problem(`runs[${index}] has an endTimeUtc that is no date and time: not counted`);
    else if (scan.endedAt === undefined || end < scan.endedAt) scan.endedAt = end;
  }

  #problem(line: string): void {
    if (this.#problems.length < PROBLEMS) this.#problems.push(line);
  }
}

function toScan(tool: string, scan: ToolScan): Scan {
  return {
    tool,
    ...(scan.toolVersion === undefined ? {} : { toolVersion: scan.toolVersion }),
    categories: [...scan.categories],
    complete: scan.complete,
    ...(scan.endedAt === undefined ? {} : { endedAt: scan.endedAt }),
  };
}

function scanFailed(): ReportRefusal {
  return {
    refused: 'scan-failed',
    detail:
      'The tool says that its run failed (executionSuccessful is false) and there are no results. Mend the scan and send its report.',
  };
}

function noScan(unscanned: number): ReportRefusal {
  const what = unscanned > 0 ? 'No run has a list of results' : 'The report has no run';
  return {
    refused: 'no-scan',
    detail: `${what}, so nothing was scanned. A clean scan has "results": []. Run the scan and send its report.`,
  };
}
