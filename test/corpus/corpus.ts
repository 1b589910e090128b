import { createReadStream, existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../services/domain/finding.ts';
import type { ReportRefusal } from '../../services/ports/report-reader.ts';
import { createReportReader } from '../../services/signals/readers.ts';
import { type Heard, readAdoEvent, UNKNOWN } from './ado-events.ts';

/**
 * `npm run corpus [-- FOLDER]`: every file of a folder through the readers of reports, those of kind `ado-events` through what reads
 * deliveries and approvals, as a table of what was expected, read and found, with a line for each kind. A `manifest.tsv` in it (columns `file`, `kind`, `count`, `payload_path`) says what to
 * expect. Ends with 1 when a file is read with another count, or one of `REPORT_KINDS` refused only because nobody knows
 * it; with 2 when there is no folder.
 */
const DEFAULT_FOLDER = '../shared/corpus';

/** What is said by Azure DevOps, and is no report. */
const EVENTS = 'ado-events';
/** Of these every file is read, or refused for a reason of its own. */
const REPORT_KINDS = `sarif trivy checkov gitleaks policy defender advsec audit provenance ${EVENTS}`.split(' ');

/** What is said of what nobody recognises. */
const UNRECOGNISED = /^This is (?:JSON without (?:version and )?runs|no JSON|a JSON list|a page of another)/;

type Verdict = 'read' | 'refused for a reason' | 'different' | 'not recognised';

interface Row {
  readonly file: string;
  readonly kind: string;
  readonly expected: number | undefined;
  /** Where in the file the report stands, as jq writes it: `.` or `.responses["200"].body`. */
  readonly payload: string;
}

async function main([folder = DEFAULT_FOLDER]: readonly string[]): Promise<number> {
  if (!existsSync(folder)) {
    console.error(`There is no folder ${folder}. Name one: npm run corpus -- FOLDER`);
    return 2;
  }
  const rows = await rowsOf(folder);
  const lines = [['file', 'expected', 'read', 'findings', 'verdict']];
  const verdicts: { readonly kind: string; readonly verdict: Verdict }[] = [];
  for (const row of rows) {
    const read = await readRow(folder, row);
    const verdict = verdictOf(row, read);
    verdicts.push({ kind: row.kind, verdict });
    lines.push([row.file, String(row.expected ?? '?'), ...outcomeOf(read, verdict === 'different')]);
  }
  print(lines);
  return summarise(verdicts);
}

type Read = Report | ReportRefusal | Heard;

function verdictOf({ expected }: Row, read: Read): Verdict {
  if ('refused' in read)
    return UNRECOGNISED.test(read.detail) || read.detail === UNKNOWN ? 'not recognised' : 'refused for a reason';
  return expected !== undefined && read.results !== expected ? 'different' : 'read';
}

function summarise(verdicts: readonly { readonly kind: string; readonly verdict: Verdict }[]): number {
  let failed = 0;
  for (const [kind, all] of Map.groupBy(verdicts, (one) => one.kind)) {
    const count = (verdict: Verdict) => all.filter((one) => one.verdict === verdict).length;
    const counted = (['read', 'refused for a reason', 'different', 'not recognised'] as const).map(
      (verdict) => `${count(verdict)} ${verdict}`,
    );
    console.log(`${kind}: ${all.length} files, ${counted.join(', ')}`);
    failed += count('different') + (REPORT_KINDS.includes(kind) ? count('not recognised') : 0);
  }
  console.log(`${verdicts.length} files, ${failed} read with another count than expected or not recognised`);
  return failed === 0 ? 0 : 1;
}

async function rowsOf(folder: string): Promise<Row[]> {
  const manifest = join(folder, 'manifest.tsv');
  if (!existsSync(manifest)) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files
      .sort()
      .map((file) => ({ file: file.slice(folder.length + 1), kind: '-', expected: undefined, payload: '.' }));
  }
  const [head = [], ...rows] = (await readFile(manifest, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => line.split('\t').map((cell) => cell.replace(/^"(.*)"$/, '$1').replaceAll('""', '"')));
  const cell = (row: readonly string[], name: string) => row[head.indexOf(name)] ?? '';
  return rows.map((row) => ({
    file: cell(row, 'file'),
    kind: cell(row, 'kind'),
    expected: /^\d+$/.test(cell(row, 'count')) ? Number(cell(row, 'count')) : undefined,
    payload: cell(row, 'payload_path') || '.',
  }));
}

async function readRow(folder: string, { file, payload, kind }: Row): Promise<Read> {
  const path = join(folder, file);
  const reader = createReportReader();
  if (payload === '.' && kind !== EVENTS) return reader.read(createReadStream(path), {});
  const steps = [...payload.matchAll(/\.?(?:\["([^"]+)"\]|([\w$]+))/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
  const whole: unknown = JSON.parse(await readFile(path, 'utf8'));
  const part = steps.reduce<unknown>((value, step) => (value as Readonly<Record<string, unknown>>)[step], whole);
  if (kind === EVENTS) return readAdoEvent(part);
  return reader.read(
    (async function* () {
      yield Buffer.from(JSON.stringify(part));
    })(),
    {},
  );
}

function outcomeOf(read: Read, isDifferent: boolean): string[] {
  if ('refused' in read) return ['-', '-', `refused as ${read.refused}: ${read.detail}`];
  if ('heard' in read) return [String(read.results), '-', `${isDifferent ? 'DIFFERENT' : 'read'} as ${read.heard}`];
  const problems = read.problems.length === 0 ? '' : `; ${read.problems.join('; ')}`;
  const scans = read.scans.map(({ tool, complete }) => (complete ? tool : `${tool} (incomplete)`)).join(', ');
  const what = scans === '' ? `${read.vex?.statements.length ?? 0} statements that apply to a package` : scans;
  const verdict = `${isDifferent ? 'DIFFERENT' : 'read'} as ${read.format}: ${what}${problems}`;
  return [String(read.results), String(read.findings.length), verdict];
}

function print(lines: readonly (readonly string[])[]): void {
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  for (const line of lines)
    console.log(
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

process.exitCode = await main(process.argv.slice(2));
