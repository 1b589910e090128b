import * as z from 'zod';
import { TIERS } from '../domain/contract.ts';
import { calendarSchema } from './calendar-schema.ts';
import { controlSchema, type Surroundings } from './control-schema.ts';
import { wrong } from './load-file.ts';
import { duration, hours, isoDate, name, principal } from './scalars.ts';

const OBSERVED_DAYS = 90;
const PIPELINE_TOKEN_MINUTES = 46 * 60;

/** For whoever sends digests and reviews; no judgement reads them. */
const digest = z.strictObject({
  empty: z.enum(['line', 'silence']).default('line'),
  capPerDay: z.int().min(1).max(100).default(6),
  quiet: hours({ orOvernight: true }).prefault('18:00-08:00'),
});

const reviews = z.strictObject({
  monitor: principal.exactOptional(),
  audit: principal.exactOptional(),
  every: duration('days', { max: 365 }).default(7),
  postDeployAfter: duration('minutes', { max: 1440 }).exactOptional(),
  baselineMax: duration('days', { max: 730 }).exactOptional(),
});

const limits = z.strictObject({
  exceptionsPerService: z.int().min(0).max(1000).default(5),
  overuseRate: z.number().min(0).max(1).default(0.2),
  erodedAfterPeriods: z.int().min(1).max(100).default(2),
  maxBlockRules: z.int().min(1).max(1000).default(12),
  unownedAfter: duration('days', { max: 365 }).default(5),
  maxApprovers: z.int().min(1).max(100).default(15),
});

function environmentSchema(today: string) {
  return z
    .strictObject({
      tier: z.enum(TIERS),
      approval: z.enum(['required', 'none']),
      onBlock: z
        .strictObject({ wait: duration('minutes', { min: 0, max: PIPELINE_TOKEN_MINUTES }) })
        .default({ wait: 60 }),
      enforce: z.literal([true, 'observe']).default(true),
      until: isoDate.exactOptional(),
    })
    .superRefine(({ enforce, until }, context) => {
      const message = untilProblem(enforce, until, today);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['until'], message });
    })
    .transform(({ tier, approval, onBlock, until }) => ({
      tier,
      approval,
      blockWaitMinutes: onBlock.wait,
      ...(until === undefined ? {} : { observeUntil: until }),
    }));
}

function untilProblem(enforce: true | 'observe', until: string | undefined, today: string): string | undefined {
  if (enforce === true) {
    return until === undefined
      ? undefined
      : 'says when observing ends, but nothing is observed; allowed: only with enforce: observe';
  }
  const last = new Date(Date.parse(`${today}T00:00:00.000Z`) + OBSERVED_DAYS * 86_400_000).toISOString().slice(0, 10);
  const allowed = `a date up to ${last} (${OBSERVED_DAYS} days from today)`;
  return until === undefined || until > last ? wrong(until, allowed) : undefined;
}

/** contract.yaml. `today` is an ISO date. */
export function contractSchema(today: string, around: Surroundings) {
  return z.strictObject({
    kind: z.literal('GatingContract'),
    version: z.int().min(1),
    owner: principal.exactOptional(),
    operators: principal.exactOptional(),
    calendar: calendarSchema,
    digest: digest.prefault({}),
    reviews: reviews.prefault({}),
    environments: z.record(name, environmentSchema(today)).refine((all) => Object.keys(all).length > 0, {
      error: 'is empty; allowed: at least one environment',
    }),
    limits: limits.prefault({}),
    controls: z.record(name, controlSchema(around)).refine((all) => Object.keys(all).length > 0, {
      error: 'is empty; allowed: at least one control',
    }),
  });
}
