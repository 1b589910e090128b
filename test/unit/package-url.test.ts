import { expect, test } from 'vitest';
import { packageUrl } from '../../services/signals/package-url.ts';
import { reportOf } from './scanner-reports.ts';

test.each([
  ['npm', '@scope/name', '1.0.0', 'pkg:npm/%40scope/name@1.0.0'],
  ['PyPI', 'requests', undefined, 'pkg:pypi/requests'],
  ['maven', 'com.google.guava:guava', '29.0-jre', 'pkg:maven/com.google.guava/guava@29.0-jre'],
  [
    'gomodules',
    'github.com/docker/distribution',
    'v2.7.1+incompatible',
    'pkg:golang/github.com/docker/distribution@v2.7.1%2Bincompatible',
  ],
  ['crates.io', 'time', '', 'pkg:cargo/time'],
])('a package of %s is named as everywhere', (ecosystem, name, version, url) => {
  expect(packageUrl(ecosystem, name, version)).toBe(url);
});

test.each(['Debian:11', 'deb', 'Alpine:v3.19', '', undefined])(
  'a package of "%s" may be called otherwise elsewhere',
  (ecosystem) => {
    expect(packageUrl(ecosystem, 'openssl', '1')).toBeUndefined();
  },
);

test('a package without a name has none', () => {
  expect(packageUrl('npm', undefined, '1')).toBeUndefined();
});

const urlsOf = async (report: unknown, format?: string) =>
  (await reportOf(report, format === undefined ? {} : { format })).findings.map((one) => one.vulnerability?.purl);

test('npm audit, OSV-Scanner and Snyk say which package they mean where they write no package URL', async () => {
  const advisory = { id: 1, module_name: 'left-pad', findings: [{ version: '1.0.0' }], severity: 'high' };
  expect(await urlsOf({ advisories: { 1: advisory }, metadata: {} })).toEqual(['pkg:npm/left-pad@1.0.0']);
  const found = {
    package: { name: 'left-pad', version: '1.0.0', ecosystem: 'npm' },
    vulnerabilities: [{ id: 'MAL-1' }],
  };
  expect(await urlsOf({ results: [{ packages: [found] }] }, 'osv-scanner')).toEqual(['pkg:npm/left-pad@1.0.0']);
  const flaw = { id: 'SNYK-JAVA-A', packageName: 'a:b', version: '1', packageManager: 'maven', severity: 'low' };
  expect(await urlsOf({ ok: false, summary: '1', vulnerabilities: [flaw] })).toEqual(['pkg:maven/a/b@1']);
});

const sarif = (id: string, purls: unknown) => ({
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'Grype', rules: [{ id, properties: { purls } }] } },
      results: [{ ruleId: id, message: { text: 'A flaw' } }],
    },
  ],
});

test("of SARIF only a rule about one package says so, as Grype's do", async () => {
  const { findings } = await reportOf(sarif('GHSA-aaaa-bbbb-cccc-left-pad', ['pkg:npm/left-pad@1.0.0']));
  expect(findings[0]?.vulnerability).toEqual({ ids: ['GHSA-aaaa-bbbb-cccc'], purl: 'pkg:npm/left-pad@1.0.0' });
  for (const [id, purls] of [
    ['CVE-2026-0001-left-pad', ['pkg:npm/left-pad@1', 'pkg:npm/left-pad@2']],
    ['CVE-2026-0001-left-pad', undefined],
    ['CVE-2026-0001-left-pad', [7]],
    ['left-pad-is-old', ['pkg:npm/left-pad@1']],
  ] as const)
    expect((await reportOf(sarif(id, purls))).findings[0]?.vulnerability).toBeUndefined();
});

test('half a character is in no name: such a package has no package URL', () => {
  expect(packageUrl('npm', 'left\ud800pad', '1')).toBeUndefined();
  expect(packageUrl('npm', 'left-pad', '\udfff')).toBeUndefined();
});
