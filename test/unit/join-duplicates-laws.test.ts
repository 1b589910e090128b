import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActiveException } from '../../services/domain/active-exception.ts';
import { DECISION_CLASSES } from '../../services/domain/contract.ts';
import { SEVERITIES } from '../../services/domain/finding.ts';
import { joinDuplicates } from '../../services/domain/join-duplicates.ts';
import { decisionsOf, type JudgeInput, judge } from '../../services/domain/judge.ts';
import type { JudgedGroup } from '../../services/domain/judgement.ts';
import { type FindingGroup, type ScanHead, unkeyed } from '../../services/domain/scan-head.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { anyPasts, mapHeads, mapServices } from './any-judge-input.ts';
import { aDependencyScan, inputOf, keysOf } from './duplicates-input.ts';
import { aGroup, anException, fingerprint } from './judge-input.ts';

const RUNS = { numRuns: 400 };
const TOOLS = ['trivy', 'grype', 'snyk-open-source'] as const;

/** Few problems with few names in few versions, so that most have duplicates, and some chains of them. */
const anyKeys = fc
  .record({
    ids: fc.subarray(['CVE-2026-0001', 'CVE-2026-0002', 'GHSA-AAAA-BBBB-CCCC'], { maxLength: 2 }),
    subject: fc.constantFrom('pkg:npm/left-pad', 'pkg:npm/right-pad'),
    version: fc.constantFrom('1', '2', undefined),
  })
  .map(({ ids, subject, version }) =>
    ids.length === 0 ? '' : keysOf({ ids, subject, ...(version === undefined ? {} : { version }) }),
  );

const anyKeyedGroup: fc.Arbitrary<FindingGroup> = fc
  .record({
    rule: fc.constantFrom('CVE-2026-0001', 'GHSA-AAAA-BBBB-CCCC'),
    severity: fc.constantFrom(...SEVERITIES),
    fixAvailable: fc.boolean(),
    findings: fc.array(anyKeys, { minLength: 1, maxLength: 3 }),
  })
  .map(({ findings, ...rest }) =>
    aGroup({ ...rest, fingerprints: findings.map((_, n) => fingerprint(n)), duplicateKeys: findings }),
  );

/** Each finding of each scan has a fingerprint of its own, as its tool's fingerprints never meet another's. */
function numbered(heads: readonly ScanHead[]): ScanHead[] {
  let n = 0;
  return heads.map((head) => ({
    ...head,
    groups: head.groups.map((group) => {
      const fingerprints = group.fingerprints.map(() => fingerprint(++n));
      return { ...group, fingerprints, samples: fingerprints.map((print) => ({ fingerprint: print, message: 'A' })) };
    }),
  }));
}

const anyScan: fc.Arbitrary<ScanHead> = fc
  .record({
    tool: fc.constantFrom(...TOOLS),
    verified: fc.boolean(),
    groups: fc.array(anyKeyedGroup, { maxLength: 3 }),
  })
  .map(({ tool, verified, groups }) => aDependencyScan(tool, groups, { verified }));

const anyScans = fc.array(anyScan, { maxLength: 4 }).map(numbered);

const anyGrants: fc.Arbitrary<ActiveException[]> = fc.array(
  fc
    .record({
      id: fc.constantFrom('EX-1', 'EX-2'),
      print: fc.integer({ min: 1, max: 12 }),
      severity: fc.constantFrom(...SEVERITIES),
    })
    .map(({ id, print, severity }) =>
      anException({ id, control: 'dependencies', fingerprints: [fingerprint(print)], severity }),
    ),
  { maxLength: 3 },
);

const anyInput = fc
  .record({ heads: anyScans, exceptions: anyGrants, pasts: anyPasts })
  .map(({ heads, ...known }) => inputOf(heads, known));

const withoutExceptions = (input: JudgeInput) => mapServices(input, (service) => ({ ...service, exceptions: [] }));
const decided = (input: JudgeInput) => decisionsOf(input).map(({ judged }) => judged);
const printsOf = (groups: readonly JudgedGroup[]) =>
  groups
    .flatMap(({ fingerprints, duplicates = [] }) => [...fingerprints, ...duplicates.map((one) => one.fingerprint)])
    .sort();
const ofTool = (input: JudgeInput, tool: string) =>
  mapServices(input, (service) => ({ ...service, heads: service.heads.filter((head) => head.tool === tool) }));

test('joining changes no verdict', () => {
  fc.assert(
    fc.property(anyInput.map(withoutExceptions), (input) => {
      expect(judge(input).verdict).toBe(judge(mapHeads(input, (head) => atOnce(unkeyed(head)))).verdict);
    }),
    RUNS,
  );
});

/** What is decided of each finding by itself, exceptions and all, before anything is joined. */
function apart(input: JudgeInput) {
  const keys = new Map(
    input.services.flatMap(({ heads }) =>
      heads.flatMap(({ groups }) =>
        groups.flatMap(({ fingerprints, duplicateKeys = [] }) =>
          fingerprints.map((print, n) => [print, duplicateKeys[n]]),
        ),
      ),
    ),
  );
  return decisionsOf(mapHeads(input, (head) => atOnce(unkeyed(head)))).map((one) => ({
    ...one,
    group: { ...one.group, duplicateKeys: one.group.fingerprints.map((print) => keys.get(print) ?? '') },
  }));
}

test('joining hides no decision behind a milder one, whatever was excepted', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const before = apart(input);
      const strictness = new Map(
        before.flatMap(({ judged }) =>
          judged.fingerprints.map((print) => [print, DECISION_CLASSES.indexOf(judged.decision)]),
        ),
      );
      for (const { judged } of joinDuplicates(before, { exceptions: input.services[0]?.exceptions ?? [] })) {
        for (const { of, fingerprint: other } of judged.duplicates ?? [])
          expect(strictness.get(of)).toBeLessThanOrEqual(strictness.get(other) ?? -1);
      }
    }),
    RUNS,
  );
});

test('no finding gets lost: each is in a group, or a duplicate of one that is', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      expect(printsOf(decided(input))).toEqual(printsOf(decided(mapHeads(input, (head) => atOnce(unkeyed(head))))));
      for (const { count, fingerprints, duplicates = [] } of decided(input)) {
        expect(count).toBe(fingerprints.length);
        expect(duplicates.every(({ of }) => fingerprints.includes(of))).toBe(true);
      }
    }),
    RUNS,
  );
});

test('nothing is joined with a finding of its own tool, and of each other tool with one at most', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      for (const { tool, fingerprints, duplicates = [] } of decided(input)) {
        for (const print of fingerprints) {
          const tools = duplicates.filter(({ of }) => of === print).map((one) => one.tool);
          expect(new Set([tool, ...tools]).size).toBe(tools.length + 1);
        }
      }
    }),
    RUNS,
  );
});

test('no fewer findings block than any tool alone blocks', () => {
  fc.assert(
    fc.property(anyInput.map(withoutExceptions), (input) => {
      const all = judge(input).counts.block;
      for (const tool of TOOLS) expect(all).toBeGreaterThanOrEqual(judge(ofTool(input, tool)).counts.block);
    }),
    RUNS,
  );
});

test('what a single tool finds is judged as if there were no duplicates', () => {
  fc.assert(
    fc.property(anyInput, fc.constantFrom(...TOOLS), (input, tool) => {
      const own = ofTool(input, tool);
      expect(judge(own)).toEqual(judge(mapHeads(own, (head) => atOnce(unkeyed(head)))));
    }),
    RUNS,
  );
});

test('the order of scans, groups and exceptions decides nothing', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const turned = mapServices(input, (service) => ({
        ...service,
        heads: service.heads.toReversed().map((head) => ({ ...head, groups: head.groups.toReversed() })),
        exceptions: service.exceptions.toReversed(),
      }));
      expect(judge(turned)).toEqual(judge(input));
    }),
    RUNS,
  );
});

test('one more scan never turns a block into a pass', () => {
  fc.assert(
    fc.property(anyInput.map(withoutExceptions), anyScan, (input, scan) => {
      const more = mapServices(input, (service) => ({ ...service, heads: numbered([...service.heads, scan]) }));
      if (judge(input).verdict === 'block') expect(judge(more).verdict).toBe('block');
    }),
    RUNS,
  );
});

test('one more scan that nobody vouches for lets pass nothing that was vouched for, whatever is excepted', () => {
  fc.assert(
    fc.property(anyInput, anyScan, (input, scan) => {
      const confirmed = mapHeads(input, (head) => ({ ...head, verified: true }));
      const forged = { ...scan, verified: false };
      const more = mapServices(confirmed, (service) => ({ ...service, heads: numbered([...service.heads, forged]) }));
      const verdictsOf = (one: JudgeInput) => judge(one).verdict;
      if (verdictsOf(confirmed) === 'block') expect(verdictsOf(more)).toBe('block');
    }),
    RUNS,
  );
});

test('what is excepted is named by the exception under one of its names, and no worse than it', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const exceptions = input.services.flatMap((service) => service.exceptions);
      for (const { exceptionId, severity } of decided(input).filter((one) => one.exceptionId !== undefined)) {
        const granted = exceptions.filter(({ id }) => id === exceptionId).map((one) => one.severity ?? 'info');
        expect(granted.some((one) => SEVERITIES.indexOf(one) <= SEVERITIES.indexOf(severity))).toBe(true);
      }
    }),
    RUNS,
  );
});
