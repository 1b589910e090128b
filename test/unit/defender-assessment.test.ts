import { expect, test } from 'vitest';
import { areDuplicates, duplicateKeysOf, problemOf, readDuplicateKeys } from '../../services/domain/duplicate-keys.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { decisionsOf } from '../../services/domain/report-decisions.ts';
import { headsOf } from '../../services/domain/scan-import.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { COMMIT } from '../builders.ts';
import { clearedIn, findingsIn, GROUP, type Json, MACHINE, page, printsIn, TAKEN } from './azure-reports.ts';
import { aService } from './judge-input.ts';
import { readReport } from './read-sarif.ts';
import { SAMPLE_NOW, sampleContract } from './sample-contract.ts';
import { reportOf } from './scanner-reports.ts';

const KEY = '21300918-0000-0000-0000-000000000000';
const assessment = (properties: Json = {}) => ({
  id: `${MACHINE}/providers/Microsoft.Security/assessments/${KEY}`,
  name: KEY,
  type: 'Microsoft.Security/assessments',
  properties: {
    displayName: 'Protect it',
    resourceDetails: { source: 'Azure', id: MACHINE },
    status: { code: 'Unhealthy' },
    ...properties,
  },
});

test('an unhealthy assessment is a policy finding with what its metadata say; others are cleared', async () => {
  const vault = `${GROUP}/providers/Microsoft.KeyVault/vaults`;
  expect(await reportOf('defender-assessments.json')).toMatchObject({
    results: 3,
    scans: [{ tool: 'defender', categories: ['policy'], complete: true }],
    findings: [
      {
        category: 'policy',
        rule: KEY,
        severity: 'high',
        message: 'Vaults should keep what is deleted',
        help: 'Turn purge protection on.',
        asset: `${vault}/keys`,
        policyDefinition: '/providers/Microsoft.Authorization/policyDefinitions/purge-protection',
        at: '2026-11-19T08:00:00.000Z',
      },
    ],
    cleared: [{ asset: `${vault}/more` }, { asset: `${vault}/other` }],
    problems: ['1 entry: healthy: no finding', '1 entry: not applicable (OffByPolicy): no finding'],
  });
});

test('an assessment is cleared by the fingerprint that it had as a finding, with metadata or without', async () => {
  const metadata = { severity: 'Low', policyDefinitionId: '/x' };
  expect(await clearedIn(page(assessment({ status: { code: 'Healthy' } })))).toEqual(
    await printsIn(page(assessment({ metadata }))),
  );
});

test('a recommendation as workflow automation sends it is one entry of many', async () => {
  const sent = {
    AssessmentEventDataEnrichment: { Action: 'Insert' },
    ...assessment({ metadata: { severity: 'Low' } }),
  };
  for (const report of [sent, [sent]]) {
    const { findings, scans, problems } = await reportOf(report);
    expect(findings).toMatchObject([{ severity: 'low' }]);
    expect(scans).toMatchObject([{ complete: false }]);
    expect(problems).toContain(`What is sent on its way tells of what changed, not of all: ${TAKEN}`);
  }
});

test.each([[{}], [{ code: 'Pending' }], [null], ['Unhealthy']])(
  'the status %j of an assessment is neither a finding nor cleared, and leaves the scan incomplete',
  async (status) => {
    const report = await reportOf(page(assessment({ status })));
    expect(report).toMatchObject({ findings: [], scans: [{ complete: false }] });
    expect(report).not.toHaveProperty('cleared');
    expect(report.problems).toContain(`Whether 1 are findings is not known: ${TAKEN}`);
  },
);

test('a vulnerability of an image is one finding in all images of its repository, with its package', async () => {
  const report = await reportOf('defender-parts.json');
  expect(report).toMatchObject({
    results: 3,
    findings: [
      {
        category: 'dependency',
        rule: 'CVE-2026-0060',
        severity: 'high',
        exploitability: 'exploitable',
        fixAvailable: true,
        message: 'CVE-2026-0060, left-pad, web',
        asset: `${GROUP}/providers/Microsoft.ContainerRegistry/registries/shop`,
        vulnerability: { ids: ['CVE-2026-0060'], package: 'left-pad@1.0.0', purl: 'pkg:pypi/left-pad@1.0.0' },
      },
    ],
  });
  expect(report.problems).toEqual(['1 entry: the same on the same again: joined', '1 entry: healthy: no finding']);
});

const part = (properties: Json) => ({
  id: `${MACHINE}/providers/Microsoft.Security/assessments/${KEY}/subAssessments/p`,
  name: 'p',
  type: 'Microsoft.Security/assessments/subAssessments',
  properties: {
    id: 'VA2064',
    displayName: 'Track rules',
    status: { code: 'Unhealthy', severity: 'Low' },
    ...properties,
  },
});

test.each([
  ['SqlServerVulnerability', {}, 'policy', undefined],
  ['ServerVulnerability', {}, 'runtime', undefined],
  ['ContainerRegistryVulnerability', { cve: [{ title: 'CVE-2026-0001' }], patchable: true }, 'container', undefined],
  [
    'AzureContainerRegistryVulnerability',
    {
      softwareDetails: {
        category: 'OS',
        packageName: 'zlib1g',
        version: '1:1.2',
        osDetails: { osVersion: 'debian_12' },
      },
      cve: [{ title: 'CVE-2026-0001' }],
    },
    'container',
    'pkg:deb/zlib1g@1%3A1.2',
  ],
])('a part of an assessment of %s with %j is in category %s', async (assessedResourceType, more, category, purl) => {
  const [finding] = await findingsIn(page(part({ additionalData: { assessedResourceType, ...more } })));
  expect(finding).toMatchObject({ category, rule: 'VA2064', severity: 'low' });
  expect(finding?.vulnerability?.purl).toBe(purl);
});

const exploit = (isInExploitKit: boolean, exploitStepsVerified: boolean) => ({
  vulnerabilityDetails: { exploitabilityAssessment: { isInExploitKit, exploitStepsVerified } },
});

test.each([
  [exploit(true, true), { exploitability: 'known-exploited' }],
  [exploit(false, true), { exploitability: 'exploitable' }],
  [{ softwareDetails: { fixStatus: 'NoFixAvailable' } }, { fixAvailable: false }],
  [{ softwareDetails: { fixStatus: 'WontFix' } }, { fixAvailable: false }],
  [{ softwareDetails: { fixStatus: 'WontFix', fixedVersion: '2' } }, { fixAvailable: true }],
])('what a part says of exploits and fixes is taken over: %j', async (additionalData, said) => {
  expect(await findingsIn(page(part({ additionalData })))).toMatchObject([said]);
});

test('the severity of a healthy part makes no finding of it', async () => {
  expect(await findingsIn(page(part({ status: { code: 'Healthy', severity: 'High' } })))).toEqual([]);
});

const sql = (properties: Json) => ({
  id: `${GROUP}/providers/Microsoft.Sql/servers/s/databases/d/providers/Microsoft.Security/sqlVulnerabilityAssessments/default/scans/x/scanResults/VA2062`,
  name: 'VA2062',
  type: 'Microsoft.Security/sqlVulnerabilityAssessments/scans/scanResults',
  properties: { ruleId: 'VA2062', ruleMetadata: { severity: 'High', title: 'Firewall' }, ...properties },
});

test('a result of a SQL rule counts by its status, and what a baseline lets pass is suppressed', async () => {
  const asset = `${GROUP}/providers/Microsoft.Sql/servers/s/databases/d`;
  const { findings } = await reportOf(page(sql({ status: 'Finding', baselineAdjustedResult: null })));
  expect(findings).toMatchObject([{ category: 'policy', rule: 'VA2062', severity: 'high', suppressed: false, asset }]);
  const passed = await findingsIn(page(sql({ status: 'Finding', baselineAdjustedResult: { status: 'NonFinding' } })));
  expect(passed).toMatchObject([{ suppressed: true }]);
  expect(await clearedIn(page(sql({ status: 'NonFinding' })))).toEqual(findings.map(({ fingerprint }) => fingerprint));
  expect((await reportOf(page(sql({ status: 'InternalError' })))).scans).toMatchObject([{ complete: false }]);
});

test('a vulnerability of a machine is a finding of its product there, whatever its version', async () => {
  const row = {
    id: '1',
    cveId: 'CVE-2026-0001',
    machineId: 'm',
    productName: 'tools',
    productVendor: 'v',
    productVersion: '1',
    severity: 'Low',
    fixingKbId: null,
  };
  const { findings, problems } = await reportOf(
    page(row, { ...row, id: '2', productVersion: '2' }, { ...row, id: '3', machineId: 'n' }),
  );
  expect(findings).toMatchObject([
    {
      category: 'runtime',
      rule: 'CVE-2026-0001',
      severity: 'low',
      path: 'machines/m',
      message: 'v tools 1: CVE-2026-0001',
    },
    { path: 'machines/n' },
  ]);
  expect(problems).toEqual(['1 entry: the same on the same again: joined']);
});

const keysOf = (finding: Finding | undefined) =>
  readDuplicateKeys(finding === undefined ? '' : duplicateKeysOf(problemOf(finding)));

test('what Azure Policy and Defender find of one definition on one resource is one problem, in one category', async () => {
  const definition = '/providers/Microsoft.Authorization/policyDefinitions/Purge-Protection';
  const state = {
    resourceId: MACHINE.toUpperCase(),
    policyAssignmentId: '/a',
    policyDefinitionId: definition.toUpperCase(),
    complianceState: 'NonCompliant',
  };
  const [policy] = await findingsIn(page(state));
  const [defender] = await findingsIn(page(assessment({ metadata: { policyDefinitionId: definition } })));
  expect(areDuplicates(keysOf(policy), keysOf(defender))).toBe(true);
  expect(policy?.category).toBe(defender?.category);
  for (const other of [
    { ...state, resourceId: `${MACHINE}2` },
    { ...state, policyDefinitionId: '/other' },
  ]) {
    const [finding] = await findingsIn(page(other));
    expect(areDuplicates(keysOf(finding), keysOf(defender))).toBe(false);
  }
  const [without] = await findingsIn(page(assessment()));
  expect(keysOf(without).keys).toEqual([]);
});

test('an assessment of a machine elsewhere belongs to what it is kept under', async () => {
  const elsewhere = { source: 'OnPremise', machineName: 'old', workspaceId: 'w' };
  expect(await findingsIn(page(assessment({ resourceDetails: elsewhere })))).toMatchObject([{ asset: MACHINE }]);
  const nowhere = { ...assessment({ resourceDetails: null }), id: 'x' };
  const refusal = await readReport(page(assessment(), nowhere));
  expect(refusal).toMatchObject({ refused: 'malformed', detail: expect.stringContaining('value[1]') });
});

test('of two codes of one assessment the stricter counts', async () => {
  expect(await findingsIn(page(assessment({ status: { code: 'Healthy', Code: 'Unhealthy' } })))).toHaveLength(1);
});

test('an image is the registry that it lies in, however its own id is written', async () => {
  const registry = `${GROUP}/providers/Microsoft.ContainerRegistry/registries/shop`;
  const of = (digest: string) => ({
    ...part({
      resourceDetails: {
        source: 'Azure',
        id: `${registry}/repository/web/imageDigest/${digest}/providers/Microsoft.Security/x`,
      },
      additionalData: {
        assessedResourceType: 'ContainerRegistryVulnerability',
        repositoryName: 'web',
        imageDigest: digest,
      },
    }),
    id: `${registry}/providers/Microsoft.Security/assessments/${KEY}/subAssessments/${digest}`,
  });
  const [finding] = await findingsIn(page(of('aa')));
  expect(finding).toMatchObject({ asset: registry, category: 'container' });
  expect(await printsIn(page(of('bb')))).toEqual([finding?.fingerprint]);
});

test('the sample contract blocks production once by what both find, and warns once where it is deployed', async () => {
  const definition = '/providers/Microsoft.Authorization/policyDefinitions/purge-protection';
  const state = {
    ...{ resourceId: MACHINE, policyAssignmentId: '/a', policyDefinitionId: definition },
    complianceState: 'NonCompliant',
  };
  const reports = await Promise.all(
    [state, assessment({ metadata: { policyDefinitionId: definition, severity: 'High' } })].map((one) =>
      reportOf(page(one)),
    ),
  );
  const contract = await sampleContract();
  for (const [timing, decision] of [
    ['pre-deploy', 'block'],
    ['post-deploy', 'warn'],
  ] as const) {
    const context = { service: 'payments-api', commit: COMMIT, environment: 'prod', verified: true, timing };
    const heads = reports.flatMap((report, n) => atOnce(headsOf(context, report, contract, `report-${n}`, SAMPLE_NOW)));
    const [counts] = atOnce(decisionsOf(context, heads, contract, aService(), SAMPLE_NOW));
    expect(counts).toMatchObject({ block: 0, warn: 0, [decision]: 1 });
  }
});

test('resources of other clouds and machines elsewhere are told apart', async () => {
  const connector = `${GROUP}/providers/Microsoft.Security/securityConnectors/aws/securityentitydata`;
  const inCloud = (name: string, code: string) => ({
    ...assessment({ resourceDetails: { source: 'Aws' }, status: { code } }),
    id: `${connector}/${name}/providers/Microsoft.Security/assessments/${KEY}`,
  });
  expect(
    await findingsIn(page(inCloud('a', 'Unhealthy'), inCloud('b', 'Healthy'), inCloud('c', 'Unhealthy'))),
  ).toMatchObject([{ asset: `${connector}/a` }, { asset: `${connector}/c` }]);
  const machine = (vmuuid: string, statusChangeDate: string, code: string) =>
    assessment({ resourceDetails: { source: 'OnPremise', vmuuid }, status: { code, statusChangeDate } });
  const both = page(machine('a', '2026-11-19T08:00:00Z', 'Unhealthy'), machine('b', '2026-11-20T08:00:00Z', 'Healthy'));
  expect(await findingsIn(both)).toHaveLength(1);
});

test('a part whose resource is named by its own id is told at what it is attached to', async () => {
  const database = `${GROUP}/providers/Microsoft.Sql/servers/s/databases/d`;
  const id = `${database}/providers/Microsoft.Security/assessments/${KEY}/subAssessments/p`;
  const found = await findingsIn(page(part({ resourceDetails: { source: 'Azure', id } })));
  expect(found).toMatchObject([{ asset: database }]);
});
