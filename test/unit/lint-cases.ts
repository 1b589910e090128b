import type { Contract, Rule } from '../../services/domain/contract.ts';
import { type LintedPolicy, lint } from '../../services/domain/lint.ts';
import { inContract, type Remark, type RemarkCode } from '../../services/domain/remark.ts';
import { ANN, BOB, CARLA } from '../builders.ts';
import { aRoute } from '../routes.ts';
import { aContract, aControl, anEnvironment, aRule, aService } from './judge-input.ts';

export const TODAY = '2026-11-27';

export const block = (overrides: Partial<Rule> = {}) => aRule({ group: 'secret-exposure', ...overrides });
/** A block that the four groups do not cover. */
const other = (overrides: Partial<Rule> = {}) =>
  aRule({ when: { tier: ['production'], rule: ['aws-*'] }, justification: 'Never by mistake', ...overrides });
export const warn = (overrides: Partial<Rule> = {}) =>
  aRule({
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'warn',
    because: 'Needs calibration',
    dueDays: 14,
    decideBy: '2027-03-01',
    escalate: [{ after: { ageDays: 30 }, to: 'owner-lead' }],
    ...overrides,
  });
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const monitor = (overrides: Partial<Rule> = {}) => aRule({ then: 'monitor', ...overrides });
const without = (rule: Rule, key: keyof Rule): Rule =>
  Object.fromEntries(Object.entries(rule).filter(([name]) => name !== key)) as unknown as Rule;

export const TWO_ENVIRONMENTS = new Map(
  [anEnvironment(), anEnvironment({ name: 'staging', tier: 'non-production' })].map((one) => [one.name, one]),
);

export type Parts = Partial<Omit<LintedPolicy, 'contract'>> & { readonly contract?: Partial<Contract> };

export function lintOf({ contract, ...parts }: Parts): Remark[] {
  return lint({
    contract: { ...aContract(aControl({ decisions: [block()] })), environments: TWO_ENVIRONMENTS, ...contract },
    catalog: { services: new Map([['payments-api', aService()]]), broken: new Map() },
    routes: [aRoute()],
    past: { kind: 'known', versions: [], broken: [] },
    today: TODAY,
    ...parts,
  });
}

export const rules = (...decisions: readonly Rule[]): Parts => ({ contract: { controls: [aControl({ decisions })] } });
const own = (...override: readonly Rule[]): Parts => ({
  contract: {
    controls: [aControl({ decisions: [monitor()], overrides: new Map([['payments-api', override]]) })],
  },
});
const control = (parts: Parameters<typeof aControl>[0]): Parts => ({ contract: { controls: [aControl(parts)] } });
const TWICE = [aRoute({ never: ['requester'], levels: [...aRoute().levels, ...aRoute().levels] })];
const PROVENANCE = { ...aControl().signal, category: 'provenance' } as const;
const earlier = (decisions: readonly Rule[], since = '2026-11-01T12:00:00.000Z'): LintedPolicy['past'] => ({
  kind: 'known',
  versions: [
    { since, commit: 'abc', contract: { ...aContract(aControl({ decisions })), environments: TWO_ENVIRONMENTS } },
  ],
  broken: [],
});
export const people = (...group: readonly (typeof ANN)[]): NonNullable<Parts['directory']> => ({
  people: new Map([ANN, BOB, CARLA].map((person) => [person.oid, person])),
  groups: new Map([['release-managers', group.map(({ oid }) => oid)]]),
});
const inDecisions = (index: number, ...path: readonly string[]) =>
  inContract('controls', 'secret-scanning', 'decisions', index, ...path);
const week = { ...aContract().calendar, workingDays: [1, 2, 3, 4, 5, 6, 7] };
export const inWorkingTime = [aRoute({ deadline: { minutes: 480, clock: 'working' } })];

/** Code, of what it is said, a policy that has it, where, and one that is the same but for what is asked. */
export const CASES: readonly [RemarkCode, string, Parts, Remark['where'], Parts][] = [
  ['no-because', 'a warning', rules(without(warn(), 'because')), inDecisions(0), rules(warn())],
  ['no-due', 'a warning', rules(without(warn(), 'dueDays')), inDecisions(0), rules(warn())],
  ['no-decide-by', 'a warning', rules(without(warn(), 'decideBy')), inDecisions(0), rules(warn())],
  ['no-escalation', 'a warning', rules(warn({ escalate: [] })), inDecisions(0), rules(warn())],
  [
    'no-because',
    'the warning of an override',
    own(without(warn(), 'because')),
    inContract('controls', 'secret-scanning', 'overrides', 'payments-api', 0),
    own(warn()),
  ],
  [
    'no-justification',
    'a block outside the groups',
    rules(without(other(), 'justification')),
    inDecisions(0),
    rules(other()),
  ],
  ['no-justification', 'a block of a group', rules(aRule()), inDecisions(0), rules(block())],
  [
    'severity-only',
    'a block',
    rules(block({ when: { severity: ['critical'] } })),
    inDecisions(0),
    rules(block({ when: { severity: ['critical'], tier: ['production'] } })),
  ],
  [
    'severity-only',
    'the block of an override',
    own(block({ when: { severity: ['critical'] } })),
    inContract('controls', 'secret-scanning', 'overrides', 'payments-api', 0),
    own(block({ when: { severity: ['critical'], rule: ['aws-*'] } })),
  ],
  [
    'no-environment',
    'a block outside the groups, tier',
    rules(other({ when: { rule: ['aws-*'] } })),
    inDecisions(0),
    rules(other()),
  ],
  [
    'no-environment',
    'a block outside the groups, environment',
    rules(other({ when: { rule: ['aws-*'] } })),
    inDecisions(0),
    rules(other({ when: { rule: ['aws-*'], environment: ['prod'] } })),
  ],
  [
    'informational-gate',
    'a control of activity',
    control({ signal: { category: 'activity' }, decisions: [warn()] }),
    inDecisions(0),
    control({ signal: { category: 'activity' }, decisions: [warn({ when: { rule: ['role-assigned'] } }), monitor()] }),
  ],
  [
    'informational-gate',
    'findings of severity info',
    rules(warn({ when: { severity: ['info'] } })),
    inDecisions(0),
    rules(warn({ when: { severity: ['low', 'info'] } })),
  ],
  [
    'late-review',
    'an exception',
    control({ decisions: [block()], expiry: { maxDays: 7, reviewEveryDays: 8 } }),
    inContract('controls', 'secret-scanning', 'expiry', 'reviewEvery'),
    control({ decisions: [block()], expiry: { maxDays: 7, reviewEveryDays: 7 } }),
  ],
  [
    'late-review',
    'an exception of a day',
    control({ decisions: [block()], expiry: { maxDays: 1, reviewEveryDays: 2 } }),
    inContract('controls', 'secret-scanning', 'expiry', 'reviewEvery'),
    control({ decisions: [block()], expiry: { maxDays: 0, reviewEveryDays: 2 } }),
  ],
  [
    'unreachable',
    'a rule after a wider one',
    rules(warn({ when: { severity: ['high', 'low'] } }), block({ when: { severity: ['high'], tool: ['gitleaks'] } })),
    inDecisions(1),
    rules(block({ when: { severity: ['high'], tool: ['gitleaks'] } }), warn({ when: { severity: ['high', 'low'] } })),
  ],
  [
    'unreachable',
    'a block after one that blocks since today',
    rules(block({ from: TODAY }), block({ when: { severity: ['high'] } })),
    inDecisions(1),
    rules(block({ from: '2026-11-28' }), block({ when: { severity: ['high'] } })),
  ],
  [
    'unreachable',
    'a rule whose environment is of another tier',
    rules(block({ when: { tier: ['production'], environment: ['staging'] } })),
    inDecisions(0),
    rules(block({ when: { tier: ['production'], environment: ['prod'] } })),
  ],
  [
    'unreachable',
    'an override after a wider one',
    own(block(), warn()),
    inContract('controls', 'secret-scanning', 'overrides', 'payments-api', 1),
    own(block({ when: { rule: ['aws-*'] } }), warn()),
  ],
  [
    'many-blocks',
    'two block rules',
    {
      contract: {
        limits: { ...aContract().limits, maxBlockRules: 1 },
        controls: [
          aControl({
            decisions: [block({ when: { tier: ['production'] } }), monitor()],
            overrides: new Map([['payments-api', [block()]]]),
          }),
        ],
      },
    },
    inContract('limits', 'maxBlockRules'),
    {
      contract: { limits: { ...aContract().limits, maxBlockRules: 1 }, controls: [aControl({ decisions: [block()] })] },
    },
  ],
  [
    'decide-by-past',
    'a warning',
    rules(warn({ decideBy: '2026-11-26' })),
    inDecisions(0, 'decideBy'),
    rules(warn({ decideBy: TODAY })),
  ],
  [
    'unknown-service',
    'a rule',
    rules(block({ when: { service: ['payments-api', 'paymants-api'] } })),
    inDecisions(0),
    rules(block({ when: { service: ['payments-api'] } })),
  ],
  [
    'unknown-service',
    'an override',
    {
      contract: {
        controls: [aControl({ decisions: [monitor()], overrides: new Map([['paymants-api', [block()]]]) })],
      },
    },
    inContract('controls', 'secret-scanning', 'overrides', 'paymants-api', 0),
    own(block()),
  ],
  [
    'soak-unknown',
    'a policy without history',
    { past: { kind: 'unknown', why: 'the clone is shallow' } },
    inContract('controls'),
    {},
  ],
  [
    'no-soak',
    'a block where nothing warned before',
    { ...rules(block()), past: earlier([monitor()]) },
    inDecisions(0),
    { ...rules(block()), past: earlier([warn()]) },
  ],
  [
    'long-deadline',
    'a deadline over a weekend',
    { routes: inWorkingTime },
    { file: 'routes.yaml', path: ['routes', 0, 'deadline'] },
    { routes: [aRoute({ deadline: { minutes: 480, clock: 'wall' } })] },
  ],
  [
    'long-deadline',
    'working days without end',
    { routes: inWorkingTime },
    { file: 'routes.yaml', path: ['routes', 0, 'deadline'] },
    { routes: inWorkingTime, contract: { calendar: week } },
  ],
  [
    'long-deadline',
    'the calendar of the service itself',
    { routes: inWorkingTime.map((route) => ({ ...route, match: { service: 'payments-api', environment: 'prod' } })) },
    { file: 'routes.yaml', path: ['routes', 0, 'deadline'] },
    {
      routes: inWorkingTime.map((route) => ({ ...route, match: { service: 'Payments-API', environment: 'prod' } })),
      catalog: { services: new Map([['payments-api', aService({ calendar: week })]]), broken: new Map() },
    },
  ],
  [
    'no-trust',
    'provenance that blocks',
    control({ signal: PROVENANCE, decisions: [block()] }),
    inContract('controls', 'secret-scanning', 'signal'),
    control({ signal: PROVENANCE, decisions: [monitor()] }),
  ],
  [
    'few-approvers',
    'a level with nobody in it',
    { directory: people() },
    { file: 'routes.yaml', path: ['routes', 0, 'levels', 0] },
    { directory: people(ANN) },
  ],
  [
    'few-approvers',
    'a level whose only person may be excluded',
    { directory: people(ANN), routes: [aRoute({ never: ['requester'] })] },
    { file: 'routes.yaml', path: ['routes', 0, 'levels', 0] },
    { directory: people(ANN, BOB), routes: [aRoute({ never: ['requester'] })] },
  ],
  [
    'few-approvers',
    'a second level by the same people',
    { directory: people(ANN, BOB), routes: TWICE },
    { file: 'routes.yaml', path: ['routes', 0, 'levels', 1] },
    { directory: people(ANN, BOB, CARLA), routes: TWICE },
  ],
  [
    'few-approvers',
    'the level of a freeze',
    {
      directory: people(ANN, BOB),
      routes: [aRoute({ freezes: [{ from: '2026-12-20', until: '2027-01-03', level: 'group:nobody' }] })],
    },
    { file: 'routes.yaml', path: ['routes', 0, 'freezes', 0, 'level'] },
    {
      directory: people(ANN, BOB),
      routes: [aRoute({ freezes: [{ from: '2026-12-20', until: '2027-01-03', level: 'group:release-managers' }] })],
    },
  ],
];
