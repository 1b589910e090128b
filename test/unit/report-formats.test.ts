import { describe, expect, test } from 'vitest';
import { createReportReader } from '../../services/signals/readers.ts';
import { logOf, readReport } from './read-sarif.ts';
import { documentsOf, SCANNER_FORMATS, SCANNER_REPORTS, scannerFormat, scannerText } from './scanner-reports.ts';

test('every format that is read has a report here', () => {
  expect([...new Set(SCANNER_REPORTS.map(scannerFormat))].sort()).toEqual(SCANNER_FORMATS);
});

describe.each(SCANNER_REPORTS)('%s', (name) => {
  const text = scannerText(name);

  test('is recognised by its content', async () => {
    expect(await readReport(text)).toMatchObject({ format: scannerFormat(name) });
  });

  test('is the same report when its format is named, in small pieces, and in every encoding of JSON', async () => {
    const report = await readReport(text);
    expect(await readReport(text, { format: scannerFormat(name) })).toEqual(report);
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
      detail: expect.stringContaining(`format=${scannerFormat(name)}`),
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

  test('is read or refused, never a fault, whatever stands in place of one of its values', async () => {
    for (const line of documentsOf(name)) {
      for (const wrong of [null, Number.MAX_VALUE, '', [], {}, [null]]) {
        for (const changed of withEach(JSON.parse(line), wrong)) {
          const read = await readReport(changed, { format: scannerFormat(name) });
          if (!('refused' in read)) expect(read.findings.length).toBeLessThanOrEqual(100);
        }
      }
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

/** Copies in each of which another value is replaced. */
function* withEach(value: unknown, wrong: unknown): Generator<unknown> {
  yield wrong;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    for (const changed of withEach(member, wrong)) {
      yield Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed };
    }
  }
}

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
  ['yarn audit JSON', { value: 'a', children: { ID: 1, 'Vulnerable Versions': '<1' } }],
  ['govulncheck JSON', '{"config":{"protocol_version":"v1","scanner_name":"govulncheck"}}\n{"progress":{}}'],
  ['Dockle JSON', { summary: { fatal: 0, warn: 0 }, details: [] }],
  ['Wiz CLI JSON', { status: {}, result: { osPackages: [], libraries: [] } }],
  ['CycloneDX XML', '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.5">'],
  ['SPDX', { spdxVersion: 'SPDX-2.3', packages: [] }],
  ['OpenVEX of another namespace', { '@context': 'https://example.com/ns', statements: [] }],
  ['CSAF', { document: { category: 'csaf_vex', csaf_version: '2.0' }, vulnerabilities: [] }],
  ['in-toto', { _type: 'https://in-toto.io/Statement/v1', predicateType: 'x' }],
  ['Google Cloud Build', { image_summary: {}, provenance_summary: {} }],
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
  ['what cosign verify prints', [{ critical: { identity: {}, image: {} }, optional: null }], 'Sigstore bundle'],
  ['Log Analytics', { tables: [{ name: 'PrimaryResult', columns: [], rows: [] }] }, 'a list of objects'],
])('%s is refused by name, with its own way out', async (title, report, way) => {
  expect(await readReport(report)).toMatchObject({
    refused: 'unknown-format',
    detail: expect.stringMatching(new RegExp(`${title}.*${way}`)),
  });
});

test.each(['[0000] ERROR no image', '[', '{"value": ['])(
  '%s is no empty list: it says where it breaks off',
  async (text) => {
    expect(await readReport(text)).toMatchObject({ refused: 'malformed' });
  },
);

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

test.each(SCANNER_FORMATS)('null, an empty object, a word and an error are no report of %s either', async (format) => {
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
      yield Buffer.from('{"spdxVersion":"SPDX-2.3"');
      for (;;) yield Buffer.from(`,"a":"${'x'.repeat(64 * 1024)}"`);
    } finally {
      ended = true;
    }
  }
  expect(await createReportReader().read(body(), {})).toMatchObject({ refused: 'unknown-format' });
  expect(ended).toBe(true);
});
