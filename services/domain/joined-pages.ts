import type { Finding, Report, Scan } from './finding.ts';

const MOST_PROBLEMS = 20;

/**
 * Pages of one list as one report of what is wrong: a page may repeat what an earlier one has. With something `missing` the list proves
 * nothing clean.
 */
export function joinedPages(format: string, reports: readonly Report[], missing: readonly string[] = []): Report {
  const scans = new Map<string, Scan>();
  for (const scan of reports.flatMap((report) => report.scans)) {
    const known = scans.get(scan.tool);
    scans.set(scan.tool, known === undefined ? scan : bothOf(known, scan));
  }
  const findings = new Map<string, Finding>();
  for (const finding of reports.flatMap((report) => report.findings)) findings.set(finding.fingerprint, finding);
  return {
    format,
    results: reports.reduce((sum, { results }) => sum + results, 0),
    scans: [...scans.values()].map((scan) => ({ ...scan, complete: scan.complete && missing.length === 0 })),
    findings: [...findings.values()],
    problems: [...new Set([...missing, ...reports.flatMap(({ problems }) => problems)])].slice(0, MOST_PROBLEMS),
  };
}

function bothOf(one: Scan, other: Scan): Scan {
  const categories = [...new Set([...one.categories, ...other.categories])];
  return { ...one, categories, complete: one.complete && other.complete };
}
