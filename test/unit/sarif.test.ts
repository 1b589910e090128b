import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findingsOf, logOf, readReport } from './read-sarif.ts';

function fixture(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/sarif/${name}`, import.meta.url));
}

const problem = { ruleId: 'R1', message: { text: 'A problem.' } };

test('a semgrep report gives one scan and its findings by severity', async () => {
  const report = await readReport(fixture('semgrep-checkout.sarif'));
  expect(report).toMatchObject({
    format: 'sarif',
    results: 3,
    scans: [
      {
        tool: 'semgrep',
        toolVersion: '1.96.0',
        categories: ['sast'],
        complete: true,
        endedAt: '2026-11-20T09:14:03.000Z',
      },
    ],
    findings: [
      { severity: 'critical', path: 'src/orders/find-order.js', line: 42, suppressed: false },
      { severity: 'high', path: 'src/invoices/print-invoice.js' },
      { severity: 'medium', path: 'src/server.js', suppressed: true },
    ],
    problems: [],
  });
});

test('the payments report has one medium and one low finding', async () => {
  const findings = await findingsOf(fixture('semgrep-payments.sarif'));
  expect(findings.map((finding) => finding.severity)).toEqual(['medium', 'low']);
});

test('a gitleaks report gives a secret whose value is nowhere in the report that is kept', async () => {
  const report = await readReport(fixture('gitleaks-orders.sarif'));
  expect(report).toMatchObject({
    results: 1,
    scans: [{ tool: 'gitleaks', categories: ['secret'] }],
    findings: [{ category: 'secret', tool: 'gitleaks', rule: 'generic-api-key', path: 'config/orders.env', line: 3 }],
  });
  expect(JSON.stringify(report)).not.toContain('EXAMPLE-0rders');
});

test("a Trivy report's findings are classed by what each rule looked at", async () => {
  const report = await readReport(fixture('trivy-image.sarif'));
  expect(report).toMatchObject({
    scans: [{ tool: 'trivy', categories: ['dependency', 'container', 'iac'] }],
    findings: [
      { category: 'container', severity: 'critical', path: 'library/orders', fixAvailable: true },
      { category: 'dependency', severity: 'medium', fixAvailable: false },
      { category: 'iac', severity: 'high', path: 'Dockerfile' },
    ],
  });
});

test('a clean report is a complete scan without findings', async () => {
  const report = await readReport(fixture('clean.sarif'));
  expect(report).toMatchObject({ results: 0, findings: [], scans: [{ tool: 'semgrep', complete: true }] });
});

test.each([
  ['no-scan.sarif', 'no-scan'],
  ['failed-scan.sarif', 'scan-failed'],
])('%s is refused as %s', async (name, refused) => {
  expect(await readReport(fixture(name))).toMatchObject({ refused });
});

test.each([
  ['no run', { version: '2.1.0', runs: [] }],
  ['runs that are null', { version: '2.1.0', runs: null }],
  ['no list of results', logOf({})],
  ['results that are null', logOf({ results: null })],
  [
    'results in another file',
    logOf({ externalPropertyFileReferences: { results: [{ location: { uri: 'r.json' } }] }, results: [] }),
  ],
  ['results beside the runs', { ...logOf({ results: [] }), inlineExternalProperties: [{ results: [problem] }] }],
])('a log with %s is no scan, never a clean one', async (_what, log) => {
  expect(await readReport(log)).toMatchObject({ refused: 'no-scan' });
});

test('a run that failed counts its findings but proves nothing clean', async () => {
  const report = await readReport(logOf({ invocations: [{ executionSuccessful: false }], results: [problem] }));
  expect(report).toMatchObject({
    results: 1,
    scans: [{ complete: false }],
    problems: [expect.stringContaining('runs[0]')],
  });
});

test('a run without results makes the scan by the same tool incomplete', async () => {
  const [run] = logOf({ results: [] })['runs'] as unknown[];
  const [unscanned] = logOf({})['runs'] as unknown[];
  const report = await readReport({ version: '2.1.0', runs: [unscanned, run] });
  expect(report).toMatchObject({
    scans: [{ tool: 'example-scanner', complete: false }],
    problems: [expect.any(String)],
  });
});

test('a run without results by another tool is left out, and said so', async () => {
  const [run] = logOf({ results: [] })['runs'] as unknown[];
  const [unscanned] = logOf({}, { name: 'Other' })['runs'] as unknown[];
  const report = await readReport({ version: '2.1.0', runs: [run, unscanned] });
  expect(report).toMatchObject({ scans: [{ tool: 'example-scanner', complete: true }] });
  expect(report).toMatchObject({ problems: [expect.stringMatching(/runs\[1\].*other.*left out/)] });
});

test('a failed run without results beside a good one leaves its tool incomplete', async () => {
  const [run] = logOf({ results: [] })['runs'] as unknown[];
  const [failed] = logOf({ invocations: [{ executionSuccessful: false }], results: [] }, { name: 'Other' })[
    'runs'
  ] as unknown[];
  const report = await readReport({ version: '2.1.0', runs: [run, failed] });
  expect(report).toMatchObject({
    scans: [
      { tool: 'example-scanner', complete: true },
      { tool: 'other', complete: false },
    ],
  });
});

test('several runs of one tool are one scan, and equal findings in them stay apart', async () => {
  const [run] = logOf({ results: [problem] })['runs'] as unknown[];
  const report = await readReport({ version: '2.1.0', runs: [run, run] });
  expect(report).toMatchObject({ results: 2, scans: [{ tool: 'example-scanner' }] });
  const prints = (await findingsOf({ version: '2.1.0', runs: [run, run] })).map((finding) => finding.fingerprint);
  expect(new Set(prints).size).toBe(2);
});

test('of several ends the earliest counts, and one that is no time is named', async () => {
  const ends = ['2026-11-20T12:00:00Z', '2026-11-20T12:30:00+02:00', '2026-11-20T11:00:00.5', 'yesterday'];
  const report = await readReport(logOf({ invocations: ends.map((endTimeUtc) => ({ endTimeUtc })), results: [] }));
  expect(report).toMatchObject({
    scans: [{ endedAt: '2026-11-20T10:30:00.000Z' }],
    problems: [expect.stringContaining('endTimeUtc')],
  });
});

test.each([['1.0.0'], ['2.0.0'], ['2.1.0-rtm.5'], [undefined], [3]])(
  'SARIF version %s is refused with the way out',
  async (version) => {
    const { runs } = logOf({ results: [] });
    const refusal = { refused: 'unsupported-version', detail: expect.stringContaining('2.1.0') };
    expect(await readReport({ version, runs })).toMatchObject(refusal);
    expect(await readReport({ runs, version })).toMatchObject(refusal);
  },
);

test.each([
  ['a Semgrep JSON report', '{"results":[{"check_id":"a","extra":{}}]}'],
  ['a list of objects', '[{"RuleID":"x"}]'],
  ['an empty list', '[]'],
  ['null, as gitleaks writes for nothing', 'null'],
  ['SPDX', '{"SPDXID":"SPDXRef-DOCUMENT","spdxVersion":"SPDX-2.3"}'],
  ['a JSON object of any other kind', '{"a":1}'],
  ['XML', '<report/>'],
  ['a huge list of another tool', `{"vulnerabilities":{"a":"${'x'.repeat(9_000_000)}"}}`],
])('%s is refused as an unknown format that asks for SARIF', async (_what, text) => {
  expect(await readReport(text)).toMatchObject({ refused: 'unknown-format', detail: expect.stringContaining('SARIF') });
});

test('a format that no reader knows is refused by name', async () => {
  const refusal = await readReport(logOf({ results: [] }), { format: 'junit' });
  expect(refusal).toMatchObject({ refused: 'unknown-format', detail: expect.stringContaining('junit') });
  expect(await readReport(logOf({ results: [] }), { format: 'SARIF' })).toMatchObject({ format: 'sarif' });
});

test('another file with a version is not called SARIF', async () => {
  expect(await readReport({ type: 'AdaptiveCard', version: '1.5' })).toMatchObject({
    refused: 'unknown-format',
    detail: expect.stringContaining('JSON without runs'),
  });
});
