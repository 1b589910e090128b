import { expect, test } from 'vitest';
import { vexKeysOf } from '../../services/domain/vex.ts';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const bomOf = (members: object) => ({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, ...members });
const bomWith = (...vulnerabilities: readonly object[]) => bomOf({ vulnerabilities });

test('vulnerabilities of which somebody has said nothing are findings of the tool that wrote them', async () => {
  const { scans, findings, results } = await reportOf('cyclonedx.json');

  expect(results).toBe(5);
  expect(scans).toEqual([
    {
      tool: 'trivy',
      toolVersion: '0.60.0',
      categories: ['dependency', 'container'],
      complete: true,
      endedAt: '2026-11-20T08:00:00.000Z',
    },
  ]);
  expect(findings[0]).toMatchObject({
    rule: 'CVE-2026-0001',
    category: 'dependency',
    severity: 'critical',
    message: '@scope/pad 1.0.0: Padding is read from the wrong side.',
    help: 'Upgrade pad to version 1.0.1',
    fixAvailable: true,
    suppressed: false,
    vulnerability: { ids: ['CVE-2026-0001', 'GHSA-aaaa-bbbb-cccc'], purl: 'pkg:npm/%40scope/pad@1.0.0' },
  });
  expect(findings[1]).toMatchObject({ category: 'container', severity: 'medium', rule: 'CVE-2026-0002' });
});

test('in such a report what somebody says of one vulnerability does not make it less of a finding', async () => {
  const { findings, vex } = await reportOf('cyclonedx.json');

  expect(findings[2]).toMatchObject({ rule: 'CVE-2026-0003', suppressed: true, severity: 'high' });
  expect(findings[2]).not.toHaveProperty('exploitability');
  expect(findings[3]).toMatchObject({ exploitability: 'exploitable', fixAvailable: true, suppressed: false });
  expect(vex?.statements.map(({ status }) => status).sort()).toEqual(['affected', 'not-affected']);
});

test('a state that nobody knows says nothing: the vulnerability is a finding', async () => {
  const { findings, problems } = await reportOf('cyclonedx.json');

  expect(findings[4]).toMatchObject({ rule: 'CVE-2026-0005', suppressed: false, severity: 'medium' });
  expect(problems).toContain('1 entry: its state is none of CycloneDX: taken as if nobody had said anything');
});

test('where somebody has said something of each vulnerability it is statements and no scan', async () => {
  const report = await reportOf('cyclonedx-vex.json');

  expect(report).toMatchObject({ results: 3, scans: [], findings: [] });
  expect(report.vex?.statements).toContainEqual({
    keys: vexKeysOf(['CVE-2026-0001'], 'pkg:npm/left-pad@1.0.0'),
    status: 'not-affected',
    at: '2026-11-21T08:00:00.000Z',
    why: 'The name is shared.',
  });
  expect(report.problems).toContain(
    '1 entry: names no package URL, or no CVE, GHSA or the like: it applies to nothing',
  );
});

test('of versions each is said what it says; what a range denies is not believed, what it confirms is said of all', async () => {
  const { vex, problems } = await reportOf('cyclonedx-vex.json');
  const of = (version: string) => vexKeysOf(['CVE-2026-0002'], 'pkg:pypi/requests', version);
  expect(vex?.statements).toContainEqual(expect.objectContaining({ keys: of('2.1.0'), status: 'not-affected' }));
  expect(vex?.statements).toContainEqual(expect.objectContaining({ keys: of('2.2.0'), status: 'under-investigation' }));
  expect(vex?.statements.filter(({ status }) => status === 'not-affected')).toHaveLength(2);
  expect(problems).toContain(
    '1 entry: names a range of versions, which is not read: what it denies of them changes nothing',
  );

  const versions = [
    { range: 'vers:npm/<2', status: 'affected' },
    { version: '3.0.0', status: 'unaffected' },
  ];
  const affects = [{ ref: 'pkg:npm/pad@1.0.0', versions }];
  const report = await reportOf(bomWith({ id: 'CVE-2026-0001', analysis: { state: 'exploitable' }, affects }));
  expect(report.vex?.statements).toHaveLength(2);
  expect(report.vex?.statements).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ keys: vexKeysOf(['CVE-2026-0001'], 'pkg:npm/pad'), status: 'affected' }),
      expect.objectContaining({ keys: vexKeysOf(['CVE-2026-0001'], 'pkg:npm/pad', '3.0.0'), status: 'not-affected' }),
    ]),
  );
});

test('a component of a range of versions, as 1.7 has them, is no single version: what is denied of it is not believed', async () => {
  const said = (state: string, over: object) => {
    const component = { type: 'library', name: 'pad', 'bom-ref': 'pad', purl: 'pkg:npm/pad', ...over };
    const vulnerabilities = [{ id: 'CVE-2026-0001', analysis: { state }, affects: [{ ref: 'pad' }] }];
    return reportOf(bomOf({ specVersion: '1.7', components: [component], vulnerabilities }));
  };
  const range = { isExternal: true, versionRange: 'vers:npm/<2' };

  const denied = await said('not_affected', range);
  expect(denied.vex?.statements).toEqual([]);
  expect(denied.problems.join()).toContain('names a range of versions');
  const keys = vexKeysOf(['CVE-2026-0001'], 'pkg:npm/pad');
  expect((await said('exploitable', range)).vex?.statements).toMatchObject([{ keys, status: 'affected' }]);
  expect((await said('not_affected', {})).vex?.statements).toMatchObject([{ keys, status: 'not-affected' }]);
});

test('a vulnerability of several packages is a finding of each', async () => {
  const affects = [{ ref: 'pkg:npm/a@1.0.0' }, { ref: 'pkg:npm/b@1.0.0' }];
  const { findings, problems } = await reportOf(bomWith({ id: 'CVE-2026-0001', affects }));

  expect(findings.map(({ vulnerability }) => vulnerability?.purl)).toEqual(['pkg:npm/a@1.0.0', 'pkg:npm/b@1.0.0']);
  expect(new Set(findings.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  expect(problems).toContain('1 entry: affects several packages, each of which is a finding');
});

test('of more than 200,000 affected packages and versions nothing is kept: the document is refused', async () => {
  const versions = Array.from({ length: 1_000 }, () => ({}));
  const one = { id: 'CVE-2026-0001', affects: [{ ref: 'pkg:npm/pad', versions }] };
  expect(await readReport(bomWith(...Array.from({ length: 200 }, () => one)))).toMatchObject({
    refused: 'too-many-findings',
    detail: expect.stringContaining('packages that are affected'),
  });
  expect(await readReport(bomWith(...Array.from({ length: 199 }, () => one)))).toMatchObject({ results: 199 });
});

test('the event loop gets its turn while statements are made, and not only while they are read', async () => {
  const statement = { analysis: { state: 'in_triage' }, affects: [{ ref: 'pkg:npm/pad@1.0.0' }] };
  const report = bomWith(...Array.from({ length: 10_000 }, (_, n) => ({ ...statement, id: `CVE-2026-${10_000 + n}` })));
  let [turns, isReading] = [0, true];
  const turn = () => {
    turns += 1;
    if (isReading) setImmediate(turn);
  };
  setImmediate(turn);
  expect((await reportOf(report)).vex?.statements).toHaveLength(10_000);
  isReading = false;
  const pieces = JSON.stringify(report).length / 65_536;
  expect(turns).toBeGreaterThan(pieces + 10);
});

test('the tools of 1.4 are a list, and a report that names none is of CycloneDX', async () => {
  const tools = [{ vendor: 'OWASP', name: 'Dependency-Track', version: '4.12.0' }];
  const vulnerabilities = [{ id: 'CVE-2026-0001' }];
  const { scans } = await reportOf(bomOf({ specVersion: '1.4', metadata: { tools }, vulnerabilities }));
  expect(scans).toMatchObject([{ tool: 'dependency-track', toolVersion: '4.12.0', categories: ['dependency'] }]);
  expect((await reportOf(bomOf({ vulnerabilities }))).scans).toMatchObject([{ tool: 'cyclonedx' }]);
});

test.each([
  {},
  { vulnerabilities: [] },
  { vulnerabilities: null },
  { specVersion: '1.3', components: [{ name: 'a' }] },
])('an inventory without vulnerabilities is no scan: %j', async (members) => {
  expect(await readReport(bomOf(members))).toMatchObject({
    refused: 'no-scan',
    detail: expect.stringContaining('an inventory, no findings'),
  });
});

test.each(['1.3', '1.8', '2.0', undefined])('specVersion %s is refused', async (specVersion) => {
  const report = { ...bomWith({ id: 'CVE-2026-0001' }), specVersion };
  expect(await readReport(report)).toMatchObject({ refused: 'unsupported-version' });
});
