import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LintedPolicy, lint } from '../../services/domain/lint.ts';
import { REMARK_LEVELS, type Remark, type RemarkCode } from '../../services/domain/remark.ts';
import { createGitHistory } from '../../services/policy/git-history.ts';
import { readWrittenPolicy } from '../../services/policy/written-policy.ts';
import { ANN, BOB } from '../builders.ts';
import { aRoute } from '../routes.ts';
import { anyInput } from './any-judge-input.ts';
import { aContract, aControl, aRule } from './judge-input.ts';
import { block, CASES, inWorkingTime, lintOf, people, rules, TODAY, TWO_ENVIRONMENTS, warn } from './lint-cases.ts';

const withCode = (remarks: readonly Remark[], code: RemarkCode) => remarks.filter((remark) => remark.code === code);

test.each(CASES)('%s is said of %s', (code, _, bad, where) => {
  const found = withCode(lintOf(bad), code);

  expect(found.map((remark) => remark.where)).toEqual([where]);
  expect(found[0]?.level).toBe(REMARK_LEVELS[code]);
});

test.each(CASES)('%s is not said of %s where it is in order', (code, _bad, _policy, _where, good) => {
  expect(withCode(lintOf(good), code)).toEqual([]);
});

test('every remark that lint can make has a case', () => {
  expect([...new Set(CASES.map(([code]) => code))].sort()).toEqual(Object.keys(REMARK_LEVELS).sort());
});

test('a warning without anything lacks four things, each said by itself', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const codes = lintOf(rules(aRule({ then: 'warn' }))).map(({ code }) => code);

  expect(codes).toEqual(['no-because', 'no-due', 'no-decide-by', 'no-escalation']);
});

test('of several files each route is counted in its own', () => {
  const [first, second] = ['routes/a.yaml:2', 'routes/b.yaml:2'].map((source) => aRoute({ source }));
  const routes = [first, second, { ...second, source: 'routes/b.yaml:9' }].flatMap((route) => route ?? []);
  const remarks = lintOf({ routes: routes as LintedPolicy['routes'], directory: people() });

  expect(remarks.map(({ where }) => `${where.file} ${where.path.slice(0, 2).join(' ')}`)).toEqual([
    'routes/a.yaml routes 0',
    'routes/b.yaml routes 0',
    'routes/b.yaml routes 1',
  ]);
});

test('activity that a control names by its rules may warn', () => {
  const named = aControl({ signal: { category: 'activity', rules: ['role-*'] }, decisions: [warn()] });

  expect(lintOf({ contract: { controls: [named] } })).toEqual([]);
});

test('a service whose own file is broken is known all the same', () => {
  const catalog = { services: new Map(), broken: new Map([['payments-api', 'a problem']]) };
  const decisions = [block({ when: { service: ['payments-api'] } })];

  expect(lintOf({ ...rules(...decisions), catalog })).toEqual([]);
});

test('several long deadlines are one remark that counts the others', () => {
  const remarks = lintOf({ routes: [...inWorkingTime, ...inWorkingTime, ...inWorkingTime] });

  expect(remarks.map(({ message }) => message)).toEqual([expect.stringContaining('(and so for 2 more)')]);
});

test('guests, disabled accounts and second accounts of one person fill no level', () => {
  const directory = (group: readonly (typeof ANN)[]) => ({
    people: new Map(group.map((person) => [person.oid, person])),
    groups: new Map([['release-managers', group.map(({ oid }) => oid)]]),
  });
  const said = (...group: readonly (typeof ANN)[]) =>
    lintOf({ directory: directory(group), routes: [aRoute({ never: ['requester'] })] }).map(({ code }) => code);

  expect(said(ANN, BOB)).toEqual([]);
  expect(said(ANN, { ...BOB, guest: true })).toEqual(['few-approvers']);
  expect(said(ANN, { ...BOB, disabled: true })).toEqual(['few-approvers']);
  expect(said(ANN, { ...BOB, sameAs: [ANN.upn] })).toEqual(['few-approvers']);
});

test('an override for a tool that is none of its control needs no soak, it is unreachable', () => {
  const named = aControl({
    signal: { category: 'secret', tools: ['gitleaks'] },
    decisions: [warn()],
    overrides: new Map([['payments-api', [block({ when: { tool: ['semgrep'] } })]]]),
  });
  const contract = { ...aContract(named), environments: TWO_ENVIRONMENTS };
  const versions = [{ since: '2026-11-20T00:00:00.000Z', commit: 'abc', contract }];
  const codes = lintOf({ contract, past: { kind: 'known', versions, broken: [] } }).map(({ code }) => code);

  expect(codes).toContain('unreachable');
  expect(codes).not.toContain('no-soak');
});

test('lint is total, and a policy whose every version was the same lacks no soak', () => {
  fc.assert(
    fc.property(anyInput, anyInput, fc.constantFrom('2026-11-01', '2026-11-20'), ({ contract }, other, day) => {
      const before = { since: `${day}T00:00:00.000Z`, commit: 'abc', contract: other.contract };
      const mixed = lintOf({ contract, past: { kind: 'known', versions: [before], broken: [] } });
      expect(mixed.every(({ code, level }) => REMARK_LEVELS[code] === level)).toBe(true);

      const same = { ...before, contract: { ...contract, environments: TWO_ENVIRONMENTS } };
      const still = lintOf({
        contract: { ...contract, environments: TWO_ENVIRONMENTS },
        past: { kind: 'known', versions: [same], broken: [] },
      });
      expect(withCode(still, 'no-soak')).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('the sample policy passes its own lint without an error', async () => {
  const { snapshot, directory } = await readWrittenPolicy('manifest/policy', { today: TODAY });
  const { contract, catalog, routes, problems } = snapshot;
  if (contract === undefined || directory === undefined) throw new Error(problems.join('\n'));
  const past = await createGitHistory('manifest/policy').past();
  const remarks = lint({ contract, catalog, routes, directory, past, today: TODAY });

  expect(remarks.filter(({ level }) => level === 'error')).toEqual([]);
  expect(remarks.filter(({ code }) => code !== 'soak-unknown').map(({ code }) => code)).toEqual([
    'no-trust',
    'long-deadline',
  ]);
});

test('provenance that is required asks for trust too, and where there is any nothing is said', () => {
  const signal = { ...aControl().signal, category: 'provenance' } as const;
  const evidence = { ...aControl().evidence, required: ['production' as const] };
  const contract = { controls: [aControl({ signal, evidence, decisions: [warn()] })] };
  const trust = { trustedRoot: {}, transparencyLog: 'required', identities: [], builders: [], buildTypes: [] } as const;

  expect(lintOf({ contract }).map(({ code }) => code)).toEqual(['no-trust']);
  expect(lintOf({ contract, provenance: { ...trust, sources: [] } })).toEqual([]);
});

test('the reference lists every remark with its level', () => {
  const rows = [...readFileSync('docs/contract.md', 'utf8').matchAll(/^\| `([a-z-]+)` \| (error|warning) \|/gm)];

  expect(Object.fromEntries(rows.map(([, code, level]) => [code, level]))).toEqual(REMARK_LEVELS);
});
