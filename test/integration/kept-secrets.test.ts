import { randomBytes } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aPredicate, aSigstore, aStatement, BUILDER, ISSUER } from '../attestations.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';

// What tools write of secrets and beside them, sent as a pipeline would, and looked for in all that is kept, answered and logged.

/** Made here, so that no scanner finds one in this repository. */
const SECRET = `tok_${randomBytes(24).toString('hex')}`;
const ARM = '/subscriptions/aaaaaaaa-0000-4000-8000-000000000001/resourceGroups/rg-payments/providers';
const LINE = `password = "${SECRET}"`;
const PROVENANCE = `kind: Provenance
identities: [{ issuer: "${ISSUER}", subject: "https://github.com/contoso/*/.github/workflows/build.yml@refs/heads/main" }]
builders: ["${BUILDER}"]
sources: ["https://github.com/contoso/*"]
`;

let scene: CheckScene;
let folder: string;
let attest: Awaited<ReturnType<typeof aSigstore>>['attest'];
let number = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-kept-secrets-'));
  await cp('manifest/policy', folder, { recursive: true });
  const sigstore = await aSigstore();
  attest = sigstore.attest;
  await writeFile(join(folder, 'provenance.yaml'), PROVENANCE);
  await writeFile(join(folder, 'trusted-root.json'), JSON.stringify(sigstore.trustedRoot));
  scene = await setCheckScene({ POLICY_DIR: folder });
});
afterAll(async () => {
  await scene.close();
  await rm(folder, { recursive: true, force: true });
});

async function send(body: string): Promise<{ readonly status: number; readonly text: string }> {
  number += 1;
  const commit = number.toString(16).padStart(40, 'f');
  const search = new URLSearchParams({ service: 'payments-api', commit });
  const request = { method: 'POST', headers: { 'X-Api-Key': API_KEY }, body };
  const answer = await fetch(`${scene.url}/api/findings?${search}`, request);
  return { status: answer.status, text: await answer.text() };
}

const alert = {
  AlertType: 'VM_LoginBruteForce',
  SystemAlertId: 'a1',
  Severity: 'High',
  Status: 'New',
  Description: LINE,
  AzureResourceId: `${ARM}/Microsoft.Compute/virtualMachines/vm1`,
  Entities: [{ commandLine: LINE, type: 'process' }],
  ExtendedProperties: { 'Command line': LINE },
};
const assessment = {
  id: `${ARM}/Microsoft.Sql/servers/s1/providers/Microsoft.Security/assessments/a1`,
  name: 'a1',
  type: 'Microsoft.Security/assessments',
  properties: {
    status: { code: 'Unhealthy', description: LINE },
    additionalData: { found: SECRET },
    resourceDetails: { source: 'Azure', id: `${ARM}/Microsoft.Sql/servers/s1` },
    metadata: { displayName: 'Secrets should be rotated', severity: 'High' },
  },
};
const dangerous = {
  id: `${ARM}/Microsoft.Sql/servers/s1/databases/d1/providers/Microsoft.Security/sqlVulnerabilityAssessments/default/scans/1/scanResults/VA1`,
  name: 'VA1',
  type: 'Microsoft.Security/sqlVulnerabilityAssessments/scans/scanResults',
  properties: {
    ...{
      ruleId: 'VA1',
      status: 'Finding',
      queryResults: [[SECRET]],
      ruleMetadata: { title: 'A rule', severity: 'High' },
    },
    remediation: { description: 'Remove it', scripts: [LINE] },
    baselineAdjustedResult: { status: 'Finding', resultsNotInBaseline: [[SECRET]] },
  },
};
const policyState = {
  resourceId: `${ARM}/Microsoft.Web/sites/web`,
  policyAssignmentId: `${ARM}/Microsoft.Authorization/policyAssignments/x`,
  policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/no-secrets',
  complianceState: 'NonCompliant',
  resourceTags: SECRET,
  effectiveParameters: SECRET,
  policyEvaluationDetails: { evaluatedExpressions: [{ expressionValue: SECRET, targetValue: LINE }] },
};
const secretAlert = {
  ...{ alertId: 7, alertType: 'secret', severity: 'critical', state: 'active' },
  title: `A key (…${SECRET.slice(-6)})`,
  truncatedSecret: `…${SECRET.slice(-6)}`,
  validationFingerprints: [{ validationFingerprintJson: LINE, validationFingerprintHash: 'h' }],
  physicalLocations: [{ filePath: 'app.env', region: { lineStart: 3, snippet: { text: LINE } } }],
  tools: [{ name: 'Secrets', rules: [{ opaqueId: 'SEC101', friendlyName: 'A key', helpMessage: LINE }] }],
};
const operation = {
  operationName: { value: 'Microsoft.Web/sites/config/write' },
  eventTimestamp: '2026-11-20T08:00:00Z',
  resourceId: `${ARM}/Microsoft.Web/sites/web`,
  caller: 'Adele Vance',
  claims: { 'http://schemas.microsoft.com/identity/claims/objectidentifier': 'a', uti: SECRET },
  httpRequest: { uri: `https://management.azure.com/?sig=${SECRET}` },
  properties: { requestbody: LINE, responseBody: JSON.stringify({ keys: [SECRET] }) },
};
const audited = {
  ...{ actionId: 'Library.VariableGroupModified', timestamp: '2026-11-20T08:00:00Z', category: 'modify' },
  actorDisplayName: 'Adele Vance',
  scopeDisplayName: 'contoso (Organization)',
  data: {
    VariableGroupName: 'payments',
    Variables: { key: SECRET },
    PreviousValue: SECRET,
    PolicyValue: SECRET,
    EventSummary: [{ Change: SECRET }],
  },
  details: LINE,
};
const sarif = {
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'gitleaks' } },
      results: [
        {
          ruleId: 'key',
          message: { text: `Found ${SECRET}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: 'app.env' },
                region: { startLine: 3, snippet: { text: LINE } },
                contextRegion: { startLine: 1, snippet: { text: LINE } },
              },
            },
          ],
          fingerprints: { line: LINE },
          properties: { match: LINE },
        },
      ],
    },
  ],
};
const checkov = {
  check_type: 'secrets',
  results: {
    failed_checks: [
      {
        ...{ check_id: 'CKV_SECRET_6', check_name: 'A key', file_path: '/app.env', file_line_range: [3, 4] },
        ...{ resource: '0'.repeat(40), code_block: [[3, LINE]], fixed_definition: LINE },
        check_result: { result: 'FAILED', evaluated_keys: [SECRET] },
      },
    ],
  },
  summary: { failed: 1, passed: 0, skipped: 0, parsing_errors: 0 },
};
const trivy = {
  SchemaVersion: 2,
  ArtifactName: '.',
  ArtifactType: 'filesystem',
  Results: [
    {
      ...{ Target: 'app.env', Class: 'secret' },
      Secrets: [
        {
          ...{ RuleID: 'key', Category: 'general', Severity: 'CRITICAL', Title: 'A key', StartLine: 3, Match: LINE },
          Code: { Lines: [{ Number: 3, Content: LINE }] },
        },
      ],
    },
  ],
};
const leak = {
  RuleID: 'key',
  Description: 'A key',
  File: 'app.env',
  StartLine: 3,
  Secret: SECRET,
  Match: LINE,
  Line: LINE,
};
const oldLeak = { rule: 'key', file: 'app.env', line: LINE, lineNumber: 3, offender: SECRET, commitMessage: LINE };
const hogged = {
  SourceMetadata: {
    Data: { Git: { commit: 'c', file: 'app.env', line: 3, repository: `https://u:${SECRET}@git.example/r` } },
  },
  ...{ SourceName: 'trufflehog - git', DetectorName: 'URI', Verified: false },
  ...{ Raw: SECRET, RawV2: LINE, Redacted: SECRET, ExtraData: { key: SECRET }, VerificationError: LINE },
};
const provenance = {
  ...aPredicate({ uri: `git+https://build:${SECRET}@github.com/fabrikam/other@refs/heads/main` }),
  runDetails: { builder: { id: `https://build:${SECRET}@builder.example` }, byproducts: [{ content: LINE }] },
};

const REPORTS: Readonly<Record<string, () => unknown>> = {
  sarif: () => sarif,
  'trivy with a match that it did not mask': () => trivy,
  checkov: () => checkov,
  gitleaks: () => [leak],
  'gitleaks before 8': () => [oldLeak],
  trufflehog: () => hogged,
  'azure-policy': () => ({ value: [policyState] }),
  'defender, sent on its way': () => alert,
  'defender, of REST': () => ({
    value: [{ id: 'x', name: 'a1', type: 'Microsoft.Security/Locations/alerts', properties: camel(alert) }],
  }),
  'defender assessments': () => ({ value: [assessment] }),
  'defender SQL': () => ({ value: [dangerous] }),
  'advanced-security': () => ({ value: [secretAlert] }),
  'azure-activity': () => ({ value: [operation] }),
  'azure-devops-audit': () => ({ decoratedAuditLogEntries: [audited], hasMore: false }),
  'provenance that is signed, of another repository': () =>
    attest({ statement: aStatement({ predicate: provenance }) }),
  'provenance that nobody signed': () => aStatement({ predicate: provenance }),
};

function camel(value: object): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [`${key.charAt(0).toLowerCase()}${key.slice(1)}`, one]),
  );
}

test.each(Object.entries(REPORTS))('no secret in %s is kept, answered or logged', async (_name, report) => {
  const { status, text } = await send(JSON.stringify(await report()));
  expect([status, text]).toEqual([200, expect.stringMatching(/"findings":[1-9]/)]);
  expectNone([text, ...(await scene.rows()), ...scene.lines]);
});

test.each(Object.entries(REPORTS))('no secret is in the refusal of %s that is broken off', async (_name, report) => {
  const whole = JSON.stringify(await report());
  const at = whole.includes(SECRET) ? whole.indexOf(SECRET) + SECRET.length : whole.length - 10;
  for (const broken of [whole.slice(0, at), `${whole.slice(0, at)}"${SECRET}`]) {
    const { status, text } = await send(broken);
    expect(status).toBeGreaterThanOrEqual(400);
    expectNone([text, ...(await scene.rows()), ...scene.lines]);
  }
});

/** Not even all but its last four characters, nor in base64. */
function expectNone(texts: readonly string[]): void {
  const known = [SECRET.slice(0, 12), SECRET.slice(-6), Buffer.from(SECRET).toString('base64').slice(4, 24)];
  for (const text of texts) {
    const found = known.find((part) => text.includes(part));
    expect(found === undefined ? '' : text).toBe('');
  }
}
