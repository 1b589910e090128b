import { describe, expect, test } from 'vitest';
import { clearedIn, findingsIn, GROUP, page, printsIn, TAKEN } from './azure-reports.ts';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/keys`;

const CONTEXT =
  'https://management.azure.com/subscriptions/1/providers/Microsoft.PolicyInsights/policyStates/$metadata#latest';

const row = (members: Readonly<Record<string, unknown>> = {}) => ({
  resourceId: VAULT,
  policyAssignmentId: '/subscriptions/1/providers/Microsoft.Authorization/policyAssignments/Baseline',
  policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/Purge-Protection',
  policyDefinitionReferenceId: null,
  complianceState: 'NonCompliant',
  timestamp: '2026-11-20T08:00:00Z',
  ...members,
});

/** As Event Grid sends it: ids in lower case, names nowhere. */
const event = (kind: string, { resourceId, ...data } = row()) => ({
  id: 'x',
  subject: resourceId.toLowerCase(),
  eventType: `Microsoft.PolicyInsights.PolicyState${kind}`,
  data: Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, /Id$/.test(key) ? String(value ?? '').toLowerCase() : value]),
  ),
});
const cloud = (kind: string, of = row()) => {
  const { eventType, ...rest } = event(kind, of);
  return { ...rest, type: eventType, specversion: '1.0', source: '/subscriptions/1' };
};

test('a resource that does not comply is a finding at its ARM id, by the definition, with the names there are', async () => {
  const report = await reportOf('azure-policy.json');
  expect(report).toMatchObject({
    format: 'azure-policy',
    results: 5,
    scans: [{ tool: 'azure-policy', categories: ['policy'], complete: true }],
    findings: [
      {
        category: 'policy',
        rule: 'purge-protection',
        severity: 'medium',
        message: 'Not compliant with Vaults keep what is deleted, assigned by baseline as PurgeProtection (audit)',
        path: VAULT.slice(1).toLowerCase(),
        asset: VAULT,
        policyDefinition: '/providers/Microsoft.Authorization/policyDefinitions/Purge-Protection',
        at: '2026-11-20T08:00:00.123Z',
      },
      { rule: 'tags', message: 'In conflict with tags, assigned by baseline (audit)' },
    ],
    problems: [
      '2 entries: no severity is given, taken as medium',
      '2 entries: compliant: no finding',
      '1 entry: exempt by an exemption in Azure: no finding',
    ],
  });
});

test.each([
  ['noncompliant', 'Not compliant with'],
  ['Error', 'Could not be evaluated:'],
  ['Conflict', 'In conflict with'],
])('%s is a finding that says so', async (complianceState, title) => {
  const [finding] = await findingsIn(page(row({ complianceState })));
  expect(finding?.message).toBe(`${title} purge-protection, assigned by baseline`);
});

test('what complies or is exempt is told as cleared, by the fingerprint that it had as a finding', async () => {
  for (const complianceState of ['Compliant', 'Exempt', 'protected']) {
    const { findings, cleared } = await reportOf(page(row({ complianceState })));
    expect(findings).toEqual([]);
    expect(cleared).toEqual([
      {
        fingerprint: (await printsIn(page(row())))[0],
        tool: 'azure-policy',
        asset: VAULT,
        at: '2026-11-20T08:00:00.000Z',
      },
    ]);
  }
});

test('the same state is the same finding in REST, a list, Resource Graph, PowerShell and events, whatever the case', async () => {
  const [print] = await printsIn(page(row()));
  const inPascal = Object.entries(row()).map(([key, value]) => [`${key[0]?.toUpperCase()}${key.slice(1)}`, value]);
  const upper = Object.entries(row()).map(([key, value]) => [
    key,
    /Id$/.test(key) ? (value?.toUpperCase() ?? '') : value,
  ]);
  for (const report of [
    row(),
    [row()],
    [Object.fromEntries(inPascal)],
    page(Object.fromEntries(upper)),
    { count: 1, data: [{ type: 'microsoft.policyinsights/policystates', properties: row() }] },
    event('Created'),
    [event('Changed')],
    cloud('Created'),
    [cloud('Changed')],
  ]) {
    expect(await printsIn(report), JSON.stringify(report)).toEqual([print]);
  }
});

test.each([
  ['resource', { resourceId: `${VAULT}2` }],
  ['assignment', { policyAssignmentId: '/other' }],
  ['definition', { policyDefinitionId: '/other' }],
  ['reference', { policyDefinitionReferenceId: 'other' }],
])('another %s is another finding, and does not clear this one', async (_what, other) => {
  const prints = await printsIn(page(row(), row(other)));
  expect(new Set(prints).size).toBe(2);
  expect(await clearedIn(page(row(), row({ ...other, complianceState: 'Compliant' })))).not.toContain(prints[0]);
});

describe('of several states of the same the newest counts', () => {
  const open = row({ timestamp: '2026-11-20T08:00:01Z' });
  const older = row({ timestamp: '2026-11-20T08:00:00Z', complianceState: 'Compliant' });
  const newer = row({ timestamp: '2026-11-20T08:00:02Z', complianceState: 'Compliant' });

  test.each([
    ['an older one that complies', [open, older], 1],
    ['a newer one that complies', [newer, open], 0],
    ['one of the same time', [open, { ...newer, timestamp: open.timestamp }], 1],
    ['one without a time', [{ ...newer, timestamp: '' }, open], 1],
    ['one that has a time, while it has none', [newer, { ...open, timestamp: '' }], 1],
    ['one with a time that is none', [open, { ...newer, timestamp: 'tomorrow' }], 1],
  ])('beside %s', async (_what, rows, count) => {
    for (const report of [page(...rows), page(...rows.toReversed()), rows.map((one) => event('Changed', one))]) {
      const { findings, cleared = [] } = await reportOf(report);
      expect([findings.length, cleared.length]).toEqual([count, 1 - count]);
    }
  });

  test('by the time of the evaluation, not by that of its event', async () => {
    const sent = [
      { ...event('Changed', newer), eventTime: '2026-11-20T01:00:00Z' },
      { ...event('Created', open), eventTime: '2026-11-20T09:00:00Z' },
    ];
    expect(await printsIn(sent)).toEqual([]);
  });
});

test('a state that was deleted is cleared, whatever it was and though it names none', async () => {
  const [print] = await printsIn(page(row()));
  expect(await clearedIn(event('Deleted'))).toEqual([print]);
  expect(await clearedIn([cloud('Deleted', row({ complianceState: '' }))])).toEqual([print]);
});

test.each(['Unknown', 'NotStarted', 'Perfect', '\u202eevil'])(
  'the state %s is neither a finding nor cleared, and leaves the scan incomplete',
  async (complianceState) => {
    const report = await reportOf(
      page(row({ complianceState }), row({ resourceId: `${VAULT}2`, complianceState: 'Compliant' })),
    );
    expect(report).toMatchObject({ findings: [], scans: [{ complete: false, categories: ['policy'] }] });
    expect(report.cleared).toHaveLength(1);
    expect(report.problems).toContain(`Whether 1 are findings is not known: ${TAKEN}`);
    expect(report.problems.join()).not.toContain('\u202e');
  },
);

test('nothing that is unknown by now is cleared by what it was', async () => {
  const before = row({ complianceState: 'Compliant' });
  const now = row({ complianceState: 'Unknown', timestamp: '2026-11-21T08:00:00Z' });
  expect(await clearedIn(page(now, before))).toEqual([]);
});

test('of two words for one state the stricter counts, and isCompliant, the older word, decides nothing', async () => {
  const both = { ...row({ complianceState: 'Compliant' }), ComplianceState: 'NonCompliant' };
  expect(await printsIn(page(both))).toHaveLength(1);
  expect(await printsIn(page(row({ isCompliant: true })))).toHaveLength(1);
  expect(await readReport(page(row({ isCompliant: true, complianceState: null })))).toHaveProperty('refused');
});

test.each<[string, unknown, string]>([
  ['a further page', { ...page(row()), '@odata.nextLink': 'https://x' }, 'There is a further page (@odata.nextLink)'],
  ['a further page of Resource Graph', { data: [row()], $skipToken: 'x' }, 'There is a further page ($skipToken)'],
  ['an answer that was cut', { data: [row()], resultTruncated: 'true' }, 'The answer was cut (resultTruncated)'],
  ['fewer than it counts', { ...page(row()), '@odata.count': 2 }, 'The page counts 2 entries and lists 1'],
  ['one entry alone', row(), 'This is one entry alone'],
  ['events', [event('Created')], 'Events tell of what changed, not of all'],
])('%s: the findings count, and nothing is proven clean', async (_what, report, why) => {
  const { findings, scans, problems } = await reportOf(report);
  expect(findings).toHaveLength(1);
  expect(scans).toMatchObject([{ complete: false }]);
  expect(problems).toContain(`${why}: ${TAKEN}`);
});

test.each<[string, unknown]>([
  ['no further page', { ...page(row()), '@odata.nextLink': null, '@odata.count': 1 }],
  ['an empty link', { ...page(row()), '@odata.nextLink': '' }],
  ['an answer that was not cut', { data: [row()], totalRecords: 1, resultTruncated: 'false', $skipToken: null }],
  ['a bare list', [row()]],
])('%s: the scan is complete', async (_what, report) => {
  expect((await reportOf(report)).scans).toMatchObject([{ complete: true }]);
});

test('an empty page is clean where it says whose it is, or its sender does', async () => {
  for (const [report, options] of [
    [{ '@odata.context': CONTEXT, value: [] }, {}],
    [{ value: [] }, { format: 'azure-policy' }],
  ] as const) {
    expect(await reportOf(report, options)).toMatchObject({
      findings: [],
      scans: [{ tool: 'azure-policy', categories: ['policy'], complete: true }],
    });
  }
  expect(await readReport({ value: [] })).toMatchObject({
    refused: 'unknown-format',
    detail: expect.stringContaining('"format" (azure-policy, defender, advanced-security)'),
  });
});

const states = 'policyStates/latest/queryResults';

test.each<[string, unknown, string]>([
  ['a log of policy events', page({ ...row(), principalOid: 'x' }), states],
  [
    'a log of policy events',
    page({
      ...row(),
      '@odata.context': 'https://x/providers/Microsoft.PolicyInsights/policyEvents/$metadata#default/$entity',
    }),
    states,
  ],
  ['states of components', page({ ...row(), componentId: 'cert', componentType: 'Certificate' }), states],
  [
    'grouped or summed up',
    { ...page({ policyDefinitionId: '/x', NumNonCompliant: 3 }), '@odata.context': CONTEXT },
    states,
  ],
  ['summary of policy states', page({ results: { nonCompliantResources: 3 }, policyAssignments: [] }), states],
  ['exemptions', page({ properties: { exemptionCategory: 'Waiver' } }), 'countersign exceptions import FILE'],
  ['exemptions', { type: 'microsoft.authorization/policyexemptions', properties: {} }, 'exceptions import'],
  ['exemptions', 'name,displayName,description,exemptionCategory,expiresOn\n', 'exceptions import'],
  ['beforehand', { fieldRestrictions: [] }, states],
  ['remediations', page({ type: 'Microsoft.PolicyInsights/remediations', properties: {} }), states],
  [
    'attestations',
    page({ type: 'Microsoft.PolicyInsights/attestations', properties: { complianceState: 'Compliant' } }),
    states,
  ],
  ['policy definitions', page({ type: 'Microsoft.Authorization/policyDefinitions', properties: {} }), states],
  ['another event', [event('Created'), { ...event('Created'), eventType: 'Microsoft.Storage.BlobCreated' }], '[1]'],
  ['the handshake', [{ eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: {} }], 'answers it'],
])('%s is refused by name with the way out', async (title, report, way) => {
  for (const options of [{}, { format: 'azure-policy' }]) {
    const refusal = await readReport(report, options);
    expect(refusal).toMatchObject({ refused: 'unknown-format', detail: expect.stringContaining(title) });
    expect(refusal).toMatchObject({ detail: expect.stringContaining(way) });
  }
});

test.each<[string, unknown, string]>([
  ['no resource', page(row(), row({ resourceId: ' ' })), 'value[1]'],
  ['no assignment', [row({ policyAssignmentId: null })], '[0]'],
  ['no definition', page(row({ policyDefinitionId: '' })), 'value[0]'],
  ['no object', page(row(), 7), 'value[1]'],
  ['two lists', { value: [row()], data: [row()] }, 'two lists'],
  ['no list', { value: {}, policyDefinitionId: 'x', complianceState: 'x' }, 'value'],
])('%s is refused with its place', async (_what, report, place) => {
  expect(await readReport(report, { format: 'azure-policy' })).toMatchObject({
    refused: 'malformed',
    detail: expect.stringContaining(place),
  });
});

test.each([
  ['ARM', { error: { code: 'AuthorizationFailed', message: 'The client has no right' } }, 'AuthorizationFailed'],
  [
    'Azure DevOps',
    { $id: '1', message: 'TF400813', typeKey: 'UnauthorizedRequestException' },
    'UnauthorizedRequestException',
  ],
])('an error of %s is no report', async (_what, report, code) => {
  for (const format of ['azure-policy', 'defender', 'advanced-security', undefined])
    expect(await readReport(report, format === undefined ? {} : { format })).toMatchObject({
      refused: 'scan-failed',
      detail: expect.stringContaining(code),
    });
});

test('blank names and "tbd" are none: the ids name it', async () => {
  const names = { policyDefinitionName: 'TBD', policyAssignmentName: ' ', policyDefinitionAction: 'tbd' };
  expect((await reportOf(page(row(names)))).findings).toMatchObject([
    { message: 'Not compliant with purge-protection, assigned by baseline' },
  ]);
});

test('an id without its slash, or with one too many, is the same', async () => {
  const bare = row({ resourceId: `${VAULT.slice(1)}/` });
  expect(await printsIn(page(bare))).toEqual(await printsIn(page(row())));
  expect(await findingsIn(page(bare))).toMatchObject([{ asset: `${VAULT}/` }]);
});
