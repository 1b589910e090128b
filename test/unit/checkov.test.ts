import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const framework = (results: unknown, summary: unknown = {}) => ({ check_type: 'terraform', results, summary });

test('failed checks are findings, skipped ones suppressed, passed ones only counted', async () => {
  expect(await reportOf('checkov.json')).toMatchObject({
    format: 'checkov',
    results: 4,
    scans: [{ tool: 'checkov', toolVersion: '3.2.1', categories: ['iac'], complete: true }],
    findings: [
      {
        category: 'iac',
        rule: 'CKV_AZURE_41',
        severity: 'high',
        message: 'The key vault can be recovered (azurerm_key_vault.main)',
        path: 'infra/main.tf',
        line: 4,
        help: 'https://example.org/ckv-azure-41',
        suppressed: false,
      },
      { rule: 'CKV_AZURE_42', severity: 'medium', path: 'main.tf' },
      { rule: 'CKV_AZURE_43', severity: 'low', suppressed: true },
    ],
    problems: ['1 entry: a check that passed: no finding', '1 entry: no severity is given, taken as medium'],
  });
});

test('the code is not taken over', async () => {
  expect(JSON.stringify(await reportOf('checkov.json'))).not.toContain('canary');
});

test('of several frameworks each has its category; a file that could not be read makes the scan incomplete', async () => {
  expect(await reportOf('checkov-frameworks.json')).toMatchObject({
    scans: [{ categories: ['iac', 'dependency'], complete: false }],
    findings: [
      {
        category: 'dependency',
        severity: 'critical',
        fixAvailable: true,
        vulnerability: { ids: ['CVE-2026-0050'], package: 'left-pad@1.0.0' },
      },
    ],
    problems: ['Checkov could not read 1 files of terraform: the scan is taken as incomplete'],
  });
});

test('a check of secrets is of category secret', async () => {
  const report = await reportOf({
    ...framework({ failed_checks: [{ check_id: 'CKV_SECRET_6' }] }),
    check_type: 'secrets',
  });
  expect(report).toMatchObject({ findings: [{ category: 'secret' }], scans: [{ categories: ['secret'] }] });
});

test('a framework without failed checks is clean, and so is a run that found nothing to check, which is told', async () => {
  expect(await reportOf(framework({ failed_checks: [] }))).toMatchObject({ findings: [], scans: [{ complete: true }] });
  const nothing = await reportOf('checkov-nothing.json');
  expect(nothing).toMatchObject({ results: 0, findings: [], scans: [{ categories: ['iac'], complete: true }] });
  expect(nothing.problems).toEqual([expect.stringContaining('found nothing to check')]);
});

test('fewer failed checks than Checkov counts itself make the scan incomplete', async () => {
  const report = await reportOf(framework({ failed_checks: [] }, { failed: 3 }));
  expect(report.scans).toMatchObject([{ complete: false }]);
});

test.each<[string, unknown]>([
  ['a framework without failed_checks', framework({})],
  ['results that are no object', framework([])],
  ['failed checks that are null', framework({ failed_checks: null })],
  ['a check that is no object', framework({ failed_checks: [1] })],
  ['one framework without results among several', [framework({ failed_checks: [] }), { check_type: 'helm' }]],
  ['a bare summary that counts checks', { passed: 0, failed: 2, skipped: 0, parsing_errors: 0 }],
])('%s is refused', async (_what, report) => {
  expect(await readReport(report)).toMatchObject({ refused: 'malformed' });
});
