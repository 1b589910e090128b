import { type Contract, type EscalationStep, type Rule, rulesOf, type Tier } from './contract.ts';
import { instantOf, MINUTES_A_DAY, minuteOf } from './finding-history.ts';
import { type JudgedGroup, partOf } from './judgement.ts';
import { type Past, recurrenceKey, strictest } from './past.ts';
import type { Principal } from './person.ts';
import { type Candidate, controlFor } from './rule-match.ts';
import type { ScanHead } from './scan-head.ts';

/** In how many services of the organization the same rule of the same control is open, and since when (minute). */
export interface Spread {
  readonly services: number;
  readonly since: number;
}

export function spreadKey(control: string, rule: string): string {
  return `${control} ${rule}`;
}

type Spreads = ReadonlyMap<string, Spread>;

/** What several scopes were told of the same rules: one in which a rule is gone by now hides nothing of another. */
export function joinedSpreads(all: readonly Spreads[]): Spreads {
  const widest = new Map<string, Spread>();
  for (const [key, spread] of all.flatMap((one) => [...one])) {
    const known = widest.get(key);
    const isWider = known === undefined || spread.services > known.services;
    const isEarlier = spread.services === known?.services && spread.since < known.since;
    if (isWider || isEarlier) widest.set(key, spread);
  }
  return widest;
}

/** The largest of these rising numbers that so many services reach; else 0. */
export function thresholdReached(thresholds: readonly number[], services: number): number {
  return thresholds.findLast((threshold) => threshold <= services) ?? 0;
}

/** Numbers of services that steps of the control of this `spreadKey` wait for, rising. */
export function servicesAsked(contract: Contract, key: string): number[] {
  const control = contract.controls.find(({ name }) => key.startsWith(spreadKey(name, '')));
  const asked = (control === undefined ? [] : rulesOf(control)).flatMap(({ rule }) =>
    rule.escalate.flatMap(({ after }) => after.services ?? []),
  );
  return [...new Set(asked)].sort((a, b) => a - b);
}

/** `spreadKey` of each rule of this tool's findings whose spread some step of their control asks for; sorted. */
export function spreadingRules(heads: readonly ScanHead[], tool: string, contract: Contract): string[] {
  const keys = heads
    .filter((head) => head.tool === tool)
    .flatMap((head) => head.groups.map(({ rule }) => spreadKey(controlFor(contract, head, rule)?.name ?? '', rule)));
  return [...new Set(keys)].filter((key) => servicesAsked(contract, key).length > 0).sort();
}

/** Where a warning stands: what its steps are measured by. */
export interface Rungs {
  readonly pastOf: (fingerprint: string | undefined) => Past | undefined;
  /** Minute from which its due date counts anew; undefined: from its first sighting. */
  readonly restartedAt?: (fingerprint: string) => number | undefined;
  readonly spread?: Spread;
  readonly tier: Tier;
  /** ISO-8601 UTC; when the oldest of them was seen first, unless a past says so. */
  readonly receivedAt: string;
  /** ISO-8601 UTC. */
  readonly now: string;
  /** False: no context. */
  readonly mayBlock: boolean;
  readonly lead?: Principal;
}

/** What a warning climbs by. */
type Climbing = Pick<Rule, 'dueDays' | 'escalate'>;

/**
 * A warning split by the steps that its findings have reached: an earlier date, the owner's lead beside the owner, or a
 * block that exceptions apply to as to every other. Only a warning climbs, and never down. Of several rules that may
 * decide it the steps of all count, so neither missing knowledge nor an override ever takes one away.
 */
export function climb(whole: JudgedGroup, candidates: readonly Candidate[], measured: () => Rungs): JudgedGroup[] {
  if (whole.decision !== 'warn') return [whole];
  const rule = climbingOf(candidates);
  if (rule.escalate.length === 0 && rule.dueDays === undefined) return [whole];
  const rungs = measured();
  const steps = rule.escalate.filter((step) => step.in === undefined || step.in === rungs.tier);
  const members = whole.fingerprints.length === 0 ? [undefined] : whole.fingerprints;
  // Findings that came with the same scan share one past: what it has reached is asked once.
  const known = new Map<Past | undefined, string>();
  const marksOf = (past: Past | undefined): string => {
    const marks = known.get(past) ?? steps.map((step) => (isReached(step, past, rungs) ? '1' : '0')).join('');
    known.set(past, marks);
    return marks;
  };
  const restartedAt = (one: string | undefined) => (one === undefined ? undefined : rungs.restartedAt?.(one));
  const parts = Map.groupBy(members, (one) => `${marksOf(rungs.pastOf(one))} ${restartedAt(one) ?? ''}`);
  return [...parts].map(([marks, part]) => {
    const listed = part.filter((one) => one !== undefined);
    const group = partOf(whole, listed, listed.length === 0 ? whole.count : listed.length);
    const oldest = strictest(part.flatMap((one) => rungs.pastOf(one) ?? []));
    const isMarked = (_: EscalationStep, n: number) => marks[n] === '1';
    const restarted = restartedAt(part[0]);
    return climbed(group, rule, { steps, reached: steps.filter(isMarked), oldest, restarted }, rungs);
  });
}

/** A rule that only counts has no steps; one that blocks from a later day does not block before it. */
function climbingOf(candidates: readonly Candidate[]): Climbing {
  const own = candidates
    .filter(({ decision }) => decision !== 'monitor')
    .map(({ rule: { dueDays, escalate }, blocksFrom }) => ({
      dueDays: dueDays ?? Number.POSITIVE_INFINITY,
      escalate: blocksFrom === undefined ? escalate : escalate.filter(({ to }) => to !== 'block'),
    }));
  const dueDays = Math.min(...own.map((one) => one.dueDays));
  const escalate = own.flatMap((one) => one.escalate);
  return dueDays === Number.POSITIVE_INFINITY ? { escalate } : { escalate, dueDays };
}

interface Part {
  readonly steps: readonly EscalationStep[];
  readonly reached: readonly EscalationStep[];
  readonly oldest: Past | undefined;
  readonly restarted: number | undefined;
}

function climbed(group: JudgedGroup, rule: Climbing, part: Part, rungs: Rungs): JudgedGroup {
  const { steps, reached, oldest } = part;
  const dueAt = dueAtOf(rule, part, rungs);
  const isOverdue = dueAt !== undefined && dueAt <= rungs.now;
  const asksLead = isOverdue || reached.some(({ to }) => to === 'owner-lead');
  const blocking = rungs.mayBlock ? reached.find(({ to }) => to === 'block') : undefined;
  const next = nextStep(steps, oldest, rungs);
  const { blocksFrom: _, ...unannounced } = group;
  return {
    ...(blocking === undefined ? group : unannounced),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(asksLead && rungs.lead !== undefined ? { lead: rungs.lead } : {}),
    ...(blocking === undefined ? {} : { decision: 'block', because: conditionOf(blocking) }),
    ...(next === undefined || blocking !== undefined ? {} : { escalatesAt: next }),
  };
}

/** Minute since when each of its conditions holds; undefined: not known to have begun. */
function conditionsOf({ after }: EscalationStep, past: Past | undefined, { spread }: Rungs): (number | undefined)[] {
  const { seen, withinDays, ageDays, services } = after;
  return [
    ...(seen === undefined
      ? []
      : [past?.reached[recurrenceKey({ seen, ...(withinDays === undefined ? {} : { withinDays }) })]]),
    ...(ageDays === undefined ? [] : [past === undefined ? undefined : past.firstSeen + ageDays * MINUTES_A_DAY]),
    ...(services === undefined ? [] : [spread !== undefined && spread.services >= services ? spread.since : undefined]),
  ];
}

/** Minute at which all of them hold; undefined: not known. It may still be to come. */
function sinceOf(step: EscalationStep, past: Past | undefined, rungs: Rungs): number | undefined {
  const since = conditionsOf(step, past, rungs);
  return since.some((minute) => minute === undefined) ? undefined : Math.max(...(since as number[]));
}

function isReached(step: EscalationStep, past: Past | undefined, rungs: Rungs): boolean {
  const since = sinceOf(step, past, rungs);
  return since !== undefined && since <= minuteOf(rungs.now);
}

/** By the rule from the first sighting on, or the end of its exception, by each step from when it was reached: the earliest counts. */
function dueAtOf(rule: Climbing, { reached, oldest: past, restarted }: Part, rungs: Rungs): string | undefined {
  const firstSeen = Math.min(past?.firstSeen ?? Number.POSITIVE_INFINITY, minuteOf(rungs.receivedAt));
  const since = Math.max(firstSeen, restarted ?? firstSeen);
  const dates = [
    ...(rule.dueDays === undefined ? [] : [since + rule.dueDays * MINUTES_A_DAY]),
    ...reached.flatMap((step) =>
      typeof step.to === 'string' ? [] : [(sinceOf(step, past, rungs) ?? 0) + step.to.dueDays * MINUTES_A_DAY],
    ),
  ];
  return dates.length === 0 ? undefined : instantOf(Math.min(...dates));
}

type Next = NonNullable<JudgedGroup['escalatesAt']>;

/** What comes next: with the next sighting, else at the earliest instant that is known. */
function nextStep(steps: readonly EscalationStep[], past: Past | undefined, rungs: Rungs): Next | undefined {
  const now = minuteOf(rungs.now);
  const coming = steps
    .filter((step) => rungs.mayBlock || step.to !== 'block')
    .flatMap((step): (Next & { readonly minute: number })[] => {
      const to = typeof step.to === 'string' ? step.to : 'due';
      const since = sinceOf(step, past, rungs);
      if (since !== undefined) return since > now ? [{ to, at: instantOf(since), minute: since }] : [];
      return isNear(step, past, rungs) ? [{ to, minute: now }] : [];
    });
  if (coming.length === 0) return undefined;
  const { minute: _, ...next } = coming.reduce((a, b) => (b.minute < a.minute ? b : a));
  return next;
}

/** Only one more sighting is missing. */
function isNear(
  { after: { seen, withinDays, ...rest } }: EscalationStep,
  past: Past | undefined,
  rungs: Rungs,
): boolean {
  if (seen === undefined || past === undefined) return false;
  const key = recurrenceKey({ seen, ...(withinDays === undefined ? {} : { withinDays }) });
  return past.near.includes(key) && isReached({ after: rest, to: 'block' }, past, rungs);
}

/** `seen 3 times within 14 days and open for 30 days`. */
export function conditionOf({ after: { seen, withinDays, ageDays, services } }: Pick<EscalationStep, 'after'>): string {
  const within = withinDays === undefined ? '' : ` within ${days(withinDays)}`;
  return [
    ...(seen === undefined ? [] : [`seen ${seen} ${seen === 1 ? 'time' : 'times'}${within}`]),
    ...(ageDays === undefined ? [] : [`open for ${days(ageDays)}`]),
    ...(services === undefined ? [] : [`found in ${services} ${services === 1 ? 'service' : 'services'}`]),
  ].join(' and ');
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
