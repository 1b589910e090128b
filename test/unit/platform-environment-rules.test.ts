import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BranchFact, CheckFact, EnvironmentFact, HookFact, Section } from '../../services/domain/platform.ts';
import { PLATFORM_RULES } from '../../services/domain/platform-rule-table.ts';
import { platformFindings } from '../../services/domain/platform-rules.ts';
import {
  anApprovalCheck,
  anEnvironment,
  aPlatform,
  aPlatformSetting,
  aSection,
  ourCheck,
  unresolved,
} from '../platform-facts.ts';
import { ANN, aBranch, aHook, hooksAndPeople, otherHook, peopleWith, STRONG } from './platform-rule-cases.ts';

const setting = aPlatformSetting();
const found = (sections: readonly Section[], of = setting) =>
  platformFindings(PLATFORM_RULES, aPlatform(...sections), of).map(({ finding }) => finding.rule);
const rulesOf = (environment: EnvironmentFact) => found([aSection('environments', [environment])]);

const people = (isDisabled: boolean) => peopleWith(isDisabled);

describe('a production environment', () => {
  test('with our check, callback, a timeout below 48 hours and its own pipelines breaks nothing', () => {
    expect(rulesOf(anEnvironment())).toEqual([]);
  });

  test.each<[string, Partial<EnvironmentFact>]>([
    ['environment-without-check', { checks: [] }],
    ['environment-without-check', { checks: [{ ...anApprovalCheck(), isDisabled: true }] }],
    ['environment-with-approval-alone', { checks: [anApprovalCheck()] }],
    ['environment-check-disabled', { checks: [ourCheck({ isDisabled: true })] }],
    ['environment-check-elsewhere', { checks: [ourCheck({ ours: { environment: 'staging', waits: true } })] }],
    ['environment-check-elsewhere', { checks: [ourCheck({ ours: { waits: true } })] }],
    [
      'environment-check-elsewhere',
      { checks: [ourCheck({ ours: { environment: 'prod', service: 'orders-api', waits: true } })] },
    ],
    ['environment-check-not-waiting', { checks: [ourCheck({ ours: { environment: 'PROD', waits: false } })] }],
    ['environment-check-timeout', { checks: [ourCheck({ timeoutMinutes: 2_880 })] }],
    ['environment-check-timeout', { checks: [ourCheck(), { ...anApprovalCheck(), timeoutMinutes: 43_200 }] }],
    ['environment-approval-by-requester', { checks: [ourCheck(), anApprovalCheck({ requesterMayApprove: true })] }],
    ['environment-open-to-all', { openToAll: true, pipelines: [] }],
    ['environment-use-unknown', { openToAll: undefined, pipelines: [] }],
    ['environment-foreign-pipeline', { pipelines: ['payments-api', 'tools'] }],
    ['environment-check-unknown', { checks: [unresolved()] }],
    ['environment-missing', { name: 'production' }],
  ])('breaks %s alone, where that is all that is wrong', (rule, over) => {
    expect(rulesOf(anEnvironment(over))).toEqual([rule]);
  });

  test.each<[CheckFact['kind'], readonly string[]]>([
    ['branch-control', ['environment-check-timeout']],
    ['business-hours', ['environment-check-timeout']],
    ['other', ['environment-check-timeout']],
    ['exclusive-lock', []],
    ['required-template', []],
    ['authorization', []],
  ])('that waits 48 hours by %s is told of where an answer is waited for', (kind, rules) => {
    const check = { id: '9', kind, name: 'Gate', isDisabled: false, timeoutMinutes: 2_880 };
    const told = (over: Partial<CheckFact>) => rulesOf(anEnvironment({ checks: [ourCheck(), { ...check, ...over }] }));
    expect(told({})).toEqual(rules);
    expect(told({ timeoutMinutes: 2_879 })).toEqual([]);
    expect(told({ isDisabled: true })).toEqual([]);
  });

  test('that has our check as check.json sets it up breaks nothing by its timeout', async () => {
    const file = new URL('../../manifest/pipelines/check.json', import.meta.url);
    const { timeoutMinutes } = JSON.parse(await readFile(file, 'utf8')) as { readonly timeoutMinutes: number };
    expect(timeoutMinutes).toBeGreaterThan(46 * 60);
    expect(rulesOf(anEnvironment({ checks: [ourCheck({ timeoutMinutes })] }))).toEqual([]);
  });

  test('of the same name that is no production breaks nothing but that production has none', () => {
    expect(rulesOf(anEnvironment({ name: 'staging', checks: [] }))).toEqual(['environment-missing']);
  });

  test('is known by its number: renaming it or its check changes no fingerprint', () => {
    const fingerprintOf = (name: string) =>
      platformFindings(
        PLATFORM_RULES,
        aPlatform(aSection('environments', [anEnvironment({ name, checks: [] })])),
        setting,
      )
        .map(({ finding }) => finding)
        .find(({ rule }) => rule === 'environment-without-check')?.fingerprint;
    expect(fingerprintOf('Prod')).toBe(fingerprintOf('prod'));
    expect(fingerprintOf('Prod')).toMatch(/^[0-9a-f]{32}$/);
  });

  test('stands where the catalog has it, and nowhere else', () => {
    const services = aPlatformSetting({ 'payments-api': {}, 'orders-api': {} });
    const platform = aPlatform(aSection('environments', [anEnvironment({ checks: [] })]));
    const [one] = platformFindings(PLATFORM_RULES, platform, services);
    expect(one?.places).toEqual([{ service: 'payments-api', environment: 'prod' }]);
  });

  test('whose pipelines the catalog does not name says nothing of foreign ones', () => {
    const byRepository = aPlatformSetting({ 'payments-api': { pipelines: [] } });
    expect(found([aSection('environments', [anEnvironment({ pipelines: ['tools'] })])], byRepository)).toEqual([]);
  });

  test('is missing only where the environments of all its projects are known', () => {
    const { known: _, ...unread } = aSection('environments', []);
    expect(found([unread as Section])).toEqual(['platform-not-readable']);
  });
});

describe('a branch that production is deployed from', () => {
  test.each<[string, BranchFact['policies'], readonly string[]]>([
    ['with a strong policy', [STRONG], []],
    ['with a strong one among weak ones', [{ ...STRONG, reviewers: 0 }, STRONG], []],
    ['without any', [], ['branch-without-policies']],
    ['with builds alone', [{ id: '2', kind: 'build-validation', isBlocking: true }], ['branch-policy-weak']],
    ['reviewed by its author', [{ ...STRONG, reviewers: 0 }], ['branch-policy-weak']],
    ['not blocking', [{ ...STRONG, isBlocking: false }], ['branch-policy-weak']],
    ['turned off', [{ ...STRONG, isDisabled: true }], ['branch-without-policies']],
    [
      'turned off beside others',
      [
        { ...STRONG, isDisabled: true },
        { id: '2', kind: 'build-validation', isBlocking: true },
      ],
      ['branch-policy-weak'],
    ],
    ['of two votes of which the author has one', [{ ...STRONG, authorCounts: true }], ['branch-policy-weak']],
    ['not reset by a push', [{ ...STRONG, resetsOnPush: false }], ['branch-policy-weak']],
  ])('%s', (_, policies, rules) => {
    expect(found([aSection('branches', [aBranch(...policies)])])).toEqual(rules);
  });

  test('of a repository that no service has concerns nobody', () => {
    expect(found([aSection('branches', [{ ...aBranch(), repository: 'tools' }])])).toEqual([]);
  });
});

describe('a service hook of ours', () => {
  const hooks = (hook: HookFact, ...more: readonly Section[]) =>
    found([aSection('hooks', [hook], { target: '-', name: 'contoso' }), ...more]);

  test('that is enabled breaks nothing', () => {
    expect(hooks(aHook())).toEqual([]);
  });

  test.each(['onProbation', 'disabledByUser', 'disabledBySystem', 'disabledByInactiveIdentity', 'odd'])(
    'that is %s is told',
    (status) => {
      expect(hooks(aHook({ status }))).toEqual(['hook-not-enabled']);
    },
  );

  test('whose creator is disabled is told, as soon as people are known', () => {
    const section = (isDisabled: boolean) => aSection('people', people(isDisabled), { target: '-', name: 'contoso' });
    expect(hooks(aHook())).toEqual([]);
    expect(hooks(aHook(), section(false))).toEqual([]);
    expect(hooks(aHook(), section(true))).toEqual(['guest-and-stale-users', 'hook-of-inactive-creator']);
  });

  test('whose creator is named by a descriptor alone is told by it, and of an unknown creator nothing is', () => {
    const noted = people(true).noted.map(({ key: _, ...one }) => ({ ...one, id: 'msa.ann' }));
    const section = aSection('people', { users: 1, noted, more: 0 }, { target: '-', name: 'contoso' });
    const createdBy = (id: string) => ({ createdBy: { id, name: 'Ann Arbor', kind: 'person' as const } });
    const unneeded = ['guest-and-stale-users'];
    expect(hooks(aHook(createdBy('msa.ann')), section)).toEqual([...unneeded, 'hook-of-inactive-creator']);
    expect(hooks(aHook(createdBy(ANN.key)), section)).toEqual(unneeded);
    const { createdBy: _, ...unnamed } = aHook();
    expect(hooks(unnamed, section)).toEqual(unneeded);
  });
});

describe('a service hook of others', () => {
  const told = (hook: HookFact, people = peopleWith(false)) =>
    platformFindings(PLATFORM_RULES, hooksAndPeople(hook, people), setting).map(({ finding, places }) => [
      finding.rule,
      places,
    ]);
  const PROD = [{ service: 'payments-api', environment: 'prod' }];

  test.each<[string, readonly string[]]>([
    ['enabled', []],
    ['disabledByUser', []],
    ['onProbation', ['other-hook-not-enabled']],
    ['disabledBySystem', ['other-hook-not-enabled']],
    ['disabledByInactiveIdentity', ['other-hook-not-enabled']],
  ])('that is %s', (status, rules) => {
    expect(told(otherHook({ status }))).toEqual(rules.map((rule) => [rule, PROD]));
  });

  test('concerns production of its project, of all projects where it is of none, and nobody elsewhere', () => {
    const { project: _, ...ofAll } = otherHook({ status: 'onProbation' });
    expect(told({ ...ofAll })).toEqual([['other-hook-not-enabled', PROD]]);
    expect(told({ ...ofAll, project: 'another' })).toEqual([]);
  });

  test('whose creator is gone is told, ours as ours', () => {
    const gone = peopleWith(false, { gone: [ANN.key] });
    expect(told(otherHook(), gone)).toEqual([['other-hook-of-inactive-creator', PROD]]);
    expect(told(aHook(), gone)).toEqual([['hook-of-inactive-creator', PROD]]);
    expect(told(aHook(), peopleWith(false, { gone: ['another'] }))).toEqual([]);
  });
});

describe('of any platform', () => {
  const environment = fc.record({
    id: fc.constantFrom('1', '2', '3'),
    name: fc.constantFrom('prod', 'Prod', 'staging'),
    openToAll: fc.constantFrom(true, false, undefined),
    pipelines: fc.subarray(['payments-api', 'tools']),
    checks: fc.subarray([
      ourCheck(),
      ourCheck({ id: '3', isDisabled: true }),
      anApprovalCheck({ requesterMayApprove: true }),
    ]),
  });
  const sections = fc
    .record({
      environments: fc.uniqueArray(environment, { selector: ({ id }) => id }),
      branches: fc.subarray([aBranch(), { ...aBranch(STRONG), ref: 'refs/heads/release' }]),
      hooks: fc.subarray([aHook({ status: 'onProbation' }), aHook({ id: 'h2' })]),
      people: fc.boolean().map(people),
    })
    .map((facts) => [
      aSection('project', { pipelines: ['payments-api'], repositories: ['payments-api'] }),
      aSection('environments', facts.environments),
      aSection('branches', facts.branches),
      aSection('hooks', facts.hooks, { target: '-', name: 'contoso' }),
      aSection('people', facts.people, { target: '-', name: 'contoso' }),
    ]);
  const all = (given: readonly Section[]) => platformFindings(PLATFORM_RULES, aPlatform(...given), setting);

  test('the order of sections and facts does not matter', () => {
    fc.assert(
      fc.property(sections, fc.nat(), (given, seed) => {
        const turned = given.map((one) => {
          const facts = one.known?.facts;
          const turn = Array.isArray(facts) ? facts.toReversed() : facts;
          return { ...one, known: { at: one.known?.at, facts: turn } } as Section;
        });
        const from = seed % given.length;
        expect(all([...turned.slice(from), ...turned.slice(0, from)])).toEqual(all(given));
      }),
    );
  });

  test('what is not known any more takes no violation away without saying that it is not known', () => {
    fc.assert(
      fc.property(sections, fc.nat(), (given, at) => {
        const n = at % given.length;
        const { kind, target, name } = given[n] ?? { kind: 'hooks', target: '-', name: '' };
        const without = all(given.with(n, { kind, target, name } as Section)).map(({ finding }) => finding);
        expect(without).toContainEqual(
          expect.objectContaining({ rule: 'platform-not-readable', path: `section:${kind}:${target}` }),
        );
      }),
    );
  });

  test('a section that could not be read again keeps every violation, and says so besides', () => {
    fc.assert(
      fc.property(sections, fc.nat(), (given, at) => {
        const n = at % given.length;
        const unknown = { since: '2026-11-24T10:00:00.000Z', why: 'answered 403' };
        const after = all(given.map((one, m) => (m === n ? { ...one, unknown } : one)));
        const prints = new Set(after.map(({ finding }) => finding.fingerprint));
        expect(all(given).every(({ finding }) => prints.has(finding.fingerprint))).toBe(true);
        expect(after.length).toBe(all(given).length + 1);
      }),
    );
  });

  test('no finding is critical, and each names a rule of its own', () => {
    const ids = PLATFORM_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[a-z-]+$/.test(id))).toBe(true);
    expect(PLATFORM_RULES.map(({ severity }) => severity)).not.toContain('critical');
  });
});
