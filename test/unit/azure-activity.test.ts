import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf, scannerText } from './scanner-reports.ts';

const SUBSCRIPTION = '/subscriptions/11111111-1111-1111-1111-111111111111';
const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** As the REST API writes it; members over those of a web app that Adele changed. */
function anEvent(members: object = {}, operation = 'Microsoft.Web/sites/write', status = 'Succeeded') {
  return {
    category: { value: 'Administrative' },
    operationName: { value: operation },
    status: { value: status },
    claims: { name: 'Adele Vance', [OBJECT_ID]: 'aaaaaaaa-0000-4000-8000-000000000001' },
    correlationId: 'c1',
    resourceId: `${SUBSCRIPTION}/resourceGroups/rg-pay/providers/Microsoft.Web/sites/web`,
    eventTimestamp: '2026-11-20T08:00:00Z',
    ...members,
  };
}
const findingsIn = async (...value: unknown[]) => (await reportOf({ value }, { format: 'azure-activity' })).findings;

test('who did what to which, when, is a finding of the resource; what was routine or news is told', async () => {
  const deny = `${SUBSCRIPTION}/resourceGroups/rg-pay/providers/Microsoft.Storage/storageAccounts/pay`;
  expect(await reportOf('azure-activity.json')).toMatchObject({
    format: 'azure-activity',
    results: 5,
    scans: [{ tool: 'azure-activity', categories: ['activity'], complete: true }],
    findings: [
      {
        rule: 'microsoft.authorization/roleassignments/write',
        at: '2026-11-20T08:00:02.000Z',
        message: 'Adele Vance changed who has a role: roleassignments/r1, 2026-11-20 08:00 UTC',
      },
      {
        category: 'activity',
        rule: 'microsoft.authorization/policies/deny/action',
        severity: 'medium',
        path: deny.toLowerCase().slice(1),
        asset: deny,
        at: '2026-11-20T09:00:00.000Z',
        message:
          '99999999-0000-4000-8000-000000000009 was refused by Azure Policy on storageaccounts/pay (no-public), 2026-11-20 09:00 UTC',
      },
    ],
    problems: [
      '1 entry: service health, an alert, scaling or advice: no finding',
      '1 entry: a success of every day: no finding',
      '1 entry: the same change by the same actor: joined',
    ],
  });
});

test('the same change is the same finding from the REST API and from an event hub, in any case of its ids', async () => {
  const rule = 'microsoft.authorization/roleassignments/write';
  const from = async (name: string) => (await reportOf(name)).findings.find((finding) => finding.rule === rule);
  const [rest, hub] = [await from('azure-activity.json'), await from('azure-activity-hub.json')];
  expect(hub).toMatchObject({ fingerprint: rest?.fingerprint, message: rest?.message, path: rest?.path });
  expect(hub?.asset).toMatch(/^\/SUBSCRIPTIONS\//);
});

test("an alert's severity is its own, whatever the level of its entry", async () => {
  expect((await reportOf('azure-activity-hub.json')).findings[1]).toMatchObject({
    severity: 'high',
    message: 'somebody raised a security alert: alerts/a1, 2026-11-20 09:00 UTC',
  });
  const alert = { category: { value: 'Security' }, level: 'Critical', Level: 1 };
  expect(await findingsIn(anEvent({ ...alert, properties: { Severity: 'Informational' } }))).toMatchObject([
    { severity: 'info' },
  ]);
  expect(await findingsIn(anEvent({ ...alert, properties: {} }))).toMatchObject([{ severity: 'medium' }]);
});

test('what failed says so, is no change, and has its beginning with it', async () => {
  expect(await reportOf('azure-activity-lines.json')).toMatchObject({
    results: 2,
    scans: [{ complete: false }],
    findings: [{ severity: 'low', message: 'Failed: Adele Vance changed sites/web, 2026-11-20 08:00 UTC' }],
  });
  const [done, failed] = await findingsIn(anEvent(), anEvent({ correlationId: 'c2' }, undefined, 'Failed'));
  expect(done?.fingerprint).not.toBe(failed?.fingerprint);
  expect([done?.severity, failed?.severity]).toEqual(['info', 'low']);
});

test('what has begun and is not known to have ended is the change that it will be', async () => {
  const [begun] = await findingsIn(anEvent({}, undefined, 'Started'));
  const [done] = await findingsIn(anEvent());
  expect(begun).toMatchObject({ fingerprint: done?.fingerprint, message: expect.stringMatching(/^Begun: Adele/) });
});

test('of several that are the same the latest is told', async () => {
  const later = '2026-11-22T10:00:00Z';
  const events = ['2026-11-21T10:00:00Z', later, '2026-11-20T10:00:00Z'].map((eventTimestamp) =>
    anEvent({ eventTimestamp }),
  );
  expect(await findingsIn(...events)).toMatchObject([{ at: '2026-11-22T10:00:00.000Z' }]);
});

test('of a beginning and an end in the same instant the end is told', async () => {
  const begun = anEvent({}, undefined, 'Started');
  for (const events of [
    [begun, anEvent()],
    [anEvent(), begun],
  ]) {
    expect(await findingsIn(...events)).toMatchObject([{ message: expect.stringMatching(/^Adele Vance changed/) }]);
  }
});

test.each([
  ['another actor', { claims: { name: 'Adele Vance', [OBJECT_ID]: 'bbbbbbbb-0000-4000-8000-000000000002' } }],
  ['another resource', { resourceId: `${SUBSCRIPTION}/resourceGroups/rg-pay/providers/Microsoft.Web/sites/shop` }],
  ['another operation', { operationName: { value: 'Microsoft.Web/sites/config/write' } }],
  ['another who has the role', { properties: { SubjectID: 'cccccccc-0000-4000-8000-000000000003' } }],
])('%s makes another finding', async (_what, members) => {
  expect(await findingsIn(anEvent(), anEvent(members))).toHaveLength(2);
});

test('the same actor with a new name and address is the same actor', async () => {
  const renamed = {
    caller: 'new@contoso.example',
    claims: { name: 'Adele New', [OBJECT_ID]: 'AAAAAAAA-0000-4000-8000-000000000001' },
  };
  expect(await findingsIn(anEvent({ caller: 'adele@contoso.example' }), anEvent(renamed))).toHaveLength(1);
});

test.each([
  ['a single event', anEvent(), false],
  ['an array', [anEvent()], true],
  ['a page', { value: [anEvent()] }, true],
  ['a page without a next one', { value: [anEvent()], nextLink: null }, true],
  ['a page with a next one', { value: [anEvent()], nextLink: 'https://management.example/next' }, false],
  ['a batch of an event hub', { records: [anEvent()] }, true],
])('%s: whether it shows its end', async (_what, report, complete) => {
  expect(await reportOf(report)).toMatchObject({ results: 1, findings: [{}], scans: [{ complete }] });
});

test('pages one after another are whole with the last one, and are not without it', async () => {
  const page = (resourceId: string, nextLink?: string) =>
    JSON.stringify({ value: [anEvent({ resourceId })], ...(nextLink === undefined ? {} : { nextLink }) });
  const [first, second, last] = [
    page('/subscriptions/a', 'x'),
    page('/subscriptions/b', 'x'),
    page('/subscriptions/c'),
  ];
  expect(await reportOf([first, second, last].join('\n'))).toMatchObject({ results: 3, scans: [{ complete: true }] });
  const cut = await reportOf([first, second].join('\n'));
  expect(cut).toMatchObject({ results: 2, scans: [{ complete: false }] });
  expect(cut.problems).toContain('The last page says that another one follows: the scan is taken as incomplete');
  expect(await reportOf([last, first, last].join('\n'))).toMatchObject({ scans: [{ complete: false }] });
});

test('an empty list is clean where its sender names the format', async () => {
  for (const report of [[], { value: [] }, { records: [] }]) {
    expect(await reportOf(report, { format: 'azure-activity' })).toMatchObject({
      results: 0,
      scans: [{ complete: true }],
    });
    expect(await readReport(report)).toHaveProperty('refused');
  }
});

test('the resource is taken from the scope, or from the id of the event, where nothing else says it', async () => {
  const nowhere = { resourceId: undefined };
  const site = `${SUBSCRIPTION}/resourceGroups/rg-pay/providers/Microsoft.Web/sites/web`;
  for (const members of [
    { authorization: { scope: site } },
    { identity: { authorization: { scope: site } } },
    { id: `${site}/events/e1/ticks/63` },
  ]) {
    expect(await findingsIn(anEvent({ ...nowhere, ...members }))).toMatchObject([{ asset: site }]);
  }
  const report = await reportOf({ value: [anEvent(nowhere)] });
  expect(report.problems).toEqual(['1 entry: it does not say what was changed']);
  expect(report.findings[0]).not.toHaveProperty('path');
});

test('of a person stays the name that the log writes: no address, no network, no body of a request', async () => {
  for (const name of ['azure-activity.json', 'azure-activity-hub.json', 'azure-activity-lines.json']) {
    expect(JSON.stringify(await reportOf(name))).not.toMatch(/@|203\.0\.113|canary|aaaaaaaa/i);
  }
  expect(scannerText('azure-activity.json')).toMatch(/adele@contoso/);
  const unnamed = { claims: { name: 'adele@contoso.example' }, caller: 'adele@contoso.example' };
  expect(await findingsIn(anEvent(unnamed))).toMatchObject([{ message: expect.stringMatching(/^somebody changed/) }]);
});
