import { expect, test } from 'vitest';
import type { ActiveException } from '../../services/domain/active-exception.ts';
import type { Contract, Rule } from '../../services/domain/contract.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { decisionsOf, judge } from '../../services/domain/judge.ts';
import { exceptionsUsed } from '../../services/domain/judgement.ts';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { subjectChecksumOf } from '../../services/domain/subject.ts';
import { aGate, aRunSources, COMMIT } from '../builders.ts';
import { ruleOf } from '../calibrations.ts';
import { aDependencyScan, aKeyedGroup, DEPENDENCIES, inputOf } from './duplicates-input.ts';
import { aContract, aControl, anException, anInput, aService, fingerprint, NOW } from './judge-input.ts';

const TRIVY = fingerprint(1);
const GRYPE = fingerprint(2);
const NPM = fingerprint(3);
const trivy = (over: Partial<FindingGroup> = {}, scan = {}) =>
  aDependencyScan('trivy', [aKeyedGroup({ fingerprints: [TRIVY], ...over })], scan);
const grype = (over: Partial<FindingGroup> = {}, scan = {}) =>
  aDependencyScan('grype', [aKeyedGroup({ rule: 'GHSA-aaaa-bbbb-cccc', fingerprints: [GRYPE], ...over })], scan);
const excepted = (over: Partial<ActiveException> = {}) =>
  anException({ control: 'dependencies', fingerprints: [TRIVY], severity: 'high', ...over });

test('what two tools find of one problem is one finding that says who else found it', () => {
  const { counts, blocks } = judge(inputOf([trivy(), grype()]));
  expect(counts).toEqual({ block: 1, warn: 0, monitor: 0 });
  expect(blocks).toMatchObject([
    {
      tool: 'grype',
      fingerprints: [GRYPE],
      duplicates: [{ of: GRYPE, tool: 'trivy', rule: 'CVE-2026-0001', fingerprint: TRIVY }],
    },
  ]);
});

test('the stricter decision stays, whoever came first', () => {
  const pasts = new Map([[TRIVY, { firstSeen: minuteOf(NOW) - 99_999, reached: {}, near: [] }]]);
  const { counts, blocks } = judge(inputOf([trivy({ severity: 'medium' }), grype()], { pasts }));
  expect(counts).toEqual({ block: 1, warn: 0, monitor: 0 });
  expect(blocks).toMatchObject([{ tool: 'grype', duplicates: [{ tool: 'trivy' }] }]);
});

test('of equal ones what was known the earliest stays', () => {
  const pasts = new Map([[TRIVY, { firstSeen: minuteOf(NOW) - 99_999, reached: {}, near: [] }]]);
  expect(judge(inputOf([trivy(), grype()], { pasts })).blocks).toMatchObject([{ tool: 'trivy' }]);
});

test('of equal ones the severest stays, so that an exception is granted for the worst that is known', () => {
  expect(judge(inputOf([trivy({ severity: 'critical' }), grype()])).blocks).toMatchObject([{ tool: 'trivy' }]);
});

test.each<[string, Partial<Rule>, Partial<FindingGroup>]>([
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  ['what is going to block', { then: 'block', from: '2027-01-15' }, {}],
  ['what climbs to a block', { escalate: [{ after: { ageDays: 300 }, to: 'block' }] }, {}],
  ['what goes to the lead', { escalate: [{ after: { ageDays: 1 }, to: 'owner-lead' }] }, {}],
  ['what is due the earliest', { dueDays: 7 }, {}],
  ['what can be mended', {}, { fixAvailable: true }],
])('of warnings alike %s stays', (_what, rule, group) => {
  const decisions = [
    { ...ruleOf('warn', { when: { tool: ['trivy'] }, dueDays: 14 }), ...rule },
    ruleOf('warn', { dueDays: 14 }),
  ];
  const contract = aContract(aControl({ ...DEPENDENCIES, decisions }));
  const past = { firstSeen: minuteOf(NOW) - 2_000, reached: {}, near: [] };
  const pasts = new Map([TRIVY, GRYPE].map((print) => [print, past]));
  const warnsOf = (over: Partial<FindingGroup>, one: Contract) =>
    judge({ ...inputOf([trivy(over), grype()], { pasts, service: aService({ lead: 'group:leads' }) }), contract: one })
      .warns;

  expect(warnsOf(group, contract)).toMatchObject([{ tool: 'trivy', duplicates: [{ tool: 'grype' }] }]);
  const alike = aContract(aControl({ ...DEPENDENCIES, decisions: [ruleOf('warn', { dueDays: 14 })] }));
  expect(warnsOf({}, alike)).toMatchObject([{ tool: 'grype' }]);
});

test('what one tool finds twice stays two findings, however often another one finds it', () => {
  const twice = trivy({ fingerprints: [TRIVY, fingerprint(11)] });
  expect(judge(inputOf([twice])).counts.block).toBe(2);
  expect(judge(inputOf([twice, grype()])).counts.block).toBe(2);
  expect(judge(inputOf([twice, grype({ fingerprints: [GRYPE, fingerprint(12), fingerprint(13)] })])).counts.block).toBe(
    3,
  );
});

test('the other versions of a package are other findings', () => {
  const at = (tool: string, print: string, version: string) =>
    aDependencyScan(tool, [aKeyedGroup({ fingerprints: [print] }, [{ version }])]);
  expect(judge(inputOf([at('trivy', TRIVY, '1'), at('grype', GRYPE, '2')])).counts.block).toBe(2);
  expect(judge(inputOf([at('trivy', TRIVY, '1'), at('grype', GRYPE, '1')])).counts.block).toBe(1);
  expect(judge(inputOf([at('trivy', TRIVY, '1'), grype()])).counts.block).toBe(1);
  // One that names no version is of either, and never makes both the same.
  expect(judge(inputOf([at('trivy', TRIVY, '1'), at('npm-audit', NPM, '2'), grype()])).counts.block).toBe(2);
});

test('a tool that knows two names of a vulnerability joins those who know one each', () => {
  const [cve, ghsa] = ['CVE-2026-0001', 'GHSA-AAAA-BBBB-CCCC'];
  const by = (tool: string, print: string, ids: readonly string[]) =>
    aDependencyScan(tool, [aKeyedGroup({ fingerprints: [print] }, [{ ids }])]);
  const [one, both, other] = [by('trivy', TRIVY, [cve]), by('grype', GRYPE, [ghsa, cve]), by('npm-audit', NPM, [ghsa])];
  expect(judge(inputOf([one, other])).counts.block).toBe(2);
  const { counts, blocks } = judge(inputOf([one, both, other]));
  expect(counts.block).toBe(1);
  expect(blocks[0]?.duplicates?.map(({ tool }) => tool)).toEqual(['npm-audit', 'trivy']);
});

test('one finding of two vulnerabilities takes in one of them and hides none', () => {
  const [a, b] = ['CVE-2026-0001', 'CVE-2026-0002'];
  const snyk = aDependencyScan('snyk-open-source', [aKeyedGroup({ fingerprints: [NPM] }, [{ ids: [a, b] }])]);
  const two = (tool: string, from: number) =>
    aDependencyScan(tool, [
      aKeyedGroup({ fingerprints: [fingerprint(from), fingerprint(from + 1)] }, [{ ids: [a] }, { ids: [b] }]),
    ]);
  expect(judge(inputOf([snyk, two('trivy', 20), two('grype', 30)])).counts.block).toBe(2);
});

test('what nobody vouches for is joined with nothing that Azure DevOps vouched for', () => {
  expect(judge(inputOf([trivy({}, { verified: false }), grype()])).counts.block).toBe(2);
  expect(judge(inputOf([trivy({}, { verified: false }), grype({}, { verified: false })])).counts.block).toBe(1);
});

test('two controls decide two findings', () => {
  const images = aControl({ name: 'images', signal: { category: 'dependency', tools: ['grype'] } });
  const input = inputOf([trivy(), grype()]);
  expect(judge({ ...input, contract: aContract(DEPENDENCIES, images) }).counts.block).toBe(2);
});

test('findings that are not listed are joined with nothing, nor is what has no key', () => {
  const { duplicateKeys: _, ...old } = aKeyedGroup({ fingerprints: [TRIVY] });
  expect(judge(inputOf([aDependencyScan('trivy', [old]), grype()])).counts.block).toBe(2);
  const unlisted = { ...old, count: 1, fingerprints: [], unlisted: 'f0' };
  expect(judge(inputOf([aDependencyScan('trivy', [unlisted]), grype()])).counts.block).toBe(2);
});

test('a finding leaves its group with its sample, and an empty group is none', () => {
  const both = trivy({ fingerprints: [TRIVY, fingerprint(11)] });
  const input = inputOf([both, grype({ severity: 'critical' })]);
  const left = decisionsOf(input).map(({ judged }) => judged);
  expect(left.map(({ tool, count }) => [tool, count]).sort()).toEqual([
    ['grype', 1],
    ['trivy', 1],
  ]);
  const [other] = left.filter(({ tool }) => tool === 'trivy');
  expect(other?.samples.map((sample) => sample.fingerprint)).toEqual(other?.fingerprints);
  expect(decisionsOf(inputOf([trivy(), grype()]))).toHaveLength(1);
});

test('an exception of one tool covers what the others call it, and counts one finding', () => {
  const { counts, warns } = judge(inputOf([trivy(), grype()], { exceptions: [excepted()] }));
  expect(counts).toEqual({ block: 0, warn: 1, monitor: 0 });
  expect(warns).toMatchObject([{ tool: 'trivy', exceptionId: 'EX-1', duplicates: [{ tool: 'grype' }] }]);
});

test('the worse severity of another tool is not covered', () => {
  const { blocks, warns } = judge(inputOf([trivy(), grype({ severity: 'critical' })], { exceptions: [excepted()] }));
  expect(blocks).toMatchObject([{ tool: 'grype', outgrown: ['EX-1'], duplicates: [{ tool: 'trivy' }] }]);
  expect(warns).toEqual([]);
});

test.each<[string, Partial<ActiveException>]>([
  ['of another control', { control: 'secret-scanning' }],
  ['of another service', { service: 'orders-api' }],
  ['of another environment', { environment: 'staging' }],
  ['that has ended', { expiresAt: NOW }],
])('an exception %s covers no duplicate', (_what, over) => {
  expect(judge(inputOf([trivy(), grype()], { exceptions: [excepted(over)] })).counts.block).toBe(1);
});

test('of several exceptions by which one finding passes under its names none is forgotten', () => {
  const low = excepted({ expiresAt: plusMinutes(NOW, 60) });
  const high = excepted({ id: 'EX-2', fingerprints: [GRYPE], severity: 'critical' });
  const heads = [trivy(), grype({ severity: 'critical' })];
  const usedOf = (exceptions: readonly ActiveException[]) => {
    const judgement = judge(inputOf(heads, { exceptions }));
    return { count: judgement.counts.warn, used: exceptionsUsed(judgement) };
  };
  expect(usedOf([low, high])).toEqual({ count: 1, used: ['EX-1', 'EX-2'] });
  expect(usedOf([high])).toEqual({ count: 1, used: ['EX-2'] });
  expect(usedOf([low])).toEqual({ count: 0, used: [] });
});

test('an exception covers the duplicates of a report that has findings without duplicates too', () => {
  const { duplicateKeys: _, ...keyless } = aKeyedGroup({ rule: 'other', severity: 'low', fingerprints: [NPM] });
  const mixed = aDependencyScan('grype', [keyless, aKeyedGroup({ fingerprints: [GRYPE] })]);
  expect(judge(inputOf([trivy({ severity: 'medium' }), mixed], { exceptions: [excepted()] })).counts.block).toBe(0);
});

test('an exception covers nothing that only shares a third tool with what it names', () => {
  const by = (tool: string, print: string, ids: readonly string[]) =>
    aDependencyScan(tool, [aKeyedGroup({ fingerprints: [print] }, [{ ids }])]);
  const [cve, ghsa] = ['CVE-2026-0001', 'GHSA-AAAA-BBBB-CCCC'];
  const heads = [by('trivy', TRIVY, [cve]), by('grype', GRYPE, [cve, ghsa]), by('npm-audit', NPM, [ghsa])];
  const { blocks, counts } = judge(inputOf(heads, { exceptions: [excepted()] }));
  expect(counts.block).toBe(1);
  expect(blocks).toMatchObject([{ tool: 'npm-audit' }]);
});

test('an exception covers no second finding of the same tool', () => {
  const twice = trivy({ fingerprints: [TRIVY, fingerprint(11)] });
  const { counts } = judge(inputOf([twice, grype()], { exceptions: [excepted()] }));
  expect(counts).toEqual({ block: 1, warn: 1, monitor: 0 });
});

test('no report that anybody may send gets excepted what Azure DevOps vouched for', () => {
  const forged = trivy({}, { verified: false });
  expect(judge(inputOf([forged, grype()], { exceptions: [excepted()] })).counts.block).toBe(1);
  // Nor by saying the same of what it does not forge.
  const real = aDependencyScan('grype', [aKeyedGroup({ fingerprints: [GRYPE] }, [{ ids: ['CVE-2026-9999'] }])]);
  const heads = [trivy({}, { verified: false }), grype({}, { verified: false }), real];
  const { blocks } = judge(inputOf(heads, { exceptions: [excepted()] }));
  expect(blocks.map(({ fingerprints }) => fingerprints)).toEqual([[GRYPE], [GRYPE]]);
});

test.each(['secret', 'provenance'] as const)('a %s is excepted by its own name only', (category) => {
  const control = aControl({ name: 'dependencies', signal: { category } });
  const heads = [trivy({}, { category }), grype({}, { category })];
  const judged = inputOf(heads, { exceptions: [excepted()] }).services;
  const { blocks } = judge(anInput({ contract: aContract(control), services: judged }));
  expect(blocks).toMatchObject([{ tool: 'grype' }]);
});

test('what is asked for under one name is awaited under the others', () => {
  const { blocks } = judge(
    inputOf([trivy({ severity: 'medium' }), grype()], { exceptions: [], requested: [excepted()] }),
  );
  expect(blocks).toMatchObject([{ tool: 'grype', requested: ['EX-1'] }]);
});

test('a second tool that finds the same voids no approval, and one that finds it worse does', () => {
  const pasts = new Map([[TRIVY, { firstSeen: minuteOf(NOW) - 99_999, reached: {}, near: [] }]]);
  const boundTo = (...heads: Parameters<typeof inputOf>[0]) =>
    subjectChecksumOf(aGate(), aRunSources(), judge(inputOf(heads, { pasts })));
  const medium = { severity: 'medium' as const };
  const alone = boundTo(trivy(medium));
  expect(boundTo(trivy(medium), grype(medium))).toBe(alone);
  expect(boundTo(trivy(medium), grype())).not.toBe(alone);
});

test('what is surely the same is joined before what may be: another name takes no place from it', () => {
  const [a, b] = ['CVE-2026-0001', 'CVE-2026-0002'];
  const by = (tool: string, from: number, ...named: readonly (readonly string[])[]) => {
    const fingerprints = named.map((_, n) => fingerprint(from + n));
    return aDependencyScan(tool, [
      aKeyedGroup(
        { fingerprints },
        named.map((ids) => ({ ids })),
      ),
    ]);
  };
  const pasts = new Map([[fingerprint(10), { firstSeen: 1, reached: {}, near: [] }]]);
  const heads = [by('snyk-open-source', 10, [a, b]), by('grype', 20, [a], [b]), by('trivy', 30, [b], [a])];
  expect(judge(inputOf(heads, { pasts })).counts.block).toBe(2);
});

test('of two scans of one tool that report the same finding it is the same one that is joined, in whatever order', () => {
  const more = trivy({ fingerprints: [TRIVY, fingerprint(11)] }, { commit: COMMIT, reportId: 'report-2' });
  const heads = [trivy(), more, grype({ severity: 'medium' })];
  expect(judge(inputOf(heads.toReversed()))).toEqual(judge(inputOf(heads)));
});

test('an exception covers no other version that another tool finds', () => {
  const at = (tool: string, print: string, version: string) =>
    aDependencyScan(tool, [aKeyedGroup({ fingerprints: [print] }, [{ version }])]);
  const heads = [at('trivy', TRIVY, '1'), at('grype', GRYPE, '2')];
  expect(judge(inputOf(heads, { exceptions: [excepted()] })).counts).toEqual({ block: 1, warn: 1, monitor: 0 });
});

test('what an exception of many duplicates costs does not grow with what was scanned of other commits', () => {
  const prints = (from: number) => Array.from({ length: 1_000 }, (_, n) => fingerprint(from + n));
  const scanOf = (tool: string, from: number) =>
    aDependencyScan(tool, [aKeyedGroup({ fingerprints: prints(from), count: 1_000 })]);
  const own = scanOf('trivy', 1_000);
  const exceptions = [excepted({ fingerprints: prints(1_000).slice(0, 300) })];
  const workOf = (older: number) => {
    const scans = Array.from({ length: older }, (_, n) => ({ ...own, commit: String(n).padStart(40, 'a') }));
    const input = inputOf([own, scanOf('grype', 2_000), ...scans], { exceptions });
    const before = process.cpuUsage();
    expect(judge(input).counts).toEqual({ block: 700, warn: 300, monitor: 0 });
    return process.cpuUsage(before).user;
  };
  const least = (older: number) => Math.min(...[1, 2, 3].map(() => workOf(older)));
  expect(least(20)).toBeLessThan(5 * least(0));
});
