import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleImport } from '../../services/domain/assemble-import.ts';
import { sha256 } from '../../services/domain/checksum.ts';
import { duplicateKeysOf, problemOf } from '../../services/domain/duplicate-keys.ts';
import { EXPLOITABILITIES, type Finding, type Report, SEVERITIES } from '../../services/domain/finding.ts';
import { type HistoryScan, instantOf, NO_HISTORY, next } from '../../services/domain/finding-history.ts';
import { bytesOfHeads } from '../../services/domain/import-size.ts';
import { pastsOf, strictest } from '../../services/domain/past.ts';
import { groupFindings, LISTED_LIMIT, matchPaths } from '../../services/domain/scan-head.ts';
import { headsOf, identified, type ScanContext } from '../../services/domain/scan-import.ts';
import { atOnce, type Steps } from '../../services/domain/steps.ts';
import { otherIdsOf } from '../../services/domain/vulnerability-ids.ts';
import { COMMIT, ORG } from '../builders.ts';
import { aFinding } from '../scans.ts';
import { aContract, aControl, aRule, fingerprint } from './judge-input.ts';

const AT = '2026-11-23T09:00:00.000Z';
const SCOPE = { org: ORG, service: 'payments-api', environment: '-' };
const CONTEXT: ScanContext = { service: 'payments-api', commit: COMMIT, verified: true };
const GLOBS = ['infra/**', 'src/**'];
const CONTRACT = aContract(aControl({ decisions: GLOBS.map((glob) => aRule({ when: { path: [glob] } })) }));

const reportOf = (findings: readonly Finding[]): Report => ({
  format: 'sarif',
  results: findings.length,
  scans: [{ tool: 'gitleaks', categories: ['secret'], complete: true }],
  findings,
  problems: [],
});

const anyFinding = fc
  .record({
    n: fc.nat(100_000),
    rule: fc.constantFrom('a', 'b', 'é'),
    severity: fc.constantFrom(...SEVERITIES),
    suppressed: fc.boolean(),
    path: fc.constantFrom('src/a.ts', 'infra/b.tf', 'c.md'),
    exploitability: fc.constantFrom(...EXPLOITABILITIES),
    ids: fc.subarray(['CVE-2024-0001', 'GHSA-aaaa-bbbb-cccc', 'OWN-1']),
  })
  .map(({ n, ids, ...rest }) =>
    aFinding({
      fingerprint: fingerprint(n),
      ...rest,
      ...(ids.length === 0 ? {} : { vulnerability: { ids, purl: `pkg:npm/p${n % 5}@1.0.${n % 3}` } }),
    }),
  );

/** Some of a few kinds, or more of each than one step looks at. */
const anyFindings = fc.tuple(fc.array(anyFinding, { maxLength: 30 }), fc.constantFrom(1, 40)).map(([some, times]) => {
  const all = some.flatMap((one, kind) =>
    Array.from({ length: times }, (_, n) => ({ ...one, fingerprint: fingerprint(kind * 40 + n + 1) })),
  );
  return all.map((_, n) => all[(n * 7) % all.length] as Finding).filter((one, n, list) => list.indexOf(one) === n);
});

/** As it was written before there were steps: everything sorted and joined at once. */
function linesOf(findings: readonly Finding[]): string {
  const lines = findings.map((one) => {
    const problem = problemOf(one);
    const ids = otherIdsOf(one);
    const facts = [one.severity, one.suppressed, one.exploitability ?? '-', one.fixAvailable ?? '-'];
    const same = problem === undefined ? [] : [JSON.stringify([problem.ids, problem.subject, problem.version])];
    return [one.fingerprint, ...facts, ...same, ...(ids.length === 0 ? [] : [ids.join()])].join(' ');
  });
  return sha256(lines.sort().join('\n'));
}

test('a report is told from others by its findings as before, whatever their order', () => {
  fc.assert(
    fc.property(anyFindings, anyFindings, (some, others) => {
      const idOf = (findings: readonly Finding[]) =>
        atOnce(identified(SCOPE, { context: CONTEXT, report: reportOf(findings), service: undefined, at: AT }))
          .reportId;

      expect(idOf(some) === idOf(others)).toBe(linesOf(some) === linesOf(others));
      expect(idOf(some)).toBe(idOf(some.toReversed()));
    }),
    { numRuns: 30 },
  );
});

test('a report has the id that it had when it was read by an earlier version', () => {
  const findings = [3, 1, 2].map((n) => aFinding({ fingerprint: fingerprint(n), severity: 'high' }));
  const named = atOnce(identified(SCOPE, { context: CONTEXT, report: reportOf(findings), service: undefined, at: AT }));

  expect(named.reportId).toBe('26b858f257248bd5e75a437e569e54a3');
});

test('findings are grouped as they were at once', () => {
  fc.assert(
    fc.property(anyFindings, (findings) => {
      const globs = atOnce(matchPaths(findings, GLOBS));
      const scan: HistoryScan = { id: 's', at: AT, fingerprints: findings.map((one) => one.fingerprint) };
      const pasts = pastsOf(atOnce(next(NO_HISTORY, scan)).history, []);
      const matched = (path = '') => GLOBS.filter((glob) => path.startsWith(glob.slice(0, -2)));
      const keyOf = (one: Finding) =>
        JSON.stringify([
          ...[one.rule, one.severity, one.exploitability ?? null, one.fixAvailable ?? null, one.suppressed],
          ...[matched(one.path), null, otherIdsOf(one)],
        ]);
      const plain = [...Map.groupBy(findings, keyOf)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, members]) => members.toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)))
        .sort(([a], [b]) => SEVERITIES.indexOf(a?.severity ?? 'info') - SEVERITIES.indexOf(b?.severity ?? 'info'))
        .map((members) => ({
          rule: members[0]?.rule,
          pathGlobs: matched(members[0]?.path),
          past: strictest(members.flatMap((one) => pasts.get(one.fingerprint) ?? [])),
          count: members.length,
          fingerprints: members.map((one) => one.fingerprint),
          keys: members.map((one) => duplicateKeysOf(problemOf(one))).join(),
          samples: members.slice(0, 3).map((one) => one.fingerprint),
        }));

      const groups = atOnce(groupFindings(findings, { tool: 'gitleaks' }, 'secret', globs, { pasts }));

      expect(
        groups.map(({ rule, pathGlobs, past, count, fingerprints, duplicateKeys, samples }) => ({
          ...{ rule, pathGlobs, past, count, fingerprints },
          keys: (duplicateKeys ?? fingerprints.map(() => '')).join(),
          samples: samples.map((one) => one.fingerprint),
        })),
      ).toEqual(plain);
    }),
    { numRuns: 30 },
  );
});

test('heads are as long as their JSON in JSON, measured piece by piece', () => {
  fc.assert(
    fc.property(anyFindings, (findings) => {
      const named = atOnce(
        identified(SCOPE, { context: CONTEXT, report: reportOf(findings), service: undefined, at: AT }),
      );
      const [head] = atOnce(headsOf(CONTEXT, named.report, CONTRACT, named.reportId, AT));
      if (head === undefined) throw new Error('there is one head');
      for (const heads of [[], [head], [head, { ...head, groups: [] }, head]])
        expect(atOnce(bytesOfHeads(heads))).toBe(Buffer.byteLength(JSON.stringify(JSON.stringify(heads))));
    }),
    { numRuns: 30 },
  );
});

test('of a group that is not listed the checksum is that of all its fingerprints', () => {
  const findings = Array.from({ length: LISTED_LIMIT + 1 }, (_, n) => aFinding({ fingerprint: fingerprint(n + 1) }));

  const [group] = atOnce(groupFindings(findings.toReversed(), { tool: 'gitleaks' }, 'secret', new Map()));

  expect(group).toMatchObject({ count: LISTED_LIMIT + 1, fingerprints: [] });
  expect(group?.unlisted).toBe(
    sha256(
      findings
        .map((one) => one.fingerprint)
        .sort()
        .join(''),
    ),
  );
});

/** Most looks at findings between two steps. */
function mostLooks<T>(steps: Steps<T>, looked: () => number): { readonly most: number; readonly value: T } {
  let most = looked();
  let step = steps.next();
  for (; step.done !== true; step = steps.next()) most = Math.max(most, looked());
  return { most: Math.max(most, looked()), value: step.value };
}

test('no step looks at all findings of a large report', () => {
  const COUNT = 40_000;
  let looks = 0;
  const looked = () => {
    const made = looks;
    looks = 0;
    return made;
  };
  const counted = <T>(value: T) => ({
    enumerable: true,
    get: () => {
      looks += 1;
      return value;
    },
  });
  const findings = Array.from({ length: COUNT }, (_, n) =>
    Object.defineProperties(aFinding({ rule: `rule-${n % 50}` }), {
      fingerprint: counted(fingerprint((n * 7_919) % COUNT)),
      path: counted(`src/file-${n % 700}.ts`),
      tool: counted('gitleaks'),
      category: counted('secret'),
    }),
  );
  const told = { context: CONTEXT, report: reportOf(findings), service: undefined, at: AT };

  const { most, value: named } = mostLooks(identified(SCOPE, told), looked);
  const fingerprints = named.fingerprints.get('gitleaks') ?? [];
  const history = atOnce(next(NO_HISTORY, { id: 's', at: instantOf(1), fingerprints })).history;
  const compared = [{ scan: { tool: 'gitleaks', moves: { kind: 'history' } }, history }];
  const { most: later, value } = mostLooks(assembleImport(named, compared, { contract: CONTRACT }), looked);

  expect(value?.heads[0]?.groups.reduce((sum, { count }) => sum + count, 0)).toBe(COUNT);
  expect(Math.max(most, later)).toBeLessThan(COUNT / 2);
});

test('a history takes a step for every few hundred of everything that it looks at', () => {
  const fingerprints = Array.from({ length: 5_000 }, (_, n) => fingerprint(n + 1));
  const first = atOnce(next(NO_HISTORY, { id: 'a', at: AT, fingerprints })).history;
  const stepsOf = (steps: Steps<unknown>) => {
    let count = 0;
    while (steps.next().done !== true) count += 1;
    return count;
  };

  // Found sorted, kept, compared with what was there, looked for in it.
  expect(stepsOf(next(first, { id: 'b', at: AT, fingerprints }))).toBeGreaterThanOrEqual(39);
});
