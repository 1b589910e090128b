import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const config = { experimental_config: {} };
const source = { path: 'go.mod', type: 'lockfile' };
const withPackage = (members: object) => ({
  ...config,
  results: [{ source, packages: [{ package: { name: 'a' }, ...members }] }],
});

test('what several databases know is one finding, by the group that the tool makes of them', async () => {
  expect(await reportOf('osv-scanner.json')).toMatchObject({
    format: 'osv-scanner',
    results: 3,
    scans: [{ tool: 'osv-scanner', categories: ['dependency'], complete: true }],
    findings: [
      {
        rule: 'GHSA-aaaa-bbbb-cccc',
        severity: 'high',
        path: 'src/shop/yarn.lock',
        message: 'left-pad 1.0.0: Made-up flaw',
        help: 'Fixed in 1.0.1.',
        fixAvailable: true,
        vulnerability: {
          ids: ['GHSA-aaaa-bbbb-cccc', 'OSV-2026-1', 'CVE-2026-0040'],
          package: 'left-pad@1.0.0',
          purl: 'pkg:npm/left-pad',
        },
      },
      { rule: 'MAL-2026-2', severity: 'critical' },
    ],
    problems: ['1 entry: the same vulnerability under another name: joined'],
  });
});

test('a vulnerability that no group names is a finding of its own', async () => {
  const vulnerabilities = [{ id: 'GO-1', database_specific: { severity: 'LOW' } }, { id: 'GO-2' }];
  const report = await reportOf(withPackage({ vulnerabilities }));
  expect(report.findings).toMatchObject([
    { rule: 'GO-1', severity: 'low' },
    { rule: 'GO-2', severity: 'medium' },
  ]);
  expect(report.problems).toEqual(['1 entry: no severity is given, taken as medium']);
});

test('20,000 vulnerabilities of one package are read in the time that they are long, and more are refused', async () => {
  const groups = Array.from({ length: 20_000 }, (_, n) => ({
    ids: Array.from({ length: 40 }, (_one, m) => `G${n}.${m}`),
  }));
  const vulnerabilities = Array.from({ length: 20_000 }, (_, n) => ({ id: `V${n}`, aliases: [`A${n}`] }));
  const [first] = vulnerabilities;
  const read = await readReport(withPackage({ vulnerabilities, groups: groups.slice(0, 19_999) }));
  expect(read).toMatchObject({ results: 20_000, findings: { length: 39_999 } });
  for (const members of [
    { vulnerabilities: [...vulnerabilities, { ...first, id: 'one more' }] },
    { groups: [...groups, groups[0]] },
  ])
    expect(await readReport(withPackage(members))).toMatchObject({
      refused: 'too-many-findings',
      detail: expect.stringContaining('One package has more than 20000'),
    });
});

test('of two severities the worse counts', async () => {
  const vulnerabilities = [{ id: 'G', database_specific: { severity: 'CRITICAL' } }];
  const report = await reportOf(withPackage({ vulnerabilities, groups: [{ ids: ['G'], max_severity: '4.0' }] }));
  expect(report.findings).toMatchObject([{ severity: 'critical' }]);
});

test('no results are clean; where nothing else tells the tool, it has to be named', async () => {
  expect(await reportOf('osv-scanner-clean.json')).toMatchObject({ findings: [], scans: [{ complete: true }] });
  expect(await readReport({ results: [] })).toMatchObject({ refused: 'unknown-format' });
  expect(await reportOf({ results: [] }, { format: 'osv-scanner' })).toMatchObject({ findings: [], results: 0 });
});

test.each<[string, unknown, string]>([
  ['results that are null', { ...config, results: null }, 'results'],
  ['a result that is no object', { ...config, results: [1] }, 'results[0]'],
  ['packages that are no list', { ...config, results: [{ source, packages: {} }] }, 'results[0].packages'],
  [
    'a vulnerability that is no object',
    withPackage({ vulnerabilities: [1] }),
    'results[0].packages[0].vulnerabilities[0]',
  ],
])('%s is refused, and the place is named', async (_what, report, place) => {
  expect(await readReport(report, { format: 'osv-scanner' })).toMatchObject({
    refused: 'malformed',
    detail: expect.stringContaining(place),
  });
});
