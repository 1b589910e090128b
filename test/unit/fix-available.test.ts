import { expect, test } from 'vitest';
import { judge } from '../../services/domain/judge.ts';
import { headsOf } from '../../services/domain/scan-import.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { COMMIT } from '../builders.ts';
import { aJudgedService, anInput, aService } from './judge-input.ts';
import { logOf } from './read-sarif.ts';
import { sampleContract } from './sample-contract.ts';
import { reportOf } from './scanner-reports.ts';

/** The rule of the delivered contract blocks from 15 January 2027. */
const AT = '2027-01-20T09:00:00.000Z';
const CVE = 'CVE-2026-0001';
const PURL = 'pkg:npm/pad@1.0.0';

const trivy = (over: object) => ({
  SchemaVersion: 2,
  ArtifactName: 'a',
  Results: [
    {
      ...{ Target: 'package-lock.json', Class: 'lang-pkgs', Type: 'npm' },
      Vulnerabilities: [{ VulnerabilityID: CVE, PkgName: 'pad', InstalledVersion: '1.0.0', Severity: 'LOW', ...over }],
    },
  ],
});
const grype = (fix: object) => ({
  descriptor: { name: 'grype' },
  matches: [
    {
      vulnerability: { id: 'GHSA-aaaa-bbbb-cccc', severity: 'Low', fix },
      relatedVulnerabilities: [{ id: CVE }],
      artifact: { name: 'pad', version: '1.0.0', type: 'npm', purl: PURL },
    },
  ],
});
const snyk = (over: object) => ({
  ...{ ok: false, summary: '1 vulnerable', packageManager: 'npm' },
  vulnerabilities: [
    {
      id: 'SNYK-JS-PAD-1',
      packageName: 'pad',
      version: '1.0.0',
      severity: 'low',
      identifiers: { CVE: [CVE] },
      ...over,
    },
  ],
});
const npm6 = (patched_versions: string) => ({
  actions: [],
  metadata: {},
  advisories: { 1: { id: 1, module_name: 'pad', severity: 'low', cves: [CVE], patched_versions, findings: [] } },
});
const osv = (event: object) => ({
  results: [
    {
      source: { path: 'package-lock.json' },
      packages: [
        {
          package: { name: 'pad', version: '1.0.0', ecosystem: 'npm' },
          vulnerabilities: [
            {
              id: 'GHSA-aaaa-bbbb-cccc',
              aliases: [CVE],
              affected: [{ package: { name: 'pad' }, ranges: [{ events: [{ introduced: '0' }, event] }] }],
            },
          ],
        },
      ],
    },
  ],
});
const checkov = (over: object) => ({
  check_type: 'sca_package',
  results: {
    failed_checks: [
      {
        ...{
          check_id: 'CKV_CVE_2026_0001',
          check_name: 'SCA package scan',
          severity: 'LOW',
          file_path: '/package.json',
        },
        vulnerability_details: { id: CVE, package_name: 'pad', package_version: '1.0.0', ...over },
      },
    ],
  },
});
const sarif = (name: string, text: string) =>
  logOf(
    { results: [{ ruleId: CVE, ruleIndex: 0, level: 'note', message: { text: `Package: pad\n${text}` } }] },
    { name, rules: [{ id: CVE, name: 'LanguageSpecificPackageVulnerability' }] },
  );
const cyclonedx = (over: object) => ({
  ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
  vulnerabilities: [{ id: CVE, ratings: [{ severity: 'low' }], affects: [{ ref: PURL }], ...over }],
});

test.each<[string, boolean, unknown]>([
  ['trivy', true, trivy({ FixedVersion: '1.0.1' })],
  ['trivy', true, trivy({ Status: 'fixed' })],
  ['trivy', false, trivy({ Status: 'will_not_fix' })],
  ['grype', true, grype({ state: 'fixed', versions: ['1.0.1'] })],
  ['grype', true, grype({ state: 'unknown', versions: ['1.0.1'] })],
  ['grype', false, grype({ state: 'wont-fix', versions: [] })],
  ['grype', false, grype({ state: 'unknown', versions: [] })],
  ['snyk', true, snyk({ isUpgradable: true })],
  ['snyk', true, snyk({ isPatchable: true })],
  ['snyk', true, snyk({ fixedIn: ['1.0.1'] })],
  ['snyk', false, snyk({ isUpgradable: false, isPatchable: false, fixedIn: [] })],
  ['npm-audit', true, npm6('>=1.0.1')],
  ['npm-audit', false, npm6('<0.0.0')],
  ['osv-scanner', true, osv({ fixed: '1.0.1' })],
  ['osv-scanner', false, osv({ last_affected: '1.0.0' })],
  ['checkov', true, checkov({ status: 'fixed in 1.0.1' })],
  ['checkov', true, checkov({ status: 'open', lowest_fixed_version: '1.0.1' })],
  ['checkov', false, checkov({ status: 'open', lowest_fixed_version: 'UNFIXED' })],
  ['sarif', true, sarif('Trivy', 'Fixed Version: 1.0.1')],
  ['sarif', false, sarif('Trivy', 'Fixed Version: ')],
  ['sarif', true, sarif('Grype', 'Fix Version: 1.0.1')],
  ['cyclonedx', true, cyclonedx({ recommendation: 'Upgrade pad to version 1.0.1' })],
  ['cyclonedx', true, cyclonedx({ analysis: { state: 'perhaps', response: ['update'] } })],
  ['cyclonedx', false, cyclonedx({})],
])(
  'what %s finds, known to be exploited and fixable: %s, is blocked by the delivered contract',
  async (format, isBlocked, written) => {
    const [contract, report] = [await sampleContract(), await reportOf(written)];
    expect(report.format).toBe(format);
    const context = { service: 'payments-api', commit: COMMIT, verified: true };
    const heads = atOnce(headsOf(context, report, contract, 'report-1', AT, aService()));
    const environment = contract.environments.get('prod');
    if (environment === undefined) throw new Error('the sample contract has no environment prod');
    const input = anInput({ contract, environment, services: [aJudgedService({ heads })], now: AT, arrivedAt: AT });

    expect(judge(input).counts.block).toBe(0);
    const knownExploited = { ids: new Set([CVE]), lists: [] };
    const { blocks } = judge({ ...input, knownExploited });
    expect(blocks.map(({ exploitability, blockGroup }) => [exploitability, blockGroup])).toEqual(
      isBlocked ? [['known-exploited', 'release-integrity']] : [],
    );
  },
);

test('npm says of a package whether it can be fixed; its advisories name no CVE', async () => {
  const via = [{ source: 1, url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc', severity: 'low' }];
  const of = async (fixAvailable: unknown) => {
    const vulnerabilities = { pad: { name: 'pad', severity: 'low', via, fixAvailable } };
    return (await reportOf({ auditReportVersion: 2, vulnerabilities })).findings[0]?.fixAvailable;
  };
  expect(await of(true)).toBe(true);
  expect(await of({ name: 'pad', version: '1.0.1' })).toBe(true);
  expect(await of(false)).toBe(false);
});
