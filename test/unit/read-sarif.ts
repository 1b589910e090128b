import type { Finding, Report } from '../../services/domain/finding.ts';
import type { ReadOptions, ReportRefusal } from '../../services/ports/report-reader.ts';
import { createReportReader } from '../../services/signals/readers.ts';

type Json = Readonly<Record<string, unknown>>;

/** A log of one run by a tool that no table knows; members of the run as given. */
export function logOf(run: Json, driver: Json = {}): Json {
  return { version: '2.1.0', runs: [{ tool: { driver: { name: 'Example Scanner', ...driver } }, ...run }] };
}

/** Text, bytes or a JSON value through the reader, cut at the given lengths (else in one piece). */
export async function readReport(
  report: unknown,
  options: ReadOptions = {},
  cuts: readonly number[] = [],
): Promise<Report | ReportRefusal> {
  const text = typeof report === 'string' ? report : JSON.stringify(report);
  const bytes = report instanceof Uint8Array ? report : Buffer.from(text);
  return createReportReader().read(piecesOf(bytes, cuts), options);
}

async function* piecesOf(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const cut of cuts) {
    yield bytes.subarray(at, at + cut);
    at += cut;
  }
  if (at < bytes.length) yield bytes.subarray(at);
}

export async function findingsOf(report: unknown, options: ReadOptions = {}): Promise<readonly Finding[]> {
  const read = await readReport(report, options);
  if ('refused' in read) throw new Error(`refused: ${read.detail}`);
  return read.findings;
}

/** The only finding of a run with this one result. */
export async function findingOf(result: Json, run: Json = {}, driver: Json = {}): Promise<Finding> {
  const [finding, ...others] = await findingsOf(logOf({ ...run, results: [result] }, driver));
  if (finding === undefined || others.length > 0) throw new Error('not exactly one finding');
  return finding;
}
