import { expect, test } from 'vitest';
import { CATEGORIES, type Finding, type Report, type Scan } from '../../services/domain/finding.ts';
import { decisionsOf, strictestOf } from '../../services/domain/report-decisions.ts';
import {
  fingerprintsByTool,
  headsOf,
  importEvidence,
  reportIdOf,
  type ScanContext,
  scopedVexOf,
} from '../../services/domain/scan-import.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { COMMIT, ORG } from '../builders.ts';
import { aFinding } from '../scans.ts';
import { aContract, aControl, anEnvironment, aRule, aService, fingerprint } from './judge-input.ts';

const AT = '2026-11-23T09:00:00.000Z';
const SCOPE = { org: ORG, service: 'payments-api', environment: '-' };

const aScan = (overrides: Partial<Scan> = {}): Scan => ({
  tool: 'gitleaks',
  categories: ['secret'],
  complete: true,
  ...overrides,
});

const aReport = (overrides: Partial<Report> = {}): Report => ({
  format: 'sarif',
  results: 1,
  scans: [aScan()],
  findings: [aFinding()],
  problems: [],
  ...overrides,
});

const aContext = (overrides: Partial<ScanContext> = {}): ScanContext => ({
  service: 'payments-api',
  commit: COMMIT,
  verified: true,
  ...overrides,
});

test('the fingerprints of each tool are sorted, and a tool that found nothing has none', () => {
  const report = aReport({
    scans: [aScan(), aScan({ tool: 'semgrep' })],
    findings: [3, 1, 2].map((n) => aFinding({ fingerprint: fingerprint(n) })),
  });

  expect([...atOnce(fingerprintsByTool(report))]).toEqual([
    ['gitleaks', [1, 2, 3].map(fingerprint)],
    ['semgrep', []],
  ]);
});

const idOf = (report: Report = aReport(), context: ScanContext = aContext(), scope = SCOPE) =>
  atOnce(reportIdOf(scope, context, report, atOnce(fingerprintsByTool(report))));

const withFinding = (overrides: Partial<Finding>) => aReport({ findings: [aFinding(overrides)] });

test('the same findings of the same tools are the same report, whatever its file looks like', () => {
  const two = [aFinding(), aFinding({ fingerprint: fingerprint(2) })];

  expect(idOf()).toMatch(/^[0-9a-f]{32}$/);
  expect(idOf(aReport({ findings: two.toReversed() }))).toBe(idOf(aReport({ findings: two })));
  expect(idOf(aReport({ problems: ['p'], results: 9 }))).toBe(idOf());
  expect(idOf(withFinding({ message: 'in other words', line: 99 }))).toBe(idOf());
  // What has no duplicates is what it was before there were any.
  expect(idOf(withFinding({ vulnerability: { ids: ['DSA-1'], package: 'left-pad' } }))).toBe(idOf());
});

test('what is well again, and since when a source says so, makes no other report, because nothing is stored of it', () => {
  const stored = (report: Report) => {
    const id = idOf(report);
    const heads = atOnce(headsOf(aContext(), report, undefined, id, AT));
    return {
      id,
      heads,
      evidence: importEvidence(aContext(), report, heads, id, []),
      vex: scopedVexOf(aContext(), report, id, AT),
    };
  };
  const older = { ...withFinding({ at: '2026-11-01T00:00:00.000Z' }), cleared: [] };
  const cleared = [{ fingerprint: fingerprint(2), tool: 'gitleaks', at: AT }];

  expect(stored({ ...withFinding({ at: AT }), cleared })).toEqual(stored(older));
});

test.each<[string, string]>([
  ['organization', idOf(aReport(), aContext(), { ...SCOPE, org: 'other' })],
  ['service', idOf(aReport(), aContext(), { ...SCOPE, service: 'orders-api' })],
  ['environment', idOf(aReport(), aContext(), { ...SCOPE, environment: 'prod' })],
  ['commit', idOf(aReport(), aContext({ commit: 'beef' }))],
  ['branch', idOf(aReport(), aContext({ branch: 'main' }))],
  ['run', idOf(aReport(), aContext({ runId: 7 }))],
  ['timing', idOf(aReport(), aContext({ timing: 'pre-deploy' }))],
  ['proof of the run', idOf(aReport(), aContext({ verified: false }))],
  ['tool', idOf(aReport({ scans: [aScan({ tool: 'semgrep' })] }))],
  ['completeness', idOf(aReport({ scans: [aScan({ complete: false })] }))],
  ['end of the scan', idOf(aReport({ scans: [aScan({ endedAt: AT })] }))],
  ['package', idOf(withFinding({ vulnerability: { ids: ['CVE-2026-0001'], purl: 'pkg:npm/left-pad@1.0.0' } }))],
  ['vulnerability', idOf(withFinding({ vulnerability: { ids: ['CVE-2026-0001'] } }))],
  ['statement', idOf(aReport({ vex: { id: 'doc', version: 1, at: AT, statements: [] } }))],
  ['finding', idOf(withFinding({ fingerprint: fingerprint(2) }))],
  ['severity', idOf(withFinding({ severity: 'low' }))],
  ['suppression', idOf(withFinding({ suppressed: true }))],
  ['exploitability', idOf(withFinding({ exploitability: 'known-exploited' }))],
  ['fix', idOf(withFinding({ fixAvailable: true }))],
  ['fix that is none', idOf(withFinding({ fixAvailable: false }))],
])('another %s is another report', (_, id) => {
  expect(id).not.toBe(idOf());
});

test('each version of a document, and each word of it, is a report of its own', () => {
  const vex = {
    id: 'doc',
    version: 1,
    at: AT,
    statements: [{ keys: 'k', status: 'affected' as const, at: AT, why: '' }],
  };
  const fixed = vex.statements.map((one) => ({ ...one, status: 'fixed' as const }));
  const ids = [vex, { ...vex, id: 'other' }, { ...vex, version: 2 }, { ...vex, at: '' }, { ...vex, statements: fixed }];
  expect(new Set(ids.map((one) => idOf(aReport({ vex: one })))).size).toBe(5);
});

test('each exploitability and each answer about a fix is a report of its own', () => {
  const ids = [
    withFinding({ exploitability: 'known-exploited' }),
    withFinding({ exploitability: 'not-affected' }),
    withFinding({ fixAvailable: true }),
    withFinding({ fixAvailable: false }),
  ].map((report) => idOf(report));

  expect(new Set(ids).size).toBe(4);
});

test('there is one head for each tool and each category that it attests or found', () => {
  const report = aReport({
    scans: [
      aScan({ tool: 'trivy', categories: ['dependency', 'container'], toolVersion: '0.60' }),
      aScan({ complete: false }),
    ],
    findings: [aFinding({ tool: 'trivy', category: 'iac' }), aFinding()],
  });

  const heads = atOnce(headsOf(aContext(), report, undefined, 'report-9', AT));

  expect(heads.map(({ tool, category, complete, groups }) => [tool, category, complete, groups.length])).toEqual([
    ['trivy', 'container', true, 0],
    ['trivy', 'dependency', true, 0],
    ['trivy', 'iac', true, 1],
    ['gitleaks', 'secret', false, 1],
  ]);
  expect(heads[0]).toMatchObject({ toolVersion: '0.60', reportId: 'report-9', scanId: 'report-9', receivedAt: AT });
  expect(heads[3]).not.toHaveProperty('toolVersion');
});

test.each(CATEGORIES)(
  '%s is of the build where its sender does not say, and of what runs where it is about that',
  (category) => {
    const report = aReport({ scans: [aScan({ categories: [category] })], findings: [] });
    const runs = ['policy', 'runtime', 'activity'].includes(category);

    const timings = atOnce(headsOf(aContext(), report, undefined, 'r', AT)).map(({ timing }) => timing);
    expect(timings).toEqual([runs ? 'post-deploy' : 'build']);
    const said = atOnce(headsOf(aContext({ timing: 'pre-deploy' }), report, undefined, 'r', AT)).map(
      ({ timing }) => timing,
    );
    expect(said).toEqual(['pre-deploy']);
  },
);

test('a head says what its sender said, and that it was built where nothing is said', () => {
  const context = aContext({ environment: 'prod', branch: 'main', runId: 7, timing: 'pre-deploy', verified: false });

  expect(atOnce(headsOf(context, aReport(), undefined, 'r', AT))[0]).toMatchObject(context);
  expect(atOnce(headsOf(aContext(), aReport(), undefined, 'r', AT))[0]?.timing).toBe('build');
});

test.each([
  ['2026-11-22T08:00:00.000Z', '2026-11-22T08:00:00.000Z'],
  ['2026-11-23T09:04:00.000Z', AT],
  [undefined, AT],
])('a scan that ended at %s is as old as %s: never younger than its receipt', (endedAt, scannedAt) => {
  const scans = [aScan(endedAt === undefined ? {} : { endedAt })];

  expect(atOnce(headsOf(aContext(), aReport({ scans }), undefined, 'r', AT))[0]).toMatchObject({
    scannedAt,
    receivedAt: AT,
  });
});

test('a head answers for the paths of contract and catalog, each once', () => {
  const contract = aContract(aControl({ decisions: [aRule({ when: { path: ['src/**', 'a'] } })] }));
  const service = aService({ paths: ['src/**', '**/*.ts'].map((glob) => ({ glob, owner: 'group:x' as const })) });

  const [head] = atOnce(headsOf(aContext(), aReport(), contract, 'r', AT, service));

  expect(head?.knownGlobs).toEqual(['**/*.ts', 'a', 'src/**']);
  expect(head?.groups[0]?.pathGlobs).toEqual(['**/*.ts', 'src/**']);
  expect(atOnce(headsOf(aContext(), aReport(), undefined, 'r', AT))[0]?.knownGlobs).toEqual([]);
});

const staging = anEnvironment({ name: 'staging', tier: 'non-production' });
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warnsElsewhere = [aRule({ when: { tier: ['production'] } }), aRule({ then: 'warn' })];
const CONTRACT = {
  ...aContract(aControl({ decisions: warnsElsewhere })),
  environments: new Map([staging, anEnvironment()].map((environment) => [environment.name, environment])),
};

function decisionsFor(context: ScanContext, contract = CONTRACT) {
  const heads = atOnce(headsOf(context, aReport(), contract, 'r', AT));
  return strictestOf(atOnce(decisionsOf(context, heads, contract, aService(), AT)));
}

test('what a report means is said for the environment that it names', () => {
  expect(decisionsFor(aContext({ environment: 'staging' }))).toEqual({ block: 0, warn: 1, monitor: 0 });
  expect(decisionsFor(aContext({ environment: 'prod' }))).toEqual({ block: 1, warn: 0, monitor: 0 });
});

test('what a report means counts the steps that its findings have reached', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const climbing = aRule({ then: 'warn', escalate: [{ after: { ageDays: 30 }, to: 'block' }] });
  const contract = { ...CONTRACT, ...aContract(aControl({ decisions: [climbing] })) };
  const context = aContext({ environment: 'prod' });
  const heads = atOnce(headsOf(context, aReport(), contract, 'r', AT));
  const pasts = new Map(
    heads.flatMap(({ groups }) =>
      groups.flatMap(({ fingerprints }) =>
        fingerprints.map((one) => [one, { firstSeen: 0, reached: {}, near: [] }] as const),
      ),
    ),
  );
  const meant = (...known: readonly { readonly pasts?: typeof pasts }[]) =>
    strictestOf(atOnce(decisionsOf(context, heads, contract, aService(), AT, known)));

  expect(meant()).toEqual({ block: 0, warn: 1, monitor: 0 });
  expect(meant({}, { pasts })).toEqual({ block: 1, warn: 0, monitor: 0 });
});

test('without an environment it is said for the strictest, in whatever order they stand', () => {
  const turned = { ...CONTRACT, environments: new Map([...CONTRACT.environments].reverse()) };

  expect(decisionsFor(aContext())).toEqual({ block: 1, warn: 0, monitor: 0 });
  expect(decisionsFor(aContext(), turned)).toEqual({ block: 1, warn: 0, monitor: 0 });
});

test('an environment that monitors more is no stricter than one that blocks', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const control = aControl({ decisions: [...warnsElsewhere.slice(0, 1), aRule({ then: 'monitor' })] });

  for (const environments of [CONTRACT.environments, new Map([...CONTRACT.environments].reverse())])
    expect(decisionsFor(aContext(), { ...CONTRACT, environments, controls: [control] })).toEqual({
      block: 1,
      warn: 0,
      monitor: 0,
    });
});

test('of environments that block alike the one that warns or monitors more is the stricter', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const monitor = aRule({ then: 'monitor' });
  const milder = aControl({ decisions: [{ ...monitor, when: { tier: ['production'] } }, ...warnsElsewhere.slice(1)] });

  expect(decisionsFor(aContext(), { ...CONTRACT, controls: [milder] })).toEqual({ block: 0, warn: 1, monitor: 0 });
  const only = aControl({ decisions: [monitor] });
  expect(decisionsFor(aContext(), { ...CONTRACT, controls: [only] })).toEqual({ block: 0, warn: 0, monitor: 1 });
});

test('without a contract nothing is said, and a service that the catalog does not know is never blocked', () => {
  const context = aContext();
  const heads = atOnce(headsOf(context, aReport(), CONTRACT, 'r', AT));

  expect(strictestOf(atOnce(decisionsOf(context, heads, undefined, aService(), AT)))).toEqual({
    block: 0,
    warn: 0,
    monitor: 0,
  });
  expect(strictestOf(atOnce(decisionsOf(context, heads, CONTRACT, undefined, AT)))).toEqual({
    block: 0,
    warn: 1,
    monitor: 0,
  });
});

test('of attestations that were verified the evidence names the trust; under another trust the same are another report', () => {
  const report = (trust?: string) => ({ ...aReport(), ...(trust === undefined ? {} : { trust }) });
  const ids = ['a', 'b', undefined].map((trust) => idOf(report(trust)));
  expect(new Set(ids).size).toBe(3);
  expect(idOf(report('a'))).toBe(ids[0]);

  expect(importEvidence(aContext(), report('a'), [], 'id', []).data).toMatchObject({ trust: 'a' });
  expect(importEvidence(aContext(), report(), [], 'id', []).data).not.toHaveProperty('trust');
});
