import * as z from 'zod';
import { BLOCK_GROUPS, type Control, DECISION_CLASSES, type Rule, TIERS, type Tier } from '../domain/contract.ts';
import { CATEGORIES, type Category, EXPLOITABILITIES, SEVERITIES, TIMINGS } from '../domain/finding.ts';
import { asStrictAlready } from '../domain/override.ts';
import { wrong } from './load-file.ts';
import { duration, isoDate, name, oneOrMany, principal, text } from './scalars.ts';

/** Category → how old its evidence may be, in hours; a category that is absent has no limit (contract.md). */
const MAX_AGE_HOURS: Partial<Readonly<Record<Category, number>>> = {
  dependency: 168,
  container: 168,
  policy: 168,
  runtime: 168,
};

const condition = z.strictObject({
  tier: oneOrMany(z.enum(TIERS)).exactOptional(),
  environment: oneOrMany(name).exactOptional(),
  service: oneOrMany(text(200)).exactOptional(),
  criticality: oneOrMany(text(100)).exactOptional(),
  repository: oneOrMany(text(300)).exactOptional(),
  path: oneOrMany(text(300)).exactOptional(),
  tool: oneOrMany(toolFamily()).exactOptional(),
  rule: oneOrMany(text(300)).exactOptional(),
  severity: oneOrMany(z.enum(SEVERITIES)).exactOptional(),
  exploitability: oneOrMany(z.enum(EXPLOITABILITIES)).exactOptional(),
  fixAvailable: z.boolean().exactOptional(),
  timing: oneOrMany(z.enum(TIMINGS)).exactOptional(),
  branchProtected: z.boolean().exactOptional(),
  recurrence: z.int().min(1).max(10_000).exactOptional(),
});

const after = z
  .strictObject({
    seen: z.int().min(1).max(10_000).exactOptional(),
    within: duration('days', { max: 730 }).exactOptional(),
    age: duration('days', { max: 730 }).exactOptional(),
    services: z.int().min(1).max(10_000).exactOptional(),
  })
  .superRefine(({ seen, within, age, services }, context) => {
    if (seen === undefined && age === undefined && services === undefined) {
      context.addIssue({ code: 'custom', message: 'names nothing to wait for; allowed: seen, age, services' });
    }
    if (within !== undefined && seen === undefined) {
      context.addIssue({ code: 'custom', path: ['within'], message: 'stands alone; allowed: within beside seen' });
    }
  })
  .transform(({ within, age, ...rest }) => ({
    ...rest,
    ...(within === undefined ? {} : { withinDays: within }),
    ...(age === undefined ? {} : { ageDays: age }),
  }));

const escalationStep = z.strictObject({
  after,
  to: z.union(
    [
      z.enum(['owner-lead', 'block']),
      z.strictObject({ due: duration('days', { max: 730 }) }).transform(({ due }) => ({ dueDays: due })),
    ],
    { error: (issue) => wrong(issue.input, 'owner-lead, block, { due: 3d }') },
  ),
  in: z.enum(TIERS).exactOptional(),
});

const ruleShape = z.strictObject({
  when: condition.default({}),
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  then: z.enum(DECISION_CLASSES),
  group: z.enum(BLOCK_GROUPS).exactOptional(),
  because: text(500).exactOptional(),
  justification: text(500).exactOptional(),
  from: isoDate.exactOptional(),
  due: duration('days', { max: 730 }).exactOptional(),
  decideBy: isoDate.exactOptional(),
  escalate: z.array(escalationStep).default([]),
});

const rule = ruleShape.transform(withDueDays);

/** Of a service that is named already; a decision to monitor could not be stricter than any. */
const overrideRule = ruleShape
  .extend({
    when: condition.omit({ service: true }).default({}),
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: z.enum(DECISION_CLASSES).exclude(['monitor']),
  })
  .transform(withDueDays);

function withDueDays<T extends { due?: number }>({ due, ...rest }: T) {
  return { ...rest, ...(due === undefined ? {} : { dueDays: due }) };
}

const evidence = z.strictObject({
  required: oneOrMany(z.enum(TIERS), 0).default([]),
  tools: z.array(toolFamily()).default([]),
  sameCommit: z.boolean().default(true),
  posture: z.boolean().exactOptional(),
  maxAge: duration('hours', { max: 17_520 }).exactOptional(),
  verified: z.boolean().default(false),
});

/** Readers name tools in lower case; a contract that writes `GitLeaks` means the same one. */
function toolFamily() {
  return text(100).transform((tool) => tool.toLowerCase());
}

/** `reviewEvery` is days, or the name of one of `cadences` (name → days). */
function expirySchema(cadences: ReadonlyMap<string, number>) {
  const days = duration('days', { max: 730 });
  return z
    .strictObject({
      max: duration('days', { min: 0, max: 730 }),
      renewals: z.int().min(0).max(100),
      reviewEvery: z.string().transform((written, context) => {
        const cadence = cadences.get(written);
        if (cadence !== undefined) return { reviewEveryDays: cadence, reviewCadence: written };
        const parsed = days.safeParse(written);
        if (parsed.success) return { reviewEveryDays: parsed.data };
        const named = cadences.size === 0 ? '' : `, or a cadence of the calendar (${[...cadences.keys()].join(', ')})`;
        context.addIssue({ code: 'custom', message: wrong(written, `a duration such as 7d, 2w${named}`) });
        return z.NEVER;
      }),
      approvers: principal,
      quorum: z.int().min(1).max(20).default(1),
      minReason: z.int().min(1).max(500).default(20),
      onExpiry: z.enum(['restart', 'continue']).default('restart'),
    })
    .transform(({ max, reviewEvery, ...rest }) => ({ maxDays: max, ...reviewEvery, ...rest }));
}

/** What the rest of the contract says and a control is read against. */
export interface Surroundings {
  /** The calendar's: name → days. */
  readonly cadences: ReadonlyMap<string, number>;
  /** Environment → tier. */
  readonly tiers: ReadonlyMap<string, Tier>;
}

/** One control: its five parts are all required. */
export function controlSchema({ cadences, tiers }: Surroundings) {
  return z
    .strictObject({
      signal: z.strictObject({
        category: z.enum(CATEGORIES),
        tools: z.array(toolFamily()).default([]),
        rules: z.array(text(300)).default([]),
        timing: oneOrMany(z.enum(TIMINGS)).default([...TIMINGS]),
      }),
      evidence,
      owner: z.strictObject({ from: z.enum(['service', 'control']).default('service'), fallback: principal }),
      expiry: expirySchema(cadences),
      decisions: z.array(rule).min(1),
      overrides: z.record(name, z.array(overrideRule).min(1)).default({}),
      acceptSuppressions: z.boolean().default(false),
    })
    .superRefine((control, context) => {
      for (const issue of milder(control, tiers)) context.addIssue({ code: 'custom', ...issue });
    })
    .transform(({ overrides, ...control }) => ({
      ...withMaxAge(control),
      overrides: new Map(Object.entries(overrides)),
    }));
}

/** Overrides that change nothing, because what holds for all is as strict wherever they could. */
function milder(control: WrittenOverrides, tiers: Surroundings['tiers']) {
  const grounds = { tiers, tools: control.signal.tools, rules: control.signal.rules };
  return Object.entries(control.overrides).flatMap(([service, rules]) =>
    rules.flatMap((rule, index) => {
      const already = asStrictAlready(control, service, rule, grounds);
      if (already === undefined) return [];
      const by = already.index === undefined ? 'what no rule matches' : `decisions[${already.index}]`;
      const allowed =
        rule.then === 'block' ? 'no override here' : 'block, due or escalate that is sooner, or no override here';
      const message = `is "${rule.then}" although ${by} is ${already.rule.then} for all; allowed: ${allowed}`;
      return [{ path: ['overrides', service, index, 'then'], message }];
    }),
  );
}

type WrittenOverrides = Pick<Control, 'decisions' | 'signal'> & {
  readonly overrides: Readonly<Record<string, readonly Rule[]>>;
};

type WrittenControl = Omit<Control, 'name' | 'evidence' | 'overrides'> & {
  readonly evidence: Omit<Control['evidence'], 'maxAgeHours'> & { readonly maxAge?: number };
};

function withMaxAge({ evidence: { maxAge, ...kept }, ...rest }: WrittenControl): Omit<Control, 'name' | 'overrides'> {
  const maxAgeHours = maxAge ?? MAX_AGE_HOURS[rest.signal.category];
  return { ...rest, evidence: { ...kept, ...(maxAgeHours === undefined ? {} : { maxAgeHours }) } };
}
