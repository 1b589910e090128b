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
  ['azure-policy.json', '"value": [', '"value": [], "value": ['],
  ['azure-policy.json', '"value"', '"val\\u0075e"'],
  ['defender-alerts.json', '"value": [', '"value": [], "value": ['],
  ['advanced-security.json', '"value"', '"val\\u0075e"'],
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
  ['azure-policy', '{"value":[{"a":'],
  ['azure-policy', '{"properties":'],
  ['defender', '[{"a":'],
  ['advanced-security', '{"alertId":'],
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

test.each([
  ['azure-policy', ['timestamp', 'complianceState', 'resourceId', 'policyDefinitionName']],
  ['defender', ['alertType', 'alertDisplayName', 'compromisedEntity']],
  ['advanced-security', ['title', 'tools', 'severity']],
])('one entry alone of %s may not be larger than one of a list', async (format, names) => {
  const large = 'x'.repeat(3 * 1024 * 1024);
  const report = Object.fromEntries(names.map((name) => [name, large]));
  expect(await readReport(report, { format })).toMatchObject({ refused: 'too-large' });
});

test('ids and names of Azure that nobody could have chosen fit and change nothing', async () => {
  const long = `/subscriptions/${'x'.repeat(20_000)}/../..%2f%00\u202e`;
  const row = { resourceId: long, policyAssignmentId: long, policyDefinitionId: long, complianceState: 'NonCompliant' };
  const alert = {
    alertType: long,
    systemAlertId: long,
    azureResourceId: long,
    compromisedEntity: '__proto__',
    status: long,
  };
  for (const report of [
    { value: [row, { ...row, policyDefinitionReferenceId: '__proto__' }] },
    [alert, { ...alert, compromisedEntity: 'constructor' }],
  ]) {
    const read = await readReport(report);
    if ('refused' in read) throw new Error(read.detail);
    expect(new Set(read.findings.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    expect(JSON.stringify(read).length).toBeLessThan(8_000);
  }
});

test.each(['/', ' ', '.', '-', '[', '@', ':', '1'])(
  'an id of nothing but %j and something behind it takes no longer than any as long',
  async (repeated) => {
    const id = `x${repeated.repeat(1_000_000)}x`;
    const state = { resourceId: id, policyAssignmentId: id, policyDefinitionId: id, complianceState: 'NonCompliant' };
    const read = await readReport({ value: [state] }, { format: 'azure-policy' });
    expect(read).toMatchObject({ findings: { length: 1 } });
  },
);

test('the event loop gets its turn while a long page of Azure is read', async () => {
  let turns = 0;
  let reading = true;
  const turn = () => {
    turns++;
    if (reading) setImmediate(turn);
  };
  setImmediate(turn);
  const row = (n: number) => ({
    resourceId: `/subscriptions/s/${n}`,
    policyAssignmentId: '/a',
    policyDefinitionId: '/d',
    complianceState: n % 2 === 0 ? 'Compliant' : 'NonCompliant',
  });
  const read = await readReport({ value: Array.from({ length: 20_000 }, (_, n) => row(n)) });
  reading = false;
  expect(read).toMatchObject({ results: 20_000, cleared: { length: 10_000 }, findings: { length: 10_000 } });
  expect(turns).toBeGreaterThan(50);
});
