import { readdirSync, readFileSync } from 'node:fs';
import type { Report } from '../../services/domain/finding.ts';
import type { ReadOptions } from '../../services/ports/report-reader.ts';
import { readReport } from './read-sarif.ts';

const FOLDER = new URL('../fixtures/scanners/', import.meta.url);

/** Every small report of a scanner's own format. */
export const SCANNER_REPORTS: readonly string[] = readdirSync(FOLDER).sort();

/** Own formats that are read, beside SARIF. */
export const SCANNER_FORMATS =
  'advanced-security azure-policy checkov defender gitleaks grype npm-audit osv-scanner snyk trivy trufflehog'.split(
    ' ',
  );

/** By the file's name, as its author put it. */
export function scannerFormat(name: string): string {
  return SCANNER_FORMATS.find((format) => name.startsWith(format)) ?? '';
}

export function scannerText(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** A report that must be taken: a file of the folder, or a JSON value. */
export async function reportOf(report: unknown, options: ReadOptions = {}): Promise<Report> {
  const isName = typeof report === 'string' && report.endsWith('.json');
  const read = await readReport(isName ? scannerText(report) : report, options);
  if ('refused' in read) throw new Error(`refused: ${read.detail}`);
  return read;
}
