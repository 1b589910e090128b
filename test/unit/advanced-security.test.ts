import { expect, test } from 'vitest';
import { areDuplicates, duplicateKeysOf, problemOf, readDuplicateKeys } from '../../services/domain/duplicate-keys.ts';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

type Json = Readonly<Record<string, unknown>>;

const alert = (members: Json = {}) => ({
  alertId: 7,
  alertType: 'code',
  severity: 'high',
  state: 'active',
  title: 'A query from outside',
  tools: [{ name: 'CodeQL', rules: [{ opaqueId: 'cs/sql-injection', description: 'What it is.' }] }],
  physicalLocations: [{ filePath: 'src/pay.cs', region: { lineStart: 19, lineEnd: 0 } }],
  logicalLocations: [],
  lastSeenDate: '2026-11-20T08:00:00Z',
  ...members,
});
const page = (...value: readonly unknown[]) => ({ count: value.length, value });
const findingsOf = async (report: unknown) => (await reportOf(report)).findings;

test('alerts are findings of their kind where the file is in the repository; dismissed ones are suppressed', async () => {
  expect(await reportOf('advanced-security.json')).toMatchObject({
    format: 'advanced-security',
    results: 5,
    scans: [{ tool: 'ghazdo', categories: ['sast', 'dependency', 'secret'], complete: true }],
    findings: [
      {
        category: 'sast',
        rule: 'cs/sql-injection',
        severity: 'high',
        suppressed: false,
        path: 'src/pay.cs',
        line: 19,
        help: 'What it is about.',
        at: '2026-11-20T08:00:00.000Z',
      },
      {
        category: 'dependency',
        fixAvailable: true,
        vulnerability: {
          ids: ['CVE-2026-0010', 'GHSA-aaaa-bbbb-cccc'],
          package: 'left-pad@1.0.0',
          purl: 'pkg:npm/left-pad@1.0.0',
        },
      },
      { category: 'secret', severity: 'critical', suppressed: true },
    ],
    cleared: [{ tool: 'ghazdo', at: '2026-11-21T08:00:00.000Z' }],
    problems: ['1 entry: a licence, which is no finding: skipped', '1 entry: fixed: no finding'],
  });
});

test('numbers of its Node client are the same as the words', async () => {
  expect(await reportOf('advanced-security-numbers.json')).toMatchObject({
    results: 4,
    findings: [
      { category: 'sast', severity: 'high', suppressed: false },
      { category: 'dependency', severity: 'medium', suppressed: true },
      { category: 'secret', severity: 'critical', suppressed: false },
    ],
    cleared: [{}],
    problems: ['1 entry: no severity is given, taken as medium', '1 entry: fixed: no finding'],
  });
  const [word] = await findingsOf([alert()]);
  expect(await findingsOf([alert({ alertType: 3, severity: 2, state: 1 })])).toEqual([word]);
});

test.each([
  ['low', 0, 'low'],
  ['medium', 1, 'medium'],
  ['high', 2, 'high'],
  ['critical', 3, 'critical'],
  ['note', 4, 'low'],
  ['warning', 5, 'medium'],
  ['error', 6, 'high'],
  ['undefined', 7, 'medium'],
  ['dreadful', 8, 'medium'],
])('severity %s, as a number %i, is %s', async (word, number, severity) => {
  expect(await findingsOf([alert({ severity: word })])).toMatchObject([{ severity }]);
  expect(await findingsOf([alert({ severity: number })])).toMatchObject([{ severity }]);
});

test.each([
  ['active', 1, false, 1],
  ['dismissed', 2, true, 1],
  ['autoDismissed', 8, true, 1],
  ['fixed', 4, false, 0],
  ['unknown', 0, false, 1],
  ['parked', 3, false, 1],
])('state %s, as a number %i: suppressed is %s, and findings are %i', async (word, number, suppressed, count) => {
  for (const state of [word, number]) {
    const findings = await findingsOf([alert({ state })]);
    expect(findings.map((finding) => finding.suppressed)).toEqual(Array(count).fill(suppressed));
  }
});

test('an alert without a state is open, and that is told', async () => {
  expect((await reportOf([alert({ state: null })])).problems).toEqual([
    '1 entry: its state is not known, taken as active',
  ]);
});

test('what was fixed is cleared by the fingerprint that it had, and an alert is the same when its line moves', async () => {
  const [{ fingerprint } = { fingerprint: '' }] = await findingsOf([alert()]);
  const { cleared } = await reportOf([alert({ state: 'fixed', fixedDate: '2026-11-21T08:00:00Z' })]);
  expect(cleared).toEqual([{ fingerprint, tool: 'ghazdo', at: '2026-11-21T08:00:00.000Z' }]);
  const moved = [{ filePath: 'src/pay.cs', region: { lineStart: 40 } }];
  expect(await findingsOf([alert({ physicalLocations: moved, title: 'Said otherwise' })])).toMatchObject([
    { fingerprint },
  ]);
  expect(await findingsOf([alert({ alertId: 8 })])).not.toMatchObject([{ fingerprint }]);
});

test('of one alert on two pages put together the newest counts', async () => {
  const fixed = alert({ state: 'fixed', fixedDate: '2026-11-21T08:00:00Z' });
  expect(await findingsOf([fixed, alert()])).toEqual([]);
  expect(await findingsOf([fixed, alert({ lastSeenDate: '2026-11-22T08:00:00Z' })])).toHaveLength(1);
});

test('a secret that is known to work is critical; its end is kept nowhere', async () => {
  const secret = {
    alertType: 'secret',
    severity: 'low',
    title: 'Key ending in q7w8e9 of a store',
    truncatedSecret: '…q7w8e9',
  };
  for (const validityStatus of ['active', 2]) {
    const report = await reportOf([alert({ ...secret, validityDetails: { validityStatus } })]);
    expect(report.findings).toMatchObject([{ category: 'secret', severity: 'critical' }]);
    expect(JSON.stringify(report)).not.toContain('q7w8e9');
    expect(report.findings[0]).not.toHaveProperty('help');
  }
  expect(await findingsOf([alert({ ...secret, validityDetails: { validityStatus: 'inactive' } })])).toMatchObject([
    { severity: 'low' },
  ]);
});

test.each([
  ['https://dev.azure.com:443/o/p/_git/r?path=%2Fweb%2Fa%20b.json&version=GC1', 'web/a b.json'],
  ['https://dev.azure.com/o/p/_git/r?version=GC1', 's/package-lock.json'],
  ['not a url', 's/package-lock.json'],
  [null, 's/package-lock.json'],
])('by the link %s the file is %s', async (itemUrl, path) => {
  const physicalLocations = [{ versionControl: { itemUrl }, filePath: 's/package-lock.json', region: null }];
  const [finding] = await findingsOf([alert({ physicalLocations })]);
  expect(finding?.path).toBe(path);
  expect(finding).not.toHaveProperty('line');
});

test.each([
  ['Npm left-pad 1.0.0', 'pkg:npm/left-pad@1.0.0'],
  ['Pip Foo 2', 'pkg:pypi/Foo@2'],
  ['NuGet A.B 3.1', 'pkg:nuget/A.B@3.1'],
  ['Maven org.a core 1', 'pkg:maven/org.a/core@1'],
  ['Maven org.a/core 1', 'pkg:maven/org.a/core@1'],
  ['DockerImage web 1', undefined],
  ['Npm', undefined],
])('the dependency %s is %s', async (fullyQualifiedName, purl) => {
  const rules = [{ opaqueId: 'r', additionalProperties: { cveId: 'CVE-2026-0001' } }];
  const [finding] = await findingsOf([
    alert({ alertType: 1, tools: [{ rules }], logicalLocations: [{ fullyQualifiedName, kind: 3 }] }),
  ]);
  expect(finding?.vulnerability).toMatchObject({ ids: ['CVE-2026-0001'] });
  expect(finding?.vulnerability?.purl).toBe(purl);
});

test('a vulnerability that another tool finds in the same package is the same problem', async () => {
  const { findings } = await reportOf('advanced-security.json');
  const keys = findings.map((finding) => readDuplicateKeys(duplicateKeysOf(problemOf(finding))));
  const trivy = problemOf({ vulnerability: { ids: ['CVE-2026-0010'], purl: 'pkg:npm/left-pad@1.0.0' } });
  expect(keys.map((key) => areDuplicates(key, readDuplicateKeys(duplicateKeysOf(trivy))))).toEqual([
    false,
    true,
    false,
  ]);
});

test('a list proves what its alerts are of, an empty one secrets, and one alert nothing', async () => {
  expect((await reportOf([alert({ state: 'fixed' })])).scans).toMatchObject([{ categories: ['sast'], complete: true }]);
  expect(await reportOf({ count: 0, value: [] }, { format: 'advanced-security' })).toMatchObject({
    scans: [{ tool: 'ghazdo', categories: ['secret'], complete: true }],
  });
  expect((await reportOf(alert())).scans).toMatchObject([{ complete: false }]);
  expect((await reportOf({ ...page(alert()), continuationToken: 'x' })).scans).toMatchObject([{ complete: false }]);
});

test('an alert of a type that is not known counts as one of code and leaves the scan incomplete', async () => {
  for (const alertType of ['unknown', 'container', 0, 99]) {
    const read = await readReport([alert({ alertType })]);
    if (alertType === 99) expect(read).toMatchObject({ refused: 'malformed' });
    else expect(read).toMatchObject({ findings: [{ category: 'sast' }], scans: [{ complete: false }] });
  }
});

test.each([
  ['no alertId', { alertId: null }],
  ['no alertType', { alertType: '' }],
])('%s is refused with its place', async (what, members) => {
  expect(await readReport(page(alert(), alert(members)))).toMatchObject({
    refused: 'malformed',
    detail: expect.stringContaining(`value[1] has ${what}`),
  });
});

test.each<[string, unknown]>([
  ['GitHub code scanning', [{ number: 1, rule: { id: 'x' }, most_recent_instance: {} }]],
  ['Dependabot', [{ number: 1, dependency: {}, security_advisory: {} }]],
  ['GitHub secret scanning', [{ number: 1, secret_type: 'x', locations_url: 'y' }]],
])('alerts of %s itself are refused by name', async (title, report) => {
  expect(await readReport(report)).toMatchObject({ refused: 'unknown-format', detail: expect.stringContaining(title) });
});

test.each<[string, Json, readonly string[]]>([
  ['both', { cveId: 'CVE-2026-0001', advisoryId: 'GHSA-aaaa-bbbb-cccc' }, ['CVE-2026-0001', 'GHSA-aaaa-bbbb-cccc']],
  ['several', { cveId: 'CVE-2026-0001, CVE-2026-0002' }, ['CVE-2026-0001', 'CVE-2026-0002', 'GHSA-dddd-eeee-ffff']],
  ['identifiers', { identifiers: ['CVE-2026-0001', 7] }, ['CVE-2026-0001', 'GHSA-dddd-eeee-ffff']],
  ['none', {}, ['GHSA-dddd-eeee-ffff']],
])('of a vulnerability with %s in its rule all ids are known', async (_what, additionalProperties, ids) => {
  const opaqueId = 'advisoryId' in additionalProperties ? 'r' : 'DEP1001_GHSA-dddd-eeee-ffff';
  const [finding] = await findingsOf([
    alert({ alertType: 'dependency', tools: [{ rules: [{ opaqueId, additionalProperties }] }] }),
  ]);
  expect(finding?.vulnerability?.ids).toEqual(ids);
});

test('the year 1, which .NET writes where no time is set, is none', async () => {
  const { cleared } = await reportOf([alert({ state: 'fixed', fixedDate: '0001-01-01T00:00:00' })]);
  expect(cleared).toMatchObject([{ at: '2026-11-20T08:00:00.000Z' }]);
});
