import { expect, test } from 'vitest';
import type { Category } from '../../services/domain/finding.ts';
import { logOf, readReport } from './read-sarif.ts';

test.each([
  ['CodeQL', 'codeql', ['sast']],
  ['Semgrep OSS', 'semgrep', ['sast']],
  ['ESLint', 'eslint', ['sast']],
  ['Security Code Scan', 'security-code-scan', ['sast']],
  ['Snyk Code', 'snyk-code', ['sast']],
  ['SnykCode', 'snyk-code', ['sast']],
  ['gitleaks', 'gitleaks', ['secret']],
  ['TruffleHog', 'trufflehog', ['secret']],
  ['Trivy', 'trivy', ['dependency', 'container']],
  ['Grype', 'grype', ['dependency', 'container']],
  ['npm audit', 'npm-audit', ['dependency']],
  ['osv-scanner', 'osv-scanner', ['dependency']],
  ['dependency-check', 'dependency-check', ['dependency']],
  ['Black Duck', 'black-duck', ['dependency']],
  ['Snyk Open Source', 'snyk-open-source', ['dependency']],
  ['Checkov', 'checkov', ['iac']],
  ['KICS', 'kics', ['iac']],
  ['terrascan', 'terrascan', ['iac']],
  ['tfsec', 'tfsec', ['iac']],
  ['Snyk IaC', 'snyk-iac', ['iac']],
  ['My Scanner 2', 'my-scanner-2', ['sast']],
  ['測試', 'unnamed', ['sast']],
])('%s is the tool %s and attests %j', async (name, tool, categories) => {
  expect(await readReport(logOf({ results: [] }, { name }))).toMatchObject({ scans: [{ tool, categories }] });
});

test('the category option places an unknown tool and never a known one', async () => {
  const category: Category = 'iac';
  const read = (name: string) => readReport(logOf({ results: [{}] }, { name }), { category });
  expect(await read('My Scanner')).toMatchObject({ scans: [{ categories: ['iac'] }], findings: [{ category: 'iac' }] });
  expect(await read('gitleaks')).toMatchObject({
    scans: [{ categories: ['secret'] }],
    findings: [{ category: 'secret' }],
  });
});

test.each([
  ['Trivy', { properties: { tags: ['secret', 'security'] } }, 'secret'],
  ['Trivy', { properties: { tags: ['misconfiguration'] } }, 'iac'],
  ['Trivy', { name: 'OsPackageVulnerability', properties: { tags: ['vulnerability'] } }, 'container'],
  ['Trivy', { properties: { tags: ['vulnerability'] } }, 'dependency'],
  ['Grype', { name: 'DpkgMatcherExactDirectMatch' }, 'container'],
  ['Grype', { name: 'JavaMatcherCpeMatch' }, 'dependency'],
  ['My Scanner', { properties: { tags: ['secret'] } }, 'secret'],
  ['My Scanner', { properties: { tags: ['vulnerability'] } }, 'sast'],
  // A tool that reports no secrets cannot move its findings to that control.
  ['ESLint', { properties: { tags: ['secret'] } }, 'sast'],
])('a finding by %s with the rule %j is of category %s, and its scan holds it', async (name, rule, category) => {
  const report = await readReport(logOf({ results: [{ ruleIndex: 0 }] }, { name, rules: [rule] }));
  expect(report).toMatchObject({
    findings: [{ category }],
    scans: [{ categories: expect.arrayContaining([category]) }],
  });
});

test('a rule without results is enough for a tool to attest its category', async () => {
  const rules = [{ id: 'aws-key', properties: { tags: ['secret'] } }];
  const report = await readReport(logOf({ results: [] }, { name: 'Trivy', rules }));
  expect(report).toMatchObject({ scans: [{ categories: ['dependency', 'container', 'secret'] }] });
});
