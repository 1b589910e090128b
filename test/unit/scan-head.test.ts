import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duplicateKeysOf } from '../../services/domain/duplicate-keys.ts';
import { EXPLOITABILITIES, type Finding, SEVERITIES } from '../../services/domain/finding.ts';
import { globMatches } from '../../services/domain/glob.ts';
import type { Past } from '../../services/domain/past.ts';
import { type FindingGroup, groupFindings, LISTED_LIMIT, matchPaths } from '../../services/domain/scan-head.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { aFinding } from '../scans.ts';
import { fingerprint } from './judge-input.ts';

const GLOBS = ['infra/**', 'src/**'] as const;
const group = (...findings: readonly Finding[]) =>
  atOnce(groupFindings(findings, { tool: 'gitleaks' }, 'secret', atOnce(matchPaths(findings, GLOBS))));

const numbered = (count: number, overrides: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, n) => aFinding({ fingerprint: fingerprint(n + 1), ...overrides }));

test('findings that a contract cannot tell apart are one group, with fingerprints sorted and three samples', () => {
  const [only, ...others] = group(...numbered(5).reverse());

  expect(others).toEqual([]);
  expect(only).toEqual({
    rule: 'generic-api-key',
    severity: 'high',
    suppressed: false,
    pathGlobs: ['src/**'],
    count: 5,
    fingerprints: [1, 2, 3, 4, 5].map(fingerprint),
    samples: [1, 2, 3].map((n) => ({
      fingerprint: fingerprint(n),
      message: 'Detected a generic API key',
      path: 'src/config/keys.ts',
      line: 17,
    })),
  });
});

test.each<[string, Partial<Finding>]>([
  ['rule', { rule: 'aws-key' }],
  ['severity', { severity: 'low' }],
  ['exploitability', { exploitability: 'exploitable' }],
  ['fix', { fixAvailable: true }],
  ['fix that is none', { fixAvailable: false }],
  ['suppression', { suppressed: true }],
  ['path that a rule asks about', { path: 'infra/main.tf' }],
  ['path that no rule asks about', { path: 'docs/readme.md' }],
])('findings of another %s are another group', (_, other) => {
  expect(group(aFinding(), aFinding({ fingerprint: fingerprint(2), ...other }))).toHaveLength(2);
});

test('findings that differ in what no rule asks about are one group', () => {
  const other = { fingerprint: fingerprint(2), message: 'another', line: 3, path: 'src/other.ts', help: 'rotate it' };

  expect(group(aFinding(), aFinding(other))).toHaveLength(1);
});

test('a finding without a place lies on no path', () => {
  const { path: _, line: __, ...placeless } = aFinding();

  expect(group(placeless)[0]).toMatchObject({ pathGlobs: [], samples: [{ message: placeless.message }] });
});

test('what a group has of a finding it says, what it has not it leaves out', () => {
  const [said] = group(aFinding({ exploitability: 'unknown', fixAvailable: true, help: 'rotate it' }));

  expect(said).toMatchObject({ exploitability: 'unknown', fixAvailable: true, samples: [{ help: 'rotate it' }] });
  expect(group(aFinding())[0]).not.toHaveProperty('exploitability');
  expect(group(aFinding())[0]).not.toHaveProperty('fixAvailable');
});

test('only findings of this tool and category are in the head', () => {
  expect(group(aFinding({ tool: 'trufflehog' }), aFinding({ category: 'sast' }))).toEqual([]);
});

test('fingerprints are listed up to the limit of a head, and then none of any group', () => {
  const most = numbered(LISTED_LIMIT);
  const more = [...most, aFinding({ fingerprint: fingerprint(LISTED_LIMIT + 1), rule: 'aws-key' })];

  expect(group(...most)[0]?.fingerprints).toHaveLength(LISTED_LIMIT);
  expect(group(...more).map(({ count, fingerprints }) => [count, fingerprints])).toEqual([
    [1, []],
    [LISTED_LIMIT, []],
  ]);
});

test('what another tool found does not count against the limit', () => {
  const findings = [...numbered(LISTED_LIMIT), aFinding({ tool: 'trufflehog' })];

  expect(group(...findings)[0]?.fingerprints).toHaveLength(LISTED_LIMIT);
});

test('the 200 severest groups keep samples, all keep their fingerprints', () => {
  const lows = numbered(250).map((finding, n) => ({ ...finding, rule: `rule-${n}`, severity: 'low' as const }));

  const groups = group(...lows, aFinding({ fingerprint: fingerprint(999), rule: 'zzz', severity: 'critical' }));

  expect(groups[0]).toMatchObject({ rule: 'zzz', samples: [{ fingerprint: fingerprint(999) }] });
  expect(groups.filter(({ samples }) => samples.length > 0)).toHaveLength(200);
  expect(groups.every(({ fingerprints }) => fingerprints.length === 1)).toBe(true);
});

test('every path of a large report is matched', () => {
  const findings = Array.from({ length: 450 }, (_, n) => aFinding({ path: `src/file-${n}.ts` }));

  const matched = atOnce(matchPaths(findings, ['src/**', 'infra/**']));

  expect(matched.size).toBe(450);
  expect([...matched.values()].every((globs) => globs.join() === 'src/**')).toBe(true);
});

const anyFindings = fc
  .uniqueArray(
    fc.record({
      n: fc.nat(40),
      rule: fc.constantFrom('a', 'b'),
      severity: fc.constantFrom(...SEVERITIES),
      suppressed: fc.boolean(),
      path: fc.constantFrom('src/a.ts', 'infra/b.tf', 'c.md'),
      exploitability: fc.option(fc.constantFrom(...EXPLOITABILITIES)),
    }),
    { selector: ({ n }) => n, maxLength: 12 },
  )
  .map((all) =>
    all.map(({ n, exploitability, ...rest }) =>
      aFinding({ fingerprint: fingerprint(n), ...rest, ...(exploitability === null ? {} : { exploitability }) }),
    ),
  );

test('grouping loses nothing, invents nothing, and does not depend on order', () => {
  fc.assert(
    fc.property(anyFindings, (findings) => {
      const groups: readonly FindingGroup[] = group(...findings);
      expect(group(...findings.toReversed())).toEqual(groups);
      expect(groups.flatMap(({ fingerprints }) => fingerprints).sort()).toEqual(
        findings.map((f) => f.fingerprint).sort(),
      );
      for (const { fingerprints, count, rule, severity, pathGlobs } of groups) {
        expect(count).toBe(fingerprints.length);
        for (const finding of findings.filter((f) => fingerprints.includes(f.fingerprint))) {
          expect([finding.rule, finding.severity]).toEqual([rule, severity]);
          expect(GLOBS.filter((glob) => globMatches(glob, finding.path ?? ''))).toEqual(pathGlobs);
        }
      }
    }),
  );
});

test('findings that name other vulnerabilities are groups of their own, which say all names but that of the rule', () => {
  const naming = (...ids: readonly string[]) => ({ rule: 'CVE-2026-0001', vulnerability: { ids } });
  const [one, two, three] = numbered(3);
  const groups = group(
    { ...(one as Finding), ...naming('CVE-2026-0001') },
    { ...(two as Finding), ...naming('GHSA-bbbb-bbbb-bbbb', 'cve-2026-0001', 'ghsa-aaaa-aaaa-aaaa', 'DSA-1') },
    { ...(three as Finding), ...naming('GHSA-AAAA-AAAA-AAAA', 'GHSA-BBBB-BBBB-BBBB', 'CVE-2026-0001') },
  );
  expect(groups.map(({ ids, count }) => [ids, count])).toEqual([
    [['GHSA-AAAA-AAAA-AAAA', 'GHSA-BBBB-BBBB-BBBB'], 2],
    [undefined, 1],
  ]);
});

test('beside each listed fingerprint stands what its duplicates are told by, and nothing where there is too much of it', () => {
  const of = (name: string) => ({ vulnerability: { ids: ['CVE-2026-0001'], purl: `pkg:npm/${name}` } });
  const elsewhere = { vulnerability: { ids: ['CVE-2026-0001'] } };
  const findings = numbered(3).map((finding, n) => ({ ...finding, ...(n === 1 ? elsewhere : of(`pad-${n}`)) }));
  const keysOf = (name: string) => duplicateKeysOf({ ids: ['CVE-2026-0001'], subject: `pkg:npm/${name}` });
  expect(group(...findings.toReversed())[0]).toMatchObject({ duplicateKeys: [keysOf('pad-0'), '', keysOf('pad-2')] });

  for (const [count, isKeyed] of [
    [2_000, true],
    [2_001, false],
    [LISTED_LIMIT + 1, false],
  ] as const)
    expect(group(...numbered(count, of('pad'))).some((one) => one.duplicateKeys !== undefined)).toBe(isKeyed);
  expect(group(...numbered(1))[0]).not.toHaveProperty('duplicateKeys');
});

test('no step puts together more than some thousand findings, however few groups they make', () => {
  let looked = 0;
  class CountedPasts extends Map<string, Past> {
    override get(fingerprint: string): Past | undefined {
      looked += 1;
      return super.get(fingerprint);
    }
  }
  const pasts = new CountedPasts();
  const findings = numbered(20_000).map((finding, n) => ({ ...finding, rule: `rule-${n % 45}` }));
  const grouping = groupFindings(findings, { tool: 'gitleaks' }, 'secret', new Map(), { pasts });
  let most = 0;
  for (let step = grouping.next(); step.done !== true; step = grouping.next()) {
    most = Math.max(most, looked);
    looked = 0;
  }

  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(6_000);
});
