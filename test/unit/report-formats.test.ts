import { describe, expect, test } from 'vitest';
import { createReportReader } from '../../services/signals/readers.ts';
import { logOf, readReport } from './read-sarif.ts';
import { SCANNER_REPORTS, scannerText } from './scanner-reports.ts';

const FORMATS = ['checkov', 'gitleaks', 'grype', 'npm-audit', 'osv-scanner', 'snyk', 'trivy', 'trufflehog'];
const formatOf = (name: string) => FORMATS.find((format) => name.startsWith(format));

test('every format that is read has a report here', () => {
  expect([...new Set(SCANNER_REPORTS.map(formatOf))].sort()).toEqual(FORMATS);
});

describe.each(SCANNER_REPORTS)('%s', (name) => {
  const text = scannerText(name);

  test('is recognised by its content', async () => {
    expect(await readReport(text)).toMatchObject({ format: formatOf(name) });
  });

  test('is the same report when its format is named, in small pieces, and in every encoding of JSON', async () => {
    const report = await readReport(text);
    expect(await readReport(text, { format: formatOf(name) ?? '' })).toEqual(report);
    expect(await readReport(text, {}, Array(text.length).fill(1))).toEqual(report);
    for (const bytes of [
      Buffer.from(`\uFEFF${text}`),
      Buffer.from(`\uFEFF${text}`, 'utf16le'),
      Buffer.from(text, 'utf16le'),
      Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
      Buffer.from(text, 'utf16le').swap16(),
    ]) {
      expect(await readReport(bytes)).toEqual(report);
    }
  });

  test('is refused when another format is named', async () => {
    const format = name.startsWith('trivy') ? 'grype' : 'trivy';
    expect(await readReport(text, { format })).toMatchObject({
      refused: 'unknown-format',
      detail: expect.stringContaining(`format=${formatOf(name)}`),
    });
  });

  test('is never clean when it is cut off', async () => {
    const whole = text.trimEnd();
    for (let length = 0; length < whole.length; length++) {
      const read = await readReport(whole.slice(0, length));
      const isProven = 'scans' in read && read.scans.every(({ complete }) => complete);
      expect(isProven, `cut at ${length}`).toBe(false);
    }
  });

  test('tells of every entry that made no finding', async () => {
    const report = await readReport(text);
    if ('refused' in report) throw new Error(report.detail);
    const told = report.problems.flatMap((line) => {
      const [, count] = /^(\d+) entr(?:y|ies): .*(?:joined|skipped|no finding|told with that one)$/.exec(line) ?? [];
      return count === undefined ? [] : [Number(count)];
    });
    // An entry of npm with two advisories makes two findings.
    const more = name === 'npm-audit.json' ? 1 : 0;
    expect(told.reduce((sum, count) => sum + count, report.findings.length)).toBe(report.results + more);
  });

  test('gives findings of different fingerprints and lengths that fit', async () => {
    const report = await readReport(text);
    if ('refused' in report) throw new Error(report.detail);
    expect(new Set(report.findings.map(({ fingerprint }) => fingerprint)).size).toBe(report.findings.length);
    for (const { fingerprint, message } of report.findings) {
      expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
      expect(message.length).toBeGreaterThan(0);
      expect(message.length).toBeLessThanOrEqual(300);
    }
  });
});

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
])('%s with %s written as %s is refused', async (name, from, to) => {
  const text = scannerText(name).replace(from, to);
  expect(text).not.toBe(scannerText(name));
  const read = await readReport(text, { format: formatOf(name) ?? '' });
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

test.each([
  ['Semgrep JSON', { results: [{ check_id: 'a', path: 'b', extra: {} }], errors: [] }],
  ['Semgrep JSON', { errors: [], results: [], paths: { scanned: [] }, version: '1' }],
  ['Bandit JSON', { errors: [], generated_at: 'x', metrics: {}, results: [] }],
  ['ESLint JSON', [{ filePath: 'a.js', messages: [] }]],
  ['ZAP JSON', { '@programName': 'ZAP', '@version': '2', site: [] }],
  ['Dependency-Check JSON', { reportSchema: '1.1', scanInfo: {}, dependencies: [] }],
  ['Black Duck JSON', { totalCount: 0, items: [], _meta: {} }],
  ['gosec JSON', { 'Golang errors': {}, Issues: [], Stats: {} }],
  ['Brakeman JSON', { scan_info: {}, warnings: [] }],
  ['tfsec JSON', { results: [{ rule_id: 'a', rule_provider: 'aws', location: {} }] }],
  ['Terrascan JSON', { results: { violations: [], scan_summary: {} } }],
  ['KICS JSON', { files_scanned: 1, queries: [] }],
  ['Kubescape JSON', { summaryDetails: { controls: {} }, results: [] }],
  ['Snyk IaC JSON', { meta: {}, infrastructureAsCodeIssues: [] }],
  ['detect-secrets JSON', { version: '1', plugins_used: [], results: {} }],
  ['pip-audit JSON', { dependencies: [{ name: 'a', version: '1', vulns: [] }], fixes: [] }],
  ['yarn audit JSON', { type: 'auditSummary', data: {} }],
  ['CycloneDX', { bomFormat: 'CycloneDX', vulnerabilities: [{ id: 'CVE-1' }] }],
  ['SPDX', { spdxVersion: 'SPDX-2.3', packages: [] }],
  ['OpenVEX', { '@context': 'https://openvex.dev/ns/v0.2.0', statements: [] }],
  ['in-toto', { _type: 'https://in-toto.io/Statement/v1', predicateType: 'x' }],
  ['Sigstore', { mediaType: 'x', verificationMaterial: {} }],
  ['Nessus', '<?xml version="1.0" ?>\n<NessusClientData_v2>'],
  ['Nessus', '"Plugin ID","CVE"\n'],
  ['ZAP XML', '<?xml version="1.0"?><OWASPZAPReport>'],
  ['JUnit XML', '<testsuites>'],
  ['a web page', '<!DOCTYPE html><title>Sign in</title>'],
  ['ZIP', Buffer.from([0x50, 0x4b, 3, 4, 0xff, 0xfe, 0x80, 0x81])],
])('%s is refused by name, with SARIF as the way out', async (title, report) => {
  for (const options of [{}, { format: 'gitleaks' }]) {
    const refusal = await readReport(report, options);
    expect(refusal).toMatchObject({ refused: 'unknown-format', detail: expect.stringContaining(title) });
    expect(refusal).toMatchObject({ detail: expect.stringContaining('SARIF 2.1.0') });
  }
});

test.each([
  ['null', 'null'],
  ['an empty list', '[]'],
  ['an empty object', '{}'],
  ['nothing', ''],
  ['a word', '"clean"'],
  ['an error', '{"error":"scan failed"}'],
])('%s is no report of anything', async (_what, text) => {
  expect(await readReport(text)).toHaveProperty('refused');
});

test.each(FORMATS)('null, an empty object, a word and an error are no report of %s either', async (format) => {
  for (const text of ['null', '{}', '"clean"', '{"error":"scan failed"}', '{"ok":false,"error":"x"}']) {
    expect(await readReport(text, { format }), text).toHaveProperty('refused');
  }
});

test('null is refused as what it is, whatever the sender calls it', async () => {
  for (const options of [{}, { format: 'gitleaks' }, { format: 'trivy' }]) {
    expect(await readReport('null', options)).toMatchObject({ detail: expect.stringContaining('is null') });
  }
});

test('what could be of two formats is of none', async () => {
  const both = { ...logOf({ results: [] }), SchemaVersion: 2, ArtifactName: 'a', Results: [] };
  expect(await readReport(both)).toMatchObject({
    refused: 'unknown-format',
    detail: expect.stringMatching(/SARIF or Trivy JSON/),
  });
});

test('the body is let go of when a report is refused by its beginning', async () => {
  let ended = false;
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('{"bomFormat":"CycloneDX"');
      for (;;) yield Buffer.from(`,"a":"${'x'.repeat(64 * 1024)}"`);
    } finally {
      ended = true;
    }
  }
  expect(await createReportReader().read(body(), {})).toMatchObject({ refused: 'unknown-format' });
  expect(ended).toBe(true);
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
