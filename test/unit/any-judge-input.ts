import fc from 'fast-check';
import type { ActiveException } from '../../services/domain/active-exception.ts';
import {
  type Condition,
  DECISION_CLASSES,
  type EscalationStep,
  type Rule,
  TIERS,
} from '../../services/domain/contract.ts';
import { EXPLOITABILITIES, SEVERITIES, TIMINGS } from '../../services/domain/finding.ts';
import { MINUTES_A_DAY, minuteOf } from '../../services/domain/finding-history.ts';
import type { JudgedService, JudgeInput } from '../../services/domain/judge.ts';
import type { Judgement } from '../../services/domain/judgement.ts';
import { type Spread, spreadKey } from '../../services/domain/ladder.ts';
import type { Past, Pasts } from '../../services/domain/past.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import { COMMIT } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import {
  aContract,
  aControl,
  aGroup,
  anEnvironment,
  anInput,
  aRule,
  aService,
  fingerprint,
  NOW,
  OTHER_COMMIT,
} from './judge-input.ts';

// Anything that a judgement can be made of, from few values, so that parts often meet.
const GLOBS = ['infra/**', 'src/**', '**/*.tf'] as const;
const RULES = ['generic-api-key', 'aws-key', 'sql-injection'] as const;
const TOOLS = ['gitleaks', 'semgrep'] as const;
const CATEGORIES = ['secret', 'sast'] as const;
export const INSTANTS = [
  '2026-11-01T00:00:00.000Z',
  '2026-11-23T09:29:59.999Z',
  NOW,
  '2026-11-23T09:30:00.001Z',
  '2027-01-01T00:00:00.000Z',
] as const;

/** A record with any of these members, each present or not. */
function someOf<T extends object>(members: { readonly [Key in keyof T]-?: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record(members, { requiredKeys: [] }) as unknown as fc.Arbitrary<T>;
}

const oneOrMore = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });

export const anyCondition: fc.Arbitrary<Condition> = someOf<Condition>({
  tier: oneOrMore(TIERS),
  environment: oneOrMore(['prod', 'staging']),
  service: oneOrMore(['payments-api', 'orders-api']),
  criticality: oneOrMore(['high', 'low']),
  repository: oneOrMore(['payments-api', 'payments-deploy']),
  path: oneOrMore(GLOBS),
  tool: oneOrMore(TOOLS),
  rule: oneOrMore(['generic-*', 'aws-key', '**']),
  severity: oneOrMore(SEVERITIES),
  exploitability: oneOrMore(EXPLOITABILITIES),
  fixAvailable: fc.boolean(),
  timing: oneOrMore(TIMINGS),
  branchProtected: fc.boolean(),
  recurrence: fc.integer({ min: 1, max: 5 }),
});

const anyStep: fc.Arbitrary<EscalationStep> = fc
  .record({
    after: fc.constantFrom<EscalationStep['after'][]>(
      { seen: 3, withinDays: 14 },
      { ageDays: 30 },
      { services: 2 },
      { seen: 3, withinDays: 14, ageDays: 7 },
    ),
    to: fc.constantFrom<EscalationStep['to'][]>('block', 'block', 'owner-lead', { dueDays: 3 }),
    tier: fc.option(fc.constantFrom(...TIERS)),
  })
  .map(({ tier, ...step }) => ({ ...step, ...(tier === null ? {} : { in: tier }) }));

export const anyPast: fc.Arbitrary<Past> = fc
  .record({ daysAgo: fc.constantFrom(0, 7, 29, 30, 90), reached: fc.boolean(), near: fc.boolean() })
  .map(({ daysAgo, reached, near }) => ({
    firstSeen: minuteOf(NOW) - daysAgo * MINUTES_A_DAY,
    reached: reached ? { '3/14': minuteOf(NOW) - 10 } : {},
    near: near && !reached ? ['3/14'] : [],
  }));

/** Pasts of some of the findings that groups are made of. */
export const anyPasts: fc.Arbitrary<Pasts> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 6 }), anyPast), { maxLength: 6 })
  .map((pasts) => new Map(pasts.map(([n, past]) => [fingerprint(n), past])));

/** At most two conditions a rule, else hardly any would match. */
export const anyRule = fc
  .tuple(
    anyCondition,
    fc.constantFrom(...DECISION_CLASSES),
    fc.option(fc.constantFrom('2026-11-23', '2026-11-24')),
    fc.array(anyStep, { maxLength: 2 }),
  )
  .map(([when, decision, from, escalate]) =>
    aRule({
      escalate,
      when: Object.fromEntries(Object.entries(when).slice(0, 2)),
      // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
      then: decision,
      ...(from === null ? {} : { from }),
    }),
  );

/** Also some that loading would refuse: judging does not rely on it. */
const anyOverrides = fc
  .array(fc.tuple(fc.constantFrom('payments-api', 'orders-api'), fc.array(anyRule, { minLength: 1, maxLength: 2 })), {
    maxLength: 2,
  })
  .map((overrides) => new Map(overrides.map(([service, rules]) => [service, rules.map(withoutService)])));

/** An override has its service already. */
function withoutService({ when: { service: _, ...when }, ...rule }: Rule): Rule {
  return { ...rule, when };
}

export const anyControl = fc
  .record({
    category: fc.constantFrom(...CATEGORIES),
    tools: fc.subarray([...TOOLS]),
    rules: fc.subarray(['generic-*', 'sql-*']),
    timing: oneOrMore(TIMINGS),
    required: fc.subarray([...TIERS]),
    accepted: fc.subarray([...TOOLS]),
    sameCommit: fc.boolean(),
    verified: fc.boolean(),
    maxAge: fc.option(fc.integer({ min: 1, max: 48 })),
    from: fc.constantFrom('service' as const, 'control' as const),
    acceptSuppressions: fc.boolean(),
    decisions: fc.array(anyRule, { minLength: 1, maxLength: 4 }),
    overrides: anyOverrides,
  })
  .map(({ category, tools, rules, timing, required, accepted, sameCommit, verified, maxAge, from, ...rest }) =>
    aControl({
      signal: { category, tools, rules, timing },
      evidence: {
        required,
        tools: accepted,
        sameCommit,
        verified,
        ...(maxAge === null ? {} : { maxAgeHours: maxAge }),
      },
      owner: { from },
      ...rest,
    }),
  );

export const anyGroup = (knownGlobs: readonly string[]): fc.Arbitrary<FindingGroup> =>
  fc
    .record({
      rule: fc.constantFrom(...RULES),
      severity: fc.constantFrom(...SEVERITIES),
      exploitability: fc.option(fc.constantFrom(...EXPLOITABILITIES)),
      fixAvailable: fc.option(fc.boolean()),
      suppressed: fc.boolean(),
      pathGlobs: fc.subarray([...knownGlobs]),
      prints: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      unlisted: fc.boolean(),
    })
    .map(({ exploitability, fixAvailable, prints, unlisted, ...rest }) =>
      aGroup({
        ...rest,
        ...(exploitability === null ? {} : { exploitability }),
        ...(fixAvailable === null ? {} : { fixAvailable }),
        count: prints.length,
        fingerprints: unlisted ? [] : prints.sort((a, b) => a - b).map(fingerprint),
      }),
    );

export const anyHead: fc.Arbitrary<ScanHead> = fc.subarray([...GLOBS]).chain((knownGlobs) =>
  fc
    .record({
      commit: fc.constantFrom(COMMIT, OTHER_COMMIT),
      category: fc.constantFrom(...CATEGORIES),
      tool: fc.constantFrom(...TOOLS),
      complete: fc.boolean(),
      verified: fc.boolean(),
      timing: fc.constantFrom(...TIMINGS),
      scannedAt: fc.constantFrom(...INSTANTS),
      groups: fc.array(anyGroup(knownGlobs), { maxLength: 3 }),
    })
    .map((head) => aScanHead({ ...head, knownGlobs })),
);

export const anyException: fc.Arbitrary<ActiveException> = fc
  .record({
    id: fc.constantFrom('EX-1', 'EX-2', 'EX-3'),
    control: fc.constantFrom('control-0', 'control-1'),
    service: fc.constantFrom('payments-api', 'orders-api'),
    environment: fc.constantFrom('prod', 'staging'),
    print: fc.option(fc.integer({ min: 1, max: 6 }), { freq: 1 }),
    expiresAt: fc.constantFrom(...INSTANTS),
  })
  .map(({ print, ...rest }) => ({ ...rest, ...(print === null ? {} : { fingerprints: [fingerprint(print)] }) }));

/** Every rule of the first control in so many services. */
export const spreadTo = (services: number): ReadonlyMap<string, Spread> =>
  new Map(RULES.map((rule) => [spreadKey('control-0', rule), { services, since: minuteOf(NOW) - 1 }]));

const anyJudgedService = (name: string): fc.Arbitrary<JudgedService> =>
  fc
    .record({
      heads: fc.array(anyHead, { maxLength: 3 }),
      exceptions: fc.array(anyException, { maxLength: 3 }),
      pasts: anyPasts,
      spreads: fc.constantFrom(...[0, 1, 2].map(spreadTo)),
      known: fc.boolean(),
      criticality: fc.constantFrom('high', 'low'),
      repositories: fc.subarray(['payments-api', 'payments-deploy']),
    })
    .map(({ known, heads, exceptions, pasts, spreads, ...context }) => ({
      name,
      heads,
      exceptions,
      pasts,
      spreads,
      commits: [COMMIT],
      ...(known ? { service: aService({ name, ...context }) } : {}),
    }));

/** One of its exceptions is for this service here, else hardly any would meet a finding. */
function aimed(judged: JudgedService, environment: string): JudgedService {
  const [first, ...rest] = judged.exceptions;
  if (first === undefined) return judged;
  return { ...judged, exceptions: [{ ...first, service: judged.name, environment }, ...rest] };
}

export const anyInput: fc.Arbitrary<JudgeInput> = fc
  .record({
    controls: fc.array(anyControl, { minLength: 1, maxLength: 3 }),
    name: fc.constantFrom('prod', 'staging'),
    tier: fc.constantFrom(...TIERS),
    first: anyJudgedService('payments-api'),
    second: fc.option(anyJudgedService('orders-api')),
  })
  .map(({ controls, name, tier, first, second }) =>
    anInput({
      contract: aContract(...controls.map((control, index) => ({ ...control, name: `control-${index}` }))),
      environment: anEnvironment({ name, tier }),
      services: (second === null ? [first] : [first, second]).map((judged) => aimed(judged, name)),
    }),
  );

export function mapServices(input: JudgeInput, change: (service: JudgedService) => JudgedService): JudgeInput {
  return { ...input, services: input.services.map(change) };
}

export function mapHeads(input: JudgeInput, change: (head: ScanHead) => ScanHead): JudgeInput {
  return mapServices(input, (service) => ({ ...service, heads: service.heads.map(change) }));
}

/** `change` gets each rule of each control with its place in its list, overrides too. */
export function mapRules(input: JudgeInput, change: (rule: Rule, index: number) => Rule): JudgeInput {
  const controls = input.contract.controls.map((control) => ({
    ...control,
    decisions: control.decisions.map(change),
    overrides: new Map([...control.overrides].map(([service, rules]) => [service, rules.map(change)])),
  }));
  return { ...input, contract: { ...input.contract, controls } };
}

/** Whether neither the verdict nor what findings alone say is milder than before. */
export function isNotMilder(after: Judgement, before: Judgement): boolean {
  return (after.verdict === 'block' || before.verdict === 'pass') && after.counts.block >= before.counts.block;
}
