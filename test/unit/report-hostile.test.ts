import { expect, test } from 'vitest';
import { createReportReader } from '../../services/signals/readers.ts';
import { readReport } from './read-sarif.ts';
import { scannerFormat, scannerText } from './scanner-reports.ts';

/** The structure that holds findings, written so that two readers could see two reports. */
test.each([
  ['trivy-v2.json', '"Results": [', '"Results": [], "Results": ['],
  ['trivy-v2.json', '"Vulnerabilities": [', '"Vulnerabilities": [], "Vulnerabilities": ['],
  ['trivy-v2.json', '"Results"', '"Res\\u0075lts"'],
  ['grype.json', '"matches": [', '"matches": [], "matches": ['],
  ['grype.json', '"matches"', '"m\\u0061tches"'],
  ['snyk.json', '"vulnerabilities": [', '"vulnerabilities": [], "vulnerabilities": ['],
  ['npm-audit.json', '"cart": {', '"left-pad": {}, "cart": {'],
  ['npm-audit-6.json', '"106"', '"10\\u0036"'],
  ['osv-scanner.json', '"packages": [', '"packages": [], "packages": ['],
  ['checkov.json', '"failed_checks": [', '"failed_checks": [], "failed_checks": ['],
  ['checkov.json', '"failed_checks"', '"failed\\u005fchecks"'],
  ['azure-activity.json', '"value": [', '"value": [], "value": ['],
  ['azure-activity.json', '"value": [', '"v\\u0061lue": ['],
  ['azure-activity-hub.json', '"records": [', '"records": [], "records": ['],
  ['azure-devops-audit.json', '"hasMore": false', '"hasMore": true, "hasMore": false'],
])('%s with %s written as %s is refused', async (name, from, to) => {
  const text = scannerText(name).replace(from, to);
  expect(text).not.toBe(scannerText(name));
  const read = await readReport(text, { format: scannerFormat(name) });
  expect(read).toMatchObject({ refused: 'malformed', detail: expect.stringMatching(/at \//) });
});

test.each([
  ['trivy', '{"SchemaVersion":2,"Results":[{"Vulnerabilities":[{"a":'],
  ['grype', '{"matches":[{"a":'],
  ['snyk', '{"vulnerabilities":[{"a":'],
  ['npm-audit', '{"auditReportVersion":2,"vulnerabilities":{"a":'],
  ['osv-scanner', '{"results":[{"packages":[{"vulnerabilities":['],
  ['checkov', '{"check_type":"terraform","results":{"failed_checks":['],
  ['gitleaks', '[{"a":'],
  ['trufflehog', '{"a":'],
  ['azure-activity', '{"value":[{"a":'],
  ['azure-activity', '{"properties":{"a":'],
  ['azure-devops-audit', '{"decoratedAuditLogEntries":[{"data":'],
  ['azure-devops-audit', '[{"Data":'],
])('a report for %s with nesting or an entry without end is refused long before its end', async (format, start) => {
  const piece = 64 * 1024;
  for (const [first, endless, refused] of [
    ['', '['.repeat(piece), 'too-deep'],
    ['"', 'x'.repeat(piece), 'too-large'],
    ['', '1'.repeat(piece), 'too-large'],
  ] as const) {
    let sent = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(start + first);
      for (; sent < 1_000; sent++) yield Buffer.from(endless);
    }
    expect(await createReportReader().read(body(), { format })).toMatchObject({ refused });
    expect(sent).toBeLessThan(200);
  }
});

test('keys named after a prototype are read as any other and change nothing', async () => {
  const text = scannerText('trivy-v2.json')
    .replace('"Severity": "CRITICAL"', '"__proto__": {"Severity": "LOW"}, "Severity": "CRITICAL"')
    .replace(
      '"ArtifactName"',
      '"__proto__": {"SchemaVersion": 9}, "constructor": {"prototype": {"x": 1}}, "ArtifactName"',
    );
  expect(await readReport(text)).toEqual(await readReport(scannerText('trivy-v2.json')));
  const npm = { auditReportVersion: 2, vulnerabilities: {}, metadata: {} };
  const named = JSON.stringify(npm).replace('{}', '{"__proto__":{"severity":"high","via":["constructor"]}}');
  expect(await readReport(named)).toMatchObject({ findings: [{ rule: 'npm-audit:__proto__', severity: 'high' }] });
  expect(({} as Record<string, unknown>)['severity']).toBeUndefined();
});

test('numbers beyond all bounds are read as none', async () => {
  const text = scannerText('gitleaks.json').replace('"StartLine": 12', '"StartLine": 1e999');
  const read = await readReport(text);
  expect(read).toMatchObject({ findings: [{ rule: 'made-up-token' }, {}] });
  expect('findings' in read && read.findings[0]).not.toHaveProperty('line');
});

test('a text of any length fits, and no severity that is made up gets through as it is', async () => {
  const long = 'x'.repeat(100_000);
  const report = {
    ...{ SchemaVersion: 2, ArtifactName: 'a' },
    Results: [{ Target: long, Vulnerabilities: [{ VulnerabilityID: long, Title: long, Severity: `\u202e${long}` }] }],
  };
  const read = await readReport(report);
  if ('refused' in read) throw new Error(read.detail);
  expect(JSON.stringify(read).length).toBeLessThan(2_500);
  expect(read.problems).toEqual([
    expect.stringMatching(/^1 entry: the severity "\?x{18}… ?" is not known, taken as medium$/),
  ]);
});

test.each([
  ['/home/vsts/work/1/s/web/yarn.lock', 'web/yarn.lock'],
  ['/agent/_work/27/s/web/yarn.lock', 'web/yarn.lock'],
  ['D:\\a\\1\\s\\web\\yarn.lock', 'web/yarn.lock'],
  ['/src/web/yarn.lock', 'src/web/yarn.lock'],
  ['work/1/s/web/yarn.lock', 'work/1/s/web/yarn.lock'],
])('of %s the folder of the build agent does not count', async (written, path) => {
  const leak = { RuleID: 'r', File: written };
  expect(await readReport([leak])).toMatchObject({ findings: [{ path }] });
});

test('a key longer than any name is refused', async () => {
  const text = scannerText('grype-clean.json').replace('"source"', `"${'x'.repeat(10_001)}":1,"source"`);
  expect(await readReport(text, { format: 'grype' })).toMatchObject({ refused: 'too-large' });
});

test('bytes that are no text are refused after the beginning, however many follow', async () => {
  let sent = 0;
  async function* body(): AsyncGenerator<Uint8Array> {
    for (; sent < 1_000; sent++) yield Buffer.alloc(4_096, 0xff);
  }
  expect(await createReportReader().read(body(), {})).toMatchObject({ refused: 'malformed' });
  expect(sent).toBeLessThan(100);
});

test('more than 500,000 entries are refused', async () => {
  const passed = `[${Array(500_001).fill('{}').join(',')}]`;
  const text = `{"check_type":"terraform","results":{"passed_checks":${passed},"failed_checks":[]}}`;
  expect(await readReport(text)).toMatchObject({ refused: 'too-many-findings' });
});

test('one entry may stand for more findings than a report may have', async () => {
  const via = `[${Array(500_001).fill('{}').join(',')}]`;
  const text = `{"auditReportVersion":2,"vulnerabilities":{"a":{"severity":"low","via":${via}}}}`;
  expect(await readReport(text)).toMatchObject({ refused: 'too-many-findings' });
});

test('the event loop gets its turn while a long report is read', async () => {
  let turns = 0;
  let reading = true;
  const turn = () => {
    turns++;
    if (reading) setImmediate(turn);
  };
  setImmediate(turn);
  const leak = { RuleID: 'r', Description: 'd', File: 'f', Secret: 'abcdefgh', Match: 'x'.repeat(200) };
  await readReport(Array(5_000).fill(leak));
  reading = false;
  expect(turns).toBeGreaterThan(10);
});

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
