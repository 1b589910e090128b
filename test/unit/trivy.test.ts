import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const vulnerability = {
  VulnerabilityID: 'CVE-2026-1',
  PkgName: 'left-pad',
  InstalledVersion: '1.0.0',
  Severity: 'HIGH',
};
const result = { Target: 'package-lock.json', Class: 'lang-pkgs', Type: 'npm', Vulnerabilities: [vulnerability] };
const head = { SchemaVersion: 2, ArtifactName: '.', ArtifactType: 'filesystem' };

test('each class of an image has its category, severity, place, fix and ids', async () => {
  const report = await reportOf('trivy-v2.json');
  expect(report).toMatchObject({
    format: 'trivy',
    results: 6,
    scans: [{ tool: 'trivy', toolVersion: '0.58.1', complete: true, endedAt: '2024-01-15T09:00:00.123Z' }],
    findings: [
      {
        category: 'container',
        rule: 'CVE-2026-0001',
        severity: 'critical',
        message: 'zlib1g 1.2.13: zlib: made-up overflow',
        fixAvailable: false,
        vulnerability: {
          ids: ['CVE-2026-0001', 'DSA-9001-1'],
          package: 'zlib1g@1.2.13',
          purl: 'pkg:deb/debian/zlib1g@1.2.13?arch=amd64',
        },
      },
      {
        category: 'dependency',
        severity: 'medium',
        path: 'app/node_modules/left-pad/package.json',
        fixAvailable: true,
        help: 'Fixed in 1.0.1, 1.1.0.',
      },
      { category: 'dependency', rule: 'CVE-2026-0003', severity: 'high', suppressed: true, path: 'Node.js' },
      { category: 'iac', rule: 'DS002', severity: 'high', path: 'Dockerfile', line: 3, help: 'Add a USER line' },
      { category: 'secret', rule: 'made-up-token', severity: 'high', path: 'deploy/settings.env', line: 7 },
    ],
  });
  expect(report.scans[0]?.categories.toSorted()).toEqual(['container', 'dependency', 'iac', 'secret']);
});

test('a severity that says nothing is medium, and what was no finding is told', async () => {
  expect((await reportOf('trivy-v2.json')).problems).toEqual([
    '1 entry: the severity "unknown" is not known, taken as medium',
    '1 entry: a check that passed: no finding',
  ]);
});

test('what stands beside a secret is not taken over', async () => {
  expect(JSON.stringify(await reportOf('trivy-v2.json'))).not.toContain('canary');
});

test("what the scan's own author suppressed is suppressed, and not called harmless", async () => {
  const { findings } = await reportOf('trivy-v2.json');
  const suppressed = findings.filter((finding) => finding.suppressed);
  expect(suppressed).toHaveLength(1);
  expect(suppressed[0]).not.toHaveProperty('exploitability');
});

test('a check that a comment in the code excepts is suppressed; a status that nobody knows counts', async () => {
  const check = (Status: string) => ({ ID: 'AVD-1', Title: Status, Severity: 'HIGH', Status });
  const Misconfigurations = ['FAIL', 'EXCEPTION', 'LATER'].map(check);
  const { findings } = await reportOf({
    ...head,
    Results: [{ Target: 'main.tf', Class: 'config', Misconfigurations }],
  });
  expect(findings.map(({ suppressed }) => suppressed)).toEqual([false, true, false]);
});

test("packages of an image's system keep their identity from tag to tag and digest to digest", async () => {
  const of = async (target: string) => {
    const report = { ...head, Results: [{ ...result, Target: `${target} (debian 12.8)`, Class: 'os-pkgs' }] };
    const [finding] = (await reportOf(report)).findings;
    return [finding?.path, finding?.fingerprint];
  };
  const first = await of('registry.example:5000/shop:1');
  expect(first[0]).toBe('registry.example:5000/shop');
  expect(await of('registry.example:5000/shop:2')).toEqual(first);
  expect(await of(`registry.example:5000/shop@sha256:${'0'.repeat(64)}`)).toEqual(first);
});

test('version 1 is a list, in which the system tells the category', async () => {
  const old = await reportOf('trivy-v1.json');
  expect(old).toMatchObject({
    findings: [{ category: 'container', fixAvailable: true, path: 'registry.example/shop' }],
  });
  expect(old.scans[0]?.categories.toSorted()).toEqual(['container', 'dependency']);
  const { Type: _, ...untyped } = { ...result, Target: 'shop:1 (alpine 3.7.1)', Class: undefined };
  expect((await reportOf([untyped])).findings).toMatchObject([{ category: 'container' }]);
});

test('a cluster names the resource, and one that could not be scanned makes it incomplete', async () => {
  const report = await reportOf('trivy-k8s.json');
  expect(report.findings).toMatchObject([{ path: 'shop/Deployment/cart/registry.example/cart' }]);
  expect(report.scans).toMatchObject([{ complete: false }]);
});

test.each(['Vulnerabilities', 'Misconfigurations', 'Findings'])(
  'a cluster may list its resources as %s',
  async (list) => {
    const resource = { Kind: 'Pod', Name: 'a', Results: [result] };
    expect((await reportOf({ ClusterName: 'c', [list]: [resource] })).findings).toMatchObject([
      { rule: 'CVE-2026-1', path: 'Pod/a/package-lock.json' },
    ]);
  },
);

test.each<[string, unknown, string[]]>([
  ['no results', head, ['dependency']],
  ['results that are null', { ...head, Results: null }, ['dependency']],
  ['no result', { ...head, Results: [] }, ['dependency']],
  ['lists that are null', { ...head, Results: [{ ...result, Vulnerabilities: null }] }, ['dependency']],
  ['an image without results', { ...head, ArtifactType: 'container_image' }, ['container', 'dependency']],
  ['a cluster without resources', { ClusterName: 'c', Resources: [] }, ['container', 'dependency']],
])('a report with %s is clean', async (_what, report, categories) => {
  const read = await reportOf(report);
  expect(read).toMatchObject({ results: 0, findings: [], problems: [], scans: [{ tool: 'trivy', complete: true }] });
  expect(read.scans[0]?.categories.toSorted()).toEqual(categories);
});

test('a scan of configuration alone is no evidence for packages', async () => {
  const report = { ...head, Results: [{ Target: 'main.tf', Class: 'config', MisconfSummary: { Successes: 4 } }] };
  expect((await reportOf(report)).scans).toMatchObject([{ categories: ['iac'] }]);
});

test.each<[string, unknown, string]>([
  ['another schema version', { ...head, SchemaVersion: 3, Results: [] }, 'SchemaVersion'],
  ['results that are no list', { ...head, Results: {} }, 'Results'],
  ['a result that is no object', { ...head, Results: ['x'] }, 'Results[0]'],
  ['vulnerabilities that are no list', { ...head, Results: [{ Vulnerabilities: {} }] }, 'Results[0].Vulnerabilities'],
  ['a vulnerability that is no object', { ...head, Results: [{ Secrets: [1] }] }, 'Results[0].Secrets[0]'],
  ['a resource that is no object', { ClusterName: 'c', Resources: [1] }, 'Resources[0]'],
])('%s is refused, and the place is named', async (_what, report, place) => {
  expect(await readReport(report)).toMatchObject({
    refused: expect.stringMatching(/^(?:malformed|unsupported-version)$/),
    detail: expect.stringContaining(place),
  });
});

test('a member may stand before the ones that tell its class and place', async () => {
  const { Vulnerabilities, ...rest } = result;
  expect((await reportOf({ ...head, Results: [{ Vulnerabilities, ...rest }] })).findings).toEqual(
    (await reportOf({ ...head, Results: [result] })).findings,
  );
});

test('a time that was never set is none', async () => {
  const report = await reportOf({ ...head, CreatedAt: '0001-01-01T00:00:00Z', Results: [] });
  expect(report.scans[0]).not.toHaveProperty('endedAt');
});
