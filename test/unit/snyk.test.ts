import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const clean = { vulnerabilities: [], ok: true, summary: 'No known vulnerabilities' };
const flaw = { id: 'SNYK-1', title: 'A flaw', severity: 'high', packageName: 'left-pad', version: '1.0.0' };

test('a vulnerability is one finding however many paths lead to it, licences are none, and both are told', async () => {
  const report = await reportOf('snyk.json');
  expect(report).toMatchObject({
    format: 'snyk',
    results: 5,
    scans: [{ tool: 'snyk-open-source', categories: ['dependency'], complete: true }],
    findings: [
      {
        rule: 'SNYK-JS-LEFTPAD-1',
        severity: 'critical',
        path: 'web/package-lock.json',
        fixAvailable: true,
        help: 'Fixed in 1.0.1.',
        vulnerability: { ids: ['CVE-2026-0020', 'SNYK-JS-LEFTPAD-1'], package: 'left-pad@1.0.0' },
      },
      { rule: 'SNYK-JS-RIGHTPAD-2', severity: 'medium', fixAvailable: false, suppressed: false },
      { rule: 'SNYK-JS-IGNORED-3', severity: 'low', suppressed: true },
    ],
    problems: [
      '1 entry: the same vulnerability by another path: joined',
      '1 entry: a licence, which is no finding: skipped',
    ],
  });
});

test('one that is open by one path is not suppressed by being ignored on another', async () => {
  const filtered = { ignore: [flaw] };
  const report = await reportOf({ ok: false, summary: '1', filtered, vulnerabilities: [flaw] });
  expect(report.findings).toMatchObject([{ rule: 'SNYK-1', suppressed: false }]);
});

test('an image is another tool, its system packages of another category than its applications', async () => {
  expect(await reportOf('snyk-container.json')).toMatchObject({
    scans: [{ tool: 'snyk-container', categories: expect.arrayContaining(['container', 'dependency']) }],
    findings: [
      { tool: 'snyk-container', category: 'dependency', path: 'app/package.json' },
      { tool: 'snyk-container', category: 'container', rule: 'SNYK-DEBIAN12-ZLIB-1' },
    ],
  });
});

test('a project that could not be tested makes the scan incomplete', async () => {
  const report = await reportOf('snyk-projects.json');
  expect(report).toMatchObject({ results: 0, findings: [], scans: [{ complete: false }] });
  expect(report.problems).toEqual(['Snyk could not test 1 of the projects: the scan is taken as incomplete']);
});

test.each<[string, unknown]>([
  ['one project', clean],
  ['several', [clean, { ...clean, displayTargetFile: 'b/pom.xml' }]],
])('no vulnerability in %s is clean', async (_what, report) => {
  expect(await reportOf(report)).toMatchObject({ results: 0, findings: [], scans: [{ complete: true }], problems: [] });
});

test.each<[string, unknown, string]>([
  ['an error', { ok: false, error: 'Could not detect supported target files', path: '.' }, 'scan-failed'],
  ['errors of all projects', [{ ok: false, error: 'x', path: 'a' }], 'scan-failed'],
  ['a project without a list', [clean, { ok: true, summary: 'x' }], 'malformed'],
  ['a vulnerability that is no object', { ...clean, vulnerabilities: [7] }, 'malformed'],
  ['applications that are no list', { ...clean, applications: {} }, 'malformed'],
  ['an application that is no object', { ...clean, applications: [7] }, 'malformed'],
  ['a project that is no object', [clean, 7], 'malformed'],
])('%s is refused', async (_what, report, refused) => {
  expect(await readReport(report)).toMatchObject({ refused });
});
