import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';

/** One entry of an audit log with these members, as the only one of its list. */
async function auditFindings(entry: object, format: 'azure-activity' | 'azure-devops-audit') {
  const read = await readReport([entry], { format });
  if ('refused' in read) throw new Error(read.detail);
  return read;
}
const DENIED = {
  operationName: 'MICROSOFT.AUTHORIZATION/POLICIES/DENY/ACTION',
  resourceId: '/subscriptions/s1',
  time: '2026-11-20T08:00:00Z',
};
const REMOVED = {
  actionId: 'CheckConfiguration.Deleted',
  timestamp: '2026-11-20T08:00:00Z',
  actorDisplayName: 'Adele',
};

test.each([
  ['no JSON', 'require tags'],
  ['JSON that is cut off', '[{"policyAssignmentName":"a"'],
  ['no list', '{"policyAssignmentName":"a"}'],
  ['a number', 7],
  ['a million lists within one another', '['.repeat(1_000_000)],
  ['more than is parsed in one go', JSON.stringify([{ policyAssignmentName: 'x'.repeat(300_000) }])],
])('policies of an event that are %s name none, and the refusal is a finding all the same', async (_what, policies) => {
  const { findings, problems } = await auditFindings({ ...DENIED, properties: { policies } }, 'azure-activity');
  expect(findings).toMatchObject([
    { severity: 'medium', message: 'somebody was refused by Azure Policy on subscriptions/s1, 2026-11-20 08:00 UTC' },
  ]);
  expect(problems).toContain('1 entry: its policies are no JSON list, so no policy is named');
});

test('policies within one another to no end, and a hundred thousand of them, are a finding that fits', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const many = JSON.stringify(Array(5_000).fill({ policyAssignmentName: 'a', policyAssignmentId: '/a' }));
  for (const policies of [deep, many]) {
    const { findings } = await auditFindings({ ...DENIED, properties: { policies } }, 'azure-activity');
    expect(JSON.stringify(findings).length).toBeLessThan(1_000);
  }
});

test('data of an action that are no JSON object are told, and the action is a finding all the same', async () => {
  for (const data of ['no JSON', '['.repeat(1_000_000), 7, [], '"text"']) {
    const { findings, problems } = await auditFindings({ ...REMOVED, data }, 'azure-devops-audit');
    expect(findings).toMatchObject([{ rule: 'CheckConfiguration.Deleted', severity: 'high' }]);
    expect(problems).toEqual(['1 entry: its data are no JSON object, so it may be taken for another one']);
  }
});

test('an entry with a text of ten million characters is refused, one of a million fits', async () => {
  const caller = 'x'.repeat(10_000_000);
  for (const report of [{ ...DENIED, caller }, [{ ...DENIED, caller }], { records: [{ ...DENIED, caller }] }]) {
    expect(await readReport(report, { format: 'azure-activity' })).toMatchObject({ refused: 'too-large' });
  }
  const long = 'x'.repeat(1_000_000);
  const { findings } = await auditFindings(
    { ...REMOVED, actorDisplayName: long, projectName: long, actionId: `Security.${long}`, data: { Token: long } },
    'azure-devops-audit',
  );
  expect(findings).toMatchObject([{ severity: 'medium' }]);
  expect(JSON.stringify(findings).length).toBeLessThan(1_500);
});

test('an entry cannot hide itself behind an empty list, nor call itself by two names', async () => {
  for (const [entry, format] of [
    [{ ...DENIED, value: [] }, 'azure-activity'],
    [{ ...DENIED, records: [] }, 'azure-activity'],
    [{ ...REMOVED, decoratedAuditLogEntries: [] }, 'azure-devops-audit'],
  ] as const) {
    expect(await readReport(entry, { format })).toMatchObject({
      refused: 'malformed',
      detail: expect.stringContaining('both a list of entries and one itself'),
    });
  }
  const two = { ...REMOVED, ActionId: 'AuditLog.AccessLog' };
  expect(await readReport([two], { format: 'azure-devops-audit' })).toMatchObject({
    refused: 'malformed',
    detail: expect.stringMatching(/^\[0\] names its action twice/),
  });
});

test('a level as number beside one as text, keys named after a prototype, and nobody as actor change nothing', async () => {
  const odd = {
    Level: 1,
    level: 'Critical',
    constructor: { prototype: { x: 1 } },
    claims: null,
    identity: 7,
    caller: null,
  };
  const text = JSON.stringify([{ ...DENIED, ...odd }]).replace(
    '{',
    '{"__proto__":{"resultType":"Failed","category":"Alert"},',
  );
  const plain = await readReport([DENIED], { format: 'azure-activity' });
  expect(await readReport(text, { format: 'azure-activity' })).toEqual(plain);
  const nobody = { actorDisplayName: null, actorUserId: null, actorCUID: 7, data: null };
  const entry = JSON.stringify([{ ...REMOVED, ...nobody }]).replace(
    '{',
    '{"__proto__":{"ActionId":"AuditLog.AccessLog"},',
  );
  const read = await readReport(entry, { format: 'azure-devops-audit' });
  expect(read).toMatchObject({ findings: [{ message: 'Azure DevOps removed a check from -, 2026-11-20 08:00 UTC' }] });
});

test('a time that is none is told; one of the future is told as it is written', async () => {
  for (const time of ['yesterday', '0001-01-01T00:00:00Z', 7, null]) {
    const { findings, problems } = await auditFindings({ ...DENIED, time }, 'azure-activity');
    expect(findings[0]).not.toHaveProperty('at');
    expect(problems).toEqual(['1 entry: it does not say when']);
  }
  const { findings } = await auditFindings({ ...DENIED, time: '9999-12-31T23:59:59Z' }, 'azure-activity');
  expect(findings).toMatchObject([{ at: '9999-12-31T23:59:59.000Z' }]);
});

test('a project called like the way up leads nowhere else, and is none of another', async () => {
  const at = async (projectName: string) =>
    (
      await auditFindings(
        { ...REMOVED, scopeDisplayName: 'contoso', projectName, data: { RepoName: 'web' } },
        'azure-devops-audit',
      )
    ).findings[0];
  const other = await at('-/fabrikam');
  for (const projectName of ['../fabrikam', '..\\fabrikam', './../fabrikam', '%2e%2e/fabrikam']) {
    const up = await at(projectName);
    expect(up?.fingerprint).not.toBe(other?.fingerprint);
    expect(up?.path).toMatch(/^contoso\/.*fabrikam\/web$/);
  }
});

test('nothing at all is no audit log, whatever it is called', async () => {
  for (const format of ['azure-activity', 'azure-devops-audit']) {
    for (const text of ['', '  \n', '7', '"clean"'])
      expect(await readReport(text, { format })).toHaveProperty('refused');
  }
});

test('what stands within something else says nothing about pages', async () => {
  for (const meta of [{ nextLink: '' }, { value: { nextLink: '' } }]) {
    const page = { value: [DENIED], nextLink: 'https://next.example', meta };
    expect(await readReport(page)).toMatchObject({ scans: [{ complete: false }] });
  }
});

test('a line after a list is read as a line, and then nothing shows where they end', async () => {
  const text = `${JSON.stringify([DENIED])}\n${JSON.stringify({ ...DENIED, resourceId: '/subscriptions/s2' })}`;
  const read = await readReport(text, { format: 'azure-activity' });
  expect(read).toMatchObject({ results: 2, findings: [{}, {}], scans: [{ complete: false }] });
});

test('an id too long to be kept whole is kept nowhere in part', async () => {
  const { findings } = await auditFindings(
    { ...DENIED, resourceId: `/subscriptions/${'x'.repeat(1_000)}` },
    'azure-activity',
  );
  expect(findings[0]).not.toHaveProperty('asset');
});
