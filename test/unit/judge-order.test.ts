import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Contract } from '../../services/domain/contract.ts';
import type { Finding } from '../../services/domain/finding.ts';
import { SEVERITIES } from '../../services/domain/finding.ts';
import { type JudgeInput, judge } from '../../services/domain/judge.ts';
import type { Judgement } from '../../services/domain/judgement.ts';
import { type FindingGroup, groupFindings, matchPaths, type ScanHead } from '../../services/domain/scan-head.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { subjectChecksumOf } from '../../services/domain/subject.ts';
import { aGate, aRunSources } from '../builders.ts';
import { aFinding, aScanHead } from '../scans.ts';
import { createDice } from '../simulation/dice.ts';
import { anyInput, mapHeads, mapServices } from './any-judge-input.ts';
import { aContract, aControl, aJudgedService, anInput, aRule, fingerprint } from './judge-input.ts';

const RUNS = { numRuns: 400 };

/** The same members in an order of this seed. */
function shuffled<T>(items: readonly T[], seed: number): T[] {
  const dice = createDice(seed + items.length);
  return items
    .map((item) => ({ item, place: dice.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** The same value with the keys of every record in an order of this seed; maps and lists are left alone. */
function withKeysShuffled<T>(value: T, seed: number): T {
  if (typeof value !== 'object' || value === null || value instanceof Map) return value;
  if (Array.isArray(value)) return value.map((item) => withKeysShuffled(item, seed)) as T;
  const entries = shuffled(Object.entries(value), seed);
  return Object.fromEntries(entries.map(([key, member]) => [key, withKeysShuffled(member, seed)])) as T;
}

function inAnotherOrder(input: JudgeInput, seed: number): JudgeInput {
  const turned = mapServices(input, (judged) => ({
    ...judged,
    ...(judged.service === undefined
      ? {}
      : { service: { ...judged.service, repositories: shuffled(judged.service.repositories, seed) } }),
    commits: shuffled(judged.commits, seed),
    heads: shuffled(judged.heads, seed).map((head) => ({
      ...head,
      knownGlobs: shuffled(head.knownGlobs, seed),
      groups: shuffled(head.groups, seed).map((group) => ({ ...group, pathGlobs: shuffled(group.pathGlobs, seed) })),
    })),
    exceptions: shuffled(judged.exceptions, seed),
  }));
  return { ...turned, services: shuffled(turned.services, seed) };
}

const checksumOf = (input: JudgeInput, judgement: Judgement) =>
  subjectChecksumOf(aGate(), aRunSources(), judgement, { contract: input.contract, environment: input.environment });

test('the same inputs in any order give the same judgement, byte for byte', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(), (input, seed) => {
      expect(JSON.stringify(judge(inAnotherOrder(structuredClone(input), seed)))).toBe(JSON.stringify(judge(input)));
    }),
    RUNS,
  );
});

test('the order in which the keys of a contract, a finding or an exception are written means nothing', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(), (input, seed) => {
      expect(judge(withKeysShuffled(input, seed))).toEqual(judge(input));
    }),
    RUNS,
  );
});

test('judging twice gives the same twice, and changes nothing of what it was given', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const before = structuredClone(input);
      expect(JSON.stringify(judge(input))).toBe(JSON.stringify(judge(input)));
      expect(input).toEqual(before);
    }),
    RUNS,
  );
});

test('the order of controls means nothing', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(), (input, seed) => {
      const { controls } = input.contract;
      const contract: Contract = { ...input.contract, controls: shuffled(controls, seed) };
      const [before, after] = [judge(input), judge({ ...input, contract })];
      const { signals: _, obstacles: __, ...said } = before;
      expect(after).toMatchObject(said);
      expect(checksumOf({ ...input, contract }, after)).toBe(checksumOf(input, before));
    }),
    RUNS,
  );
});

/** Each scan as two with half of its groups each. */
function inTwoScans(input: JudgeInput): JudgeInput {
  return mapServices(input, (judged) => ({
    ...judged,
    heads: judged.heads.flatMap((head) => [
      { ...head, groups: head.groups.filter((_, index) => index % 2 === 0) },
      { ...head, reportId: 'report-2', groups: head.groups.filter((_, index) => index % 2 === 1) },
    ]),
  }));
}

/** Each group as one for each of its findings. */
function oneByOne(group: FindingGroup): FindingGroup[] {
  if (group.fingerprints.length === 0) return [group];
  return group.fingerprints.map((print) => ({
    ...group,
    count: 1,
    fingerprints: [print],
    samples: group.samples.filter((sample) => sample.fingerprint === print),
  }));
}

test('a report in two parts is judged as the whole one, and what was approved for one stands for the other', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const [whole, parts] = [judge(input), judge(inTwoScans(input))];
      expect(parts).toEqual(whole);
      expect(checksumOf(input, parts)).toBe(checksumOf(input, whole));
    }),
    RUNS,
  );
});

test('findings are judged alike together and one by one', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const single = mapHeads(input, (head) => ({ ...head, groups: head.groups.flatMap(oneByOne) }));
      const [whole, parts] = [judge(input), judge(single)];
      expect([parts.verdict, parts.counts]).toEqual([whole.verdict, whole.counts]);
      expect(checksumOf(input, parts)).toBe(checksumOf(input, whole));
    }),
    RUNS,
  );
});

const GLOBS = ['src/**', 'infra/**'];

const anyFinding: fc.Arbitrary<Finding> = fc
  .record({
    n: fc.integer({ min: 1, max: 40 }),
    rule: fc.constantFrom('generic-api-key', 'aws-key'),
    severity: fc.constantFrom(...SEVERITIES),
    path: fc.constantFrom('src/a.ts', 'infra/main.tf', 'README.md'),
    suppressed: fc.boolean(),
  })
  .map(({ n, ...rest }) => aFinding({ fingerprint: fingerprint(n), ...rest }));

/** Blocks what lies in src, and everything severe; what is suppressed does not count. */
const contract = aContract(
  aControl({
    acceptSuppressions: true,
    decisions: [
      aRule({ when: { path: ['src/**'] } }),
      aRule({ when: { severity: ['critical', 'high'] } }),
      // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
      aRule({ when: { severity: ['medium'] }, then: 'warn' }),
      // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
      aRule({ then: 'monitor' }),
    ],
  }),
);

test('findings that come in two reports are judged as if they came in one', () => {
  const imported = (findings: readonly Finding[]): ScanHead => {
    const globs = atOnce(matchPaths(findings, GLOBS));
    const groups = atOnce(groupFindings(findings, { tool: 'gitleaks' }, 'secret', globs));
    return aScanHead({ knownGlobs: GLOBS, groups });
  };
  const anyFindings = fc.uniqueArray(anyFinding, { selector: (finding) => finding.fingerprint, maxLength: 12 });
  fc.assert(
    fc.property(anyFindings, fc.nat(12), (findings, at) => {
      const judged = (...parts: readonly (readonly Finding[])[]) =>
        judge(anInput({ contract, services: [aJudgedService({ heads: parts.map(imported) })] }));
      const [one, two] = [judged(findings), judged(findings.slice(0, at), findings.slice(at))];
      expect([two.verdict, two.counts]).toEqual([one.verdict, one.counts]);
      expect(checksumOf(anInput({ contract }), two)).toBe(checksumOf(anInput({ contract }), one));
    }),
    RUNS,
  );
});
