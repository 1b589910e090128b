import { expect, test } from 'vitest';
import {
  areProtected,
  asksForProtection,
  branchesOf,
  isReportedUnprotected,
  reportsOf,
} from '../../services/domain/branch-protection.ts';
import { judge } from '../../services/domain/judge.ts';
import { bounded, type Protection, type ShippedBranch } from '../../services/domain/run.ts';
import { COMMIT, OLDER_COMMIT } from '../builders.ts';
import { ruleOf } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, aJudgedService, anInput, aRule, aService } from './judge-input.ts';

const CLAIMS = aContract(aControl({ signal: { category: 'platform' } }));
const SILENT = aContract(aControl());
const NOTHING = { heads: [], isOpen: false };

const aBranch = (kind?: Protection['kind'], over: Partial<ShippedBranch> = {}): ShippedBranch => ({
  ...{ commit: COMMIT, repository: 'payments-api', pipeline: 'payments-deploy', runId: 7, ref: 'refs/heads/main' },
  ...(kind === undefined ? {} : { protection: kind === 'unknown' ? { kind, why: 'nobody says' } : { kind } }),
  ...over,
});

const own = (rules: readonly string[], commit = COMMIT) =>
  aScanHead({ category: 'platform', tool: 'countersign', commit, groups: rules.map((rule) => aGroup({ rule })) });

test.each<[readonly ShippedBranch[], boolean | undefined]>([
  [[aBranch('protected')], true],
  [[aBranch('protected'), aBranch('protected')], true],
  [[aBranch('protected'), aBranch('unprotected')], false],
  [[aBranch('unknown'), aBranch('unprotected')], false],
  [[aBranch('protected'), aBranch('unknown')], undefined],
  [[aBranch('protected'), aBranch()], undefined],
  [[], undefined],
])('protected is what all branches are, unprotected what one is not, and all else is not known: %#', (all, known) => {
  expect(areProtected(all)).toBe(known);
});

test('only what the catalog ties to the service counts', () => {
  const other = aBranch('unprotected', { repository: 'web', pipeline: 'web' });
  expect(branchesOf(aService(), { branches: [aBranch(), other] })).toEqual([aBranch()]);
  expect(branchesOf(aService(), {})).toEqual([]);
});

test('a contract asks for it by a rule, or by a control that claims what would be found', () => {
  expect(asksForProtection([SILENT])).toBe(false);
  expect(asksForProtection([SILENT, CLAIMS])).toBe(true);
  expect(asksForProtection([aContract(aControl({ decisions: [aRule({ when: { branchProtected: true } })] }))])).toBe(
    true,
  );
});

test('what is not protected, or not known to be, is reported where a control claims it', () => {
  const [said, ...more] = reportsOf([aBranch('unprotected')], [CLAIMS], NOTHING);
  expect(more).toEqual([]);
  expect(said?.report.findings).toMatchObject([{ rule: 'unprotected-branch', severity: 'high', category: 'platform' }]);
  const [unknown] = reportsOf([aBranch('unknown')], [CLAIMS], NOTHING);
  expect(unknown?.report.findings).toMatchObject([{ rule: 'unknown-branch-protection' }]);
  expect(unknown?.report.findings[0]?.message).toContain('nobody says');
  expect(reportsOf([aBranch('unprotected')], [SILENT], NOTHING)).toEqual([]);
  expect(reportsOf([aBranch('protected')], [CLAIMS], NOTHING)).toEqual([]);
});

test('it is the same finding in every run, and another one of another branch or repository', () => {
  const printOf = (over: Partial<ShippedBranch>) =>
    reportsOf([aBranch('unprotected', over)], [CLAIMS], NOTHING)[0]?.report.findings[0]?.fingerprint;
  expect(printOf({ commit: OLDER_COMMIT, runId: 9, repository: 'Payments-API' })).toBe(printOf({}));
  expect(printOf({ ref: 'refs/heads/other' })).not.toBe(printOf({}));
  expect(printOf({ repository: 'web' })).not.toBe(printOf({}));
});

test('what is there already is not reported again', () => {
  const branches = [aBranch('unprotected')];
  const [said] = reportsOf(branches, [CLAIMS], NOTHING);
  const groups =
    said?.report.findings.map(({ rule, fingerprint }) => aGroup({ rule, fingerprints: [fingerprint] })) ?? [];
  const head = aScanHead({ category: 'platform', tool: 'countersign', groups });
  expect(reportsOf(branches, [CLAIMS], { heads: [head], isOpen: true })).toEqual([]);
  expect(reportsOf(branches, [CLAIMS], { heads: [{ ...head, commit: OLDER_COMMIT }], isOpen: true })).toHaveLength(1);
});

test('that nothing is wrong is reported once, where it is said that something is', () => {
  const fine = [aBranch('protected')];
  const clean = [{ commit: COMMIT, report: expect.objectContaining({ findings: [] }) }];
  expect(reportsOf(fine, [CLAIMS], { heads: [own(['unprotected-branch'])], isOpen: false })).toEqual(clean);
  expect(reportsOf(fine, [CLAIMS], { heads: [], isOpen: true })).toEqual(clean);
  expect(reportsOf(fine, [CLAIMS], { heads: [own([])], isOpen: true })).toEqual([]);
});

test('a control that requires evidence of it has it of every commit, also where nothing is wrong', () => {
  const required = aControl({ signal: { category: 'platform' }, evidence: { required: ['production'] } });
  const fine = [aBranch('protected')];
  const [said, ...more] = reportsOf(fine, [aContract(required)], NOTHING);
  expect([said?.commit, said?.report.findings, more]).toEqual([COMMIT, [], []]);
  expect(reportsOf(fine, [aContract(required)], { heads: [own([])], isOpen: false })).toEqual([]);
});

test('that a branch is not known where no control claims that is no proof of anything', () => {
  const signal = { category: 'platform', rules: ['unprotected-branch'] } as const;
  const contract = aContract(aControl({ signal, evidence: { required: ['production'] } }));
  const scansOf = (kind: Protection['kind']) =>
    reportsOf([aBranch(kind)], [contract], NOTHING).flatMap(({ report }) => report.scans);
  expect(scansOf('protected')).toMatchObject([{ complete: true }]);
  expect(scansOf('unknown')).toMatchObject([{ complete: false }]);
  const known = (complete: boolean) => ({ heads: [{ ...own([]), complete }], isOpen: false });
  expect(reportsOf([aBranch('unknown')], [contract], known(false))).toEqual([]);
  expect(reportsOf([aBranch('unknown')], [contract], known(true))).toHaveLength(1);
  expect(reportsOf([aBranch('protected')], [contract], known(false))).toHaveLength(1);
});

test('more branches than a record holds are missing evidence, however few their commits', () => {
  const [protectedOnes, last] = [Array.from({ length: 500 }, () => aBranch('protected')), aBranch('unprotected')];
  const sources = { commits: [aBranch()], requesters: [], authors: [], unreadable: [] };
  expect(bounded({ ...sources, branches: protectedOnes }).unreadable).toEqual([]);
  expect(bounded({ ...sources, branches: [...protectedOnes, last] }).unreadable).toEqual(['more than 500 branches']);
});

test('where nobody looked, our own report says that a branch is unprotected, and never that it is protected', () => {
  expect(isReportedUnprotected([own(['unprotected-branch'])])).toBe(true);
  expect(isReportedUnprotected([own(['unknown-branch-protection']), own([])])).toBe(false);
  expect(isReportedUnprotected([aScanHead({ groups: [aGroup({ rule: 'unprotected-branch' })] })])).toBe(false);
});

const decided = (branchProtected: boolean | undefined, heads = [own(['unprotected-branch'])]) => {
  const decisions = [aRule({ when: { branchProtected: false } }), ruleOf('monitor')];
  const contract = aContract(aControl({ signal: { category: 'platform' }, decisions }));
  const known = branchProtected === undefined ? {} : { branchProtected };
  return judge(anInput({ contract, services: [aJudgedService({ heads, ...known })] })).counts;
};

test('a rule for unprotected branches blocks by what was looked at, else by our report, and warns where neither says', () => {
  expect(decided(false)).toMatchObject({ block: 1 });
  expect(decided(undefined)).toMatchObject({ block: 1 });
  expect(decided(true)).toMatchObject({ block: 0, warn: 0, monitor: 1 });
  expect(decided(undefined, [own(['unknown-branch-protection'])])).toMatchObject({ block: 0, warn: 1 });
});
