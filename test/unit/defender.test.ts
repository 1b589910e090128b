import { expect, test } from 'vitest';
import { clearedIn, findingsIn, GROUP, type Json, MACHINE, page, printsIn } from './azure-reports.ts';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const alert = (properties: Json = {}, name = 'a1') => ({
  id: `${GROUP}/providers/Microsoft.Security/locations/westeurope/alerts/${name}`,
  name,
  type: 'Microsoft.Security/Locations/alerts',
  properties: {
    alertType: 'VM_BruteForce',
    systemAlertId: name,
    alertDisplayName: 'Sign-in by force',
    severity: 'High',
    status: 'Active',
    resourceIdentifiers: [{ type: 'AzureResource', azureResourceId: MACHINE }],
    compromisedEntity: 'web',
    timeGeneratedUtc: '2026-11-20T08:00:00Z',
    ...properties,
  },
});

/** As continuous export and workflow automation send it. */
const flat = (members: Json = {}) => ({
  VendorName: 'Microsoft',
  AlertType: 'VM_BruteForce',
  SystemAlertId: 'a1',
  AlertDisplayName: 'Sign-in by force',
  Severity: 'High',
  Status: 'New',
  AzureResourceId: MACHINE.toUpperCase(),
  CompromisedEntity: 'WEB',
  TimeGenerated: '2026-11-20T08:00:00Z',
  RemediationSteps: ['Close the port.'],
  ResourceIdentifiers: [],
  ...members,
});

test('alerts are runtime findings: one for each type on each resource, the severest, dismissed ones suppressed', async () => {
  expect(await reportOf('defender-alerts.json')).toMatchObject({
    format: 'defender',
    results: 5,
    scans: [{ tool: 'defender', categories: ['runtime'], complete: true }],
    findings: [
      {
        category: 'runtime',
        rule: 'VM_BruteForce',
        severity: 'high',
        suppressed: false,
        message: 'Sign-in by force (web)',
        help: 'Close the port. Look who came in.',
        path: MACHINE.slice(1).toLowerCase(),
        asset: MACHINE,
        at: '2026-11-21T08:00:00.000Z',
      },
      { rule: 'VM_Miner', severity: 'info', suppressed: true },
    ],
    cleared: [{ tool: 'defender', asset: MACHINE }],
    problems: ['1 entry: the same on the same again: joined', '2 entries: resolved: no finding'],
  });
});

test('an alert that is raised again is the same finding; another type, resource or entity is another', async () => {
  const [print] = await printsIn(page(alert()));
  expect(await printsIn(page(alert({ timeGeneratedUtc: '2026-11-22T08:00:00Z' }, 'a2')))).toEqual([print]);
  const other = { resourceIdentifiers: [{ type: 'AzureResource', azureResourceId: `${MACHINE}2` }] };
  for (const properties of [{ alertType: 'VM_Miner' }, other, { compromisedEntity: 'db' }]) {
    expect(await printsIn(page(alert(properties)))).not.toEqual([print]);
  }
});

test('while one alert of its kind is open, none that is resolved clears it, and what is newer of one alert counts', async () => {
  const [print] = await printsIn(page(alert()));
  const resolved = alert({ status: 'Resolved', timeGeneratedUtc: '2026-11-22T08:00:00Z' }, 'a2');
  expect(await printsIn(page(alert(), resolved))).toEqual([print]);
  expect(await clearedIn(page(alert(), resolved))).toEqual([]);
  expect(
    await clearedIn(page(alert(), alert({ status: 'Resolved', timeGeneratedUtc: '2026-11-22T08:00:00Z' }))),
  ).toEqual([print]);
});

test('an alert ends when it was raised, so that the end of one is none of a later one', async () => {
  const { cleared } = await reportOf(page(alert({ status: 'Resolved', processingEndTimeUtc: '2026-11-29T08:00:00Z' })));
  expect(cleared).toMatchObject([{ at: '2026-11-20T08:00:00.000Z' }]);
});

test('an alert is the same by REST of any version, as exports send it and as command lines write it', async () => {
  const [print] = await printsIn(page(alert()));
  const { alertType, resourceIdentifiers, severity, status, systemAlertId, ...rest } = alert().properties;
  const old = {
    ...rest,
    alertName: alertType,
    reportedSeverity: severity,
    state: status,
    instanceId: systemAlertId,
    associatedResource: MACHINE.toUpperCase(),
    detectedTimeUtc: '2026-11-20T08:00:00Z',
  };
  const { properties, ...id } = alert();
  for (const report of [
    alert(),
    page({ ...alert(), properties: old }),
    [{ ...id, ...properties }],
    flat(),
    [flat()],
    [
      flat({
        AzureResourceId: '',
        ResourceIdentifiers: [{ $id: '1', Type: 'AzureResource', AzureResourceId: MACHINE }],
      }),
    ],
  ]) {
    const findings = await findingsIn(report);
    expect(findings, JSON.stringify(report)).toMatchObject([
      { fingerprint: print, severity: 'high', at: '2026-11-20T08:00:00.000Z' },
    ]);
  }
});

test.each([
  ['Active', false, 1],
  ['InProgress', false, 1],
  ['Frobbed', false, 1],
  ['', false, 1],
  ['Dismissed', true, 1],
  ['resolved', false, 0],
])('the status "%s" of an alert: suppressed is %s, and findings are %i', async (status, suppressed, count) => {
  const findings = await findingsIn(page(alert({ status })));
  expect(findings.map((finding) => finding.suppressed)).toEqual(Array(count).fill(suppressed));
});

test('of two words for one thing the stricter counts', async () => {
  expect(await findingsIn(flat({ Severity: 'Low', ReportedSeverity: 'High' }))).toMatchObject([{ severity: 'high' }]);
  expect(await findingsIn(page(alert({ status: 'Resolved', state: 'Active' })))).toMatchObject([{ suppressed: false }]);
  expect(await findingsIn(page(alert({ status: 'Resolved', Status: 'Dismissed' })))).toMatchObject([
    { suppressed: true },
  ]);
});

test('a severity that is not known is medium, and told', async () => {
  const { findings, problems } = await reportOf(
    page(alert({ severity: 'Dreadful' }), alert({ severity: null, alertType: 'Other' })),
  );
  expect(findings).toMatchObject([{ severity: 'medium' }, { severity: 'medium' }]);
  expect(problems).toEqual([
    '1 entry: the severity "dreadful" is not known, taken as medium',
    '1 entry: no severity is given, taken as medium',
  ]);
});

test('what names no resource belongs to the group or subscription that it is kept under', async () => {
  expect(await findingsIn(page(alert({ resourceIdentifiers: [{ type: 'LogAnalytics' }] })))).toMatchObject([
    { asset: GROUP },
  ]);
});

test('a list of exported alerts proves nothing clean', async () => {
  expect((await reportOf([flat({ Status: 'Resolved' })])).scans).toMatchObject([{ complete: false }]);
});

test('an empty list is clean where its sender or its context says that it is of Defender, and where no page follows', async () => {
  const scan = { tool: 'defender', categories: ['runtime'], complete: true };
  const context = 'https://api.security.microsoft.com/api/$metadata#Collection(a.PublicAssetVulnerabilityDto)';
  expect(await reportOf({ value: [] }, { format: 'defender' })).toMatchObject({ scans: [scan] });
  expect(await reportOf({ '@odata.context': context, value: [] })).toMatchObject({ scans: [scan] });
  const more = { '@odata.context': context, value: [], '@odata.nextLink': 'https://x' };
  expect(await reportOf(more)).toMatchObject({ scans: [{ ...scan, complete: false }] });
});

test.each<[string, unknown, string]>([
  [
    'metadata of assessments',
    page({ type: 'Microsoft.Security/assessmentMetadata', properties: {} }),
    '$expand=metadata',
  ],
  ['suppression rules', page({ type: 'Microsoft.Security/alertsSuppressionRules', properties: {} }), 'Send the alerts'],
  ['the CSV export', '\uFEFFexportedTimestamp,subscriptionId,resourceId\n', '$expand=metadata'],
  ['SQL scans', page({ type: 'Microsoft.Security/sqlVulnerabilityAssessments/scans', properties: {} }), 'scanResults'],
  ['of type Microsoft.Security/secureScores', page({ id: 'x', type: 'Microsoft.Security/secureScores' }), 'Known are'],
  ['another Microsoft REST API', page({ id: 'x', secureScore: 3 }), 'SARIF'],
])('%s is refused by name with the way out', async (title, report, way) => {
  const refusal = await readReport(report);
  expect(refusal).toMatchObject({ refused: 'unknown-format', detail: expect.stringContaining(title) });
  expect(refusal).toMatchObject({ detail: expect.stringContaining(way) });
});

test.each<[string, unknown]>([
  ['an alert without a type', page(alert(), alert({ alertType: '', alertDisplayName: ' ' }))],
  ['what is none of these', page(alert(), { id: 'x' })],
])('%s is refused with its place', async (_what, report) => {
  expect(await readReport(report)).toMatchObject({ refused: 'malformed', detail: expect.stringContaining('value[1]') });
});

test('what is dismissed hides nothing milder of its kind that is open', async () => {
  const dismissed = alert({ status: 'Dismissed' }, 'a2');
  const findings = await findingsIn(page(dismissed, alert({ severity: 'Low' })));
  expect(findings).toMatchObject([{ severity: 'low', suppressed: false }]);
});

test('what is cut to the same name is not cleared while something of that name is open', async () => {
  const type = 'x'.repeat(300);
  const open = alert({ alertType: `${type}a` });
  const resolved = alert({ alertType: `${type}b`, status: 'Resolved' }, 'a2');
  expect(await clearedIn(page(resolved))).toEqual(await printsIn(page(open)));
  expect(await clearedIn(page(open, resolved))).toEqual([]);
});

test('a row of Log Analytics has the severity, resource and name that stand there under names of their own', async () => {
  const row = { AlertName: 'By force', DisplayName: 'Sign-in by force', AlertSeverity: 'High', ResourceId: MACHINE };
  const whole = { ...row, AlertType: 'VM_BruteForce', SystemAlertId: 'a1', Status: 'New' };
  expect(await findingsIn([whole])).toMatchObject([
    { rule: 'VM_BruteForce', severity: 'high', asset: MACHINE, message: 'Sign-in by force' },
  ]);
  expect(await findingsIn([{ ...whole, Severity: 'Low' }])).toMatchObject([{ severity: 'high' }]);
});
