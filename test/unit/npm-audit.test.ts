import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const audit = (vulnerabilities: unknown, total?: number) => ({
  auditReportVersion: 2,
  vulnerabilities,
  metadata: { vulnerabilities: { total } },
});

test('each advisory of a package is a finding, and what is affected through it is told with it', async () => {
  expect(await reportOf('npm-audit.json')).toMatchObject({
    format: 'npm-audit',
    results: 3,
    scans: [{ tool: 'npm-audit', categories: ['dependency'], complete: true }],
    findings: [
      {
        rule: 'GHSA-aaaa-bbbb-cccc',
        severity: 'medium',
        message: 'left-pad <1.0.1: Made-up flaw',
        path: 'node_modules/left-pad',
        fixAvailable: true,
        vulnerability: { ids: ['GHSA-aaaa-bbbb-cccc'], package: 'left-pad', purl: 'pkg:npm/left-pad' },
      },
      { rule: 'npm-1002', severity: 'critical' },
      // Nothing in the report explains it, so it stands for itself.
      { rule: 'npm-audit:orphan', severity: 'high', fixAvailable: false },
    ],
    problems: ['1 entry: affected only through another package: told with that one'],
  });
});

test('packages that are affected only through one another are told', async () => {
  const package_ = (via: string) => ({ severity: 'high', via: [via], nodes: [] });
  const report = await reportOf(audit({ a: package_('b'), b: package_('a') }));
  expect(report.findings.map(({ rule }) => rule)).toEqual(['npm-audit:a', 'npm-audit:b']);
});

test('the format of npm 6 is by advisory', async () => {
  expect((await reportOf('npm-audit-6.json')).findings).toMatchObject([
    { rule: 'npm-106', severity: 'high', fixAvailable: true, vulnerability: { ids: ['CVE-2026-0030'] } },
    { rule: 'GHSA-aaaa-bbbb-cccc', severity: 'info', fixAvailable: false },
  ]);
});

test('no vulnerable package, and no advisory, is clean', async () => {
  expect(await reportOf('npm-audit-clean.json')).toMatchObject({
    findings: [],
    problems: [],
    scans: [{ complete: true }],
  });
  expect(await reportOf({ advisories: {}, muted: [], metadata: {} })).toMatchObject({ findings: [], problems: [] });
});

test('fewer packages than npm counts itself make the scan incomplete', async () => {
  const report = await reportOf(audit({}, 2));
  expect(report.scans).toMatchObject([{ complete: false }]);
  expect(report.problems).toEqual([expect.stringContaining('counts 2 vulnerable packages and lists 0')]);
});

test.each<[string, unknown, string]>([
  ['an error of npm', { error: { code: 'ENOLOCK', summary: 'no lockfile' } }, 'scan-failed'],
  ['an answer of the registry', { message: 'failed', method: 'POST', statusCode: 503, body: {} }, 'scan-failed'],
  ['another report version', { ...audit({}), auditReportVersion: 3 }, 'unsupported-version'],
  ['no list', { auditReportVersion: 2, metadata: {} }, 'malformed'],
  ['packages that are a list', audit([]), 'malformed'],
  ['packages that are null', audit(null), 'malformed'],
  ['a package that is no object', audit({ a: 1 }), 'malformed'],
])('%s is refused', async (_what, report, refused) => {
  expect(await readReport(report)).toMatchObject({ refused });
});

test('the code of an error is told, nothing else of it', async () => {
  const refusal = await readReport({ error: { code: 'ENOLOCK', summary: 'canary' } });
  expect(refusal).toMatchObject({ detail: expect.stringContaining('ENOLOCK') });
  expect(JSON.stringify(refusal)).not.toContain('canary');
});
