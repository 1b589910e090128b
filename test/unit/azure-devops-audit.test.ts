import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

/** As the REST API writes it; members over those of a service connection that Adele made. */
function anEntry(members: object = {}, data: object = {}) {
  return {
    actorUserId: 'aaaaaaaa-0000-4000-8000-000000000001',
    actorDisplayName: 'Adele Vance',
    timestamp: '2026-11-20T08:00:00Z',
    scopeDisplayName: 'contoso (Organization)',
    projectName: 'shop',
    actionId: 'Library.ServiceConnectionCreated',
    data: { ConnectionName: 'azure-prod', ConnectionType: 'AzureRM', ...data },
    category: 'create',
    ...members,
  };
}
const findingsIn = async (...entries: unknown[]) =>
  (await reportOf({ decoratedAuditLogEntries: entries, hasMore: false })).findings;

test('who did what to which, when, is a finding of organization, project and object; a look is told', async () => {
  expect(await reportOf('azure-devops-audit.json')).toMatchObject({
    format: 'azure-devops-audit',
    results: 4,
    scans: [{ tool: 'azure-devops-audit', categories: ['activity'], complete: true }],
    findings: [
      {
        category: 'activity',
        rule: 'CheckConfiguration.Deleted',
        severity: 'high',
        path: 'contoso/shop/Environment/prod',
        at: '2026-11-20T08:05:02.146Z',
        message: 'Adele Vance removed a check from shop/Environment/prod, 2026-11-20 08:05 UTC',
      },
      {
        rule: 'AuditLog.StreamDisabledBySystem',
        severity: 'high',
        path: 'contoso/-/Splunk/siem',
        message: 'Azure DevOps stopped an audit stream Splunk/siem, 2026-11-20 09:30 UTC',
      },
      {
        rule: 'Group.UpdateGroupMembership.Add',
        severity: 'medium',
        message: 'Adele Vance changed who is a member of group [shop]\\Release Approvers, 2026-11-20 10:00 UTC',
      },
    ],
    problems: ['1 entry: it only looked: no finding'],
  });
});

test('the same change is the same finding from the REST API, days later from an export, and in a page within "value"', async () => {
  const [rest] = (await reportOf('azure-devops-audit.json')).findings;
  const [exported, unknown] = (await reportOf('azure-devops-audit-export.json')).findings;
  expect(exported).toMatchObject({ fingerprint: rest?.fingerprint, path: rest?.path, at: '2026-11-21T08:05:02.146Z' });
  expect(unknown).toMatchObject({ rule: 'Made.UpLater', severity: 'info', path: 'contoso/shop/web' });
  const page = { decoratedAuditLogEntries: [anEntry()], continuationToken: 'x;y', hasMore: false };
  expect((await reportOf({ value: page })).findings).toEqual((await reportOf(page)).findings);
});

test('what Event Grid wraps and rows of Log Analytics, with their data in a text, are read as what they are', async () => {
  expect((await reportOf('azure-devops-audit-events.json')).findings).toMatchObject([
    {
      rule: 'Security.ModifyPermission',
      path: 'contoso/-/Library/Library/Collection/VariableGroup/4693',
      message: expect.stringMatching(/^Adele Vance changed permissions of Library/),
    },
  ]);
  expect((await reportOf('azure-devops-audit-lines.json')).findings).toMatchObject([
    { rule: 'Git.RefUpdatePoliciesBypassed', severity: 'high', path: 'contoso/shop/web/main' },
    { rule: 'Token.PatCreateEvent', path: 'contoso/-/deploy' },
  ]);
});

test.each([
  ['whole', { hasMore: false, continuationToken: 'x;y' }, true],
  ['whole', {}, true],
  ['followed by another', { hasMore: true, continuationToken: 'x;y' }, false],
  ['followed by another', { continuationToken: 'x;y' }, false],
  ['not known to be whole', { hasMore: null }, false],
])('a page is %s with %j', async (_what, paging, complete) => {
  const entries = { decoratedAuditLogEntries: [anEntry()] };
  for (const report of [{ ...entries, ...paging }, { value: { ...entries, ...paging } }]) {
    expect(await reportOf(report)).toMatchObject({ findings: [{}], scans: [{ complete }] });
  }
});

test.each([
  ['another actor', { actorUserId: 'bbbbbbbb-0000-4000-8000-000000000002' }, {}],
  ['another application', { actorUserId: '00000000-0000-0000-0000-000000000000', actorClientId: 'cc' }, {}],
  ['another project', { projectName: 'warehouse' }, {}],
  ['another object', {}, { ConnectionName: 'azure-test' }],
  ['another action', { actionId: 'Library.ServiceConnectionModified' }, {}],
  ['another who got access', {}, { MemberId: 'dddddddd-0000-4000-8000-000000000004' }],
  ['another permission', {}, { EventSummary: [{ PermissionNames: 'Use', Change: 'deny' }] }],
])('%s makes another finding', async (_what, members, data) => {
  expect(await findingsIn(anEntry(), anEntry(members, data))).toHaveLength(2);
});

test('the same again, by the same actor under a new name, is the same finding', async () => {
  expect(await findingsIn(anEntry(), anEntry({ actorDisplayName: 'Adele New', id: 'other' }))).toHaveLength(1);
});

test('a second member of a group is another change, and nobody is told who it is', async () => {
  const adds = ['b', 'c'].map((MemberId) =>
    anEntry(
      { actionId: 'Group.UpdateGroupMembership.Add' },
      { GroupName: 'Admins', MemberId, MemberDisplayName: 'Megan' },
    ),
  );
  const findings = await findingsIn(...adds);
  expect(findings).toHaveLength(2);
  expect(JSON.stringify(findings)).not.toMatch(/Megan/);
});

test('permissions that were changed together are the same in any order', async () => {
  const summary = ['Use', 'Administer'].map((PermissionNames) => ({ PermissionNames, Change: 'allow' }));
  const entries = [summary, summary.toReversed()].map((EventSummary) => anEntry({}, { EventSummary }));
  expect(await findingsIn(...entries)).toHaveLength(1);
});

test('an action that nobody knows is a change where its log calls it one, also beside looks', async () => {
  const made = (category: string) => anEntry({ actionId: 'Made.UpLater', category });
  expect(await findingsIn(made('access'), made('modify'), made('execute'))).toMatchObject([{ severity: 'info' }]);
  expect(await findingsIn(made('access'), made('execute'))).toEqual([]);
});

test('a display name is what a token or stream is called; elsewhere it is a person and kept nowhere', async () => {
  const feed = anEntry(
    { actionId: 'Artifacts.Feed.Org.Modify.Permissions' },
    { FeedName: 'npm', DisplayName: 'Megan' },
  );
  expect(JSON.stringify(await findingsIn(feed))).not.toMatch(/Megan/);
});

test('an action that failed says so', async () => {
  const queued = anEntry({
    actionId: 'Pipelines.ResourceNotAuthorizedForPipeline',
    data: { ResourceType: 'endpoint', ResourceId: 'e1' },
  });
  expect(await findingsIn(queued, anEntry({ actionId: 'Project.DeleteFailed', data: {} }))).toMatchObject([
    { message: expect.stringMatching(/^Failed: Adele Vance changed which pipelines may use shop\/endpoint\/e1/) },
    { message: expect.stringMatching(/^Failed: Adele Vance changed a project shop/), path: 'contoso/shop' },
  ]);
});

test('a list of the actions that are audited has no entries and is refused by name', async () => {
  const value = [{ area: 'Security', category: 'modify', actionId: 'Security.ModifyPermission' }];
  for (const options of [{}, { format: 'azure-devops-audit' }]) {
    expect(await readReport({ count: 1, value }, options)).toMatchObject({
      refused: 'unknown-format',
      detail: expect.stringContaining('list of the actions'),
    });
  }
});

test('of a person stays the name that the log writes: no address, no network, no browser, no sentence of it', async () => {
  for (const name of ['azure-devops-audit.json', 'azure-devops-audit-export.json', 'azure-devops-audit-events.json']) {
    expect(JSON.stringify(await reportOf(name))).not.toMatch(/@|203\.0\.113|Mozilla|canary|Megan|aaaaaaaa/i);
  }
});
