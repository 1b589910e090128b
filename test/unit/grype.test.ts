import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const descriptor = { name: 'grype', version: '1' };

test('a match has the category of its package, a fix if there is one, and all ids', async () => {
  const report = await reportOf('grype.json');
  expect(report).toMatchObject({
    format: 'grype',
    results: 4,
    scans: [{ tool: 'grype', toolVersion: '0.94.0', complete: true, endedAt: '2024-01-15T10:00:00.500Z' }],
    findings: [
      {
        category: 'dependency',
        rule: 'GHSA-aaaa-bbbb-cccc',
        severity: 'critical',
        exploitability: 'known-exploited',
        fixAvailable: true,
        help: 'Fixed in 2.0.1.',
        path: 'app/node_modules/left-pad/package.json',
        vulnerability: {
          ids: ['GHSA-aaaa-bbbb-cccc', 'CVE-2026-0010'],
          package: 'left-pad@1.0.0',
          purl: 'pkg:npm/left-pad@1.0.0',
        },
      },
      { category: 'container', severity: 'info', fixAvailable: false },
      { category: 'dependency', rule: 'CVE-2026-0011', suppressed: true },
    ],
  });
  expect(report.findings[2]).not.toHaveProperty('fixAvailable');
});

test("what the sender's rules ignore is suppressed; what Grype ignores by itself is left out and told", async () => {
  const { findings, problems } = await reportOf('grype.json');
  expect(findings.map(({ rule }) => rule)).not.toContain('CVE-2026-0012');
  expect(problems).toEqual(['1 entry: left out by Grype itself (kernel headers): skipped']);
});

test('no match is clean, of a folder for dependencies alone', async () => {
  const clean = await reportOf('grype-clean.json');
  expect(clean).toMatchObject({ results: 0, findings: [], problems: [], scans: [{ categories: ['dependency'] }] });
  const image = await reportOf({ matches: [], source: { type: 'image' }, descriptor });
  expect(image.scans).toMatchObject([{ categories: ['dependency', 'container'], complete: true }]);
});

test.each<[string, unknown]>([
  ['matches that are null', { descriptor, matches: null }],
  ['matches that are an object', { descriptor, matches: {} }],
  ['a match that is no object', { descriptor, matches: [1] }],
])('%s are refused', async (_what, report) => {
  expect(await readReport(report)).toMatchObject({ refused: 'malformed', detail: expect.stringContaining('matches') });
});

test('a match without a severity is medium, and that is told', async () => {
  const report = await reportOf({ descriptor, matches: [{ vulnerability: { id: 'CVE-1' }, artifact: { name: 'a' } }] });
  expect(report.findings).toMatchObject([{ severity: 'medium' }]);
  expect(report.problems).toEqual(['1 entry: no severity is given, taken as medium']);
});
