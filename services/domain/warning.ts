import { type Category, SEVERITIES, type Severity } from './finding.ts';
import { minuteOf } from './finding-history.ts';
import type { DecidedGroup } from './judge.ts';
import type { JudgedGroup } from './judgement.ts';
import type { Past, Pasts } from './past.ts';
import type { Principal } from './person.ts';
import type { Refusal } from './refusal.ts';
import type { FindingSample } from './scan-head.ts';

/** Findings of one service that the contract warns of alike, wherever they are deployed. */
export interface Warning {
  readonly org: string;
  readonly service: string;
  /** Where they are warnings, sorted. */
  readonly environments: readonly string[];
  /** Absent: no control has them. */
  readonly control?: string;
  readonly category: Category;
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly count: number;
  /** Sorted; empty where there were too many to list. */
  readonly fingerprints: readonly string[];
  readonly samples: readonly FindingSample[];
  readonly because?: string;
  readonly owner: Principal;
  /** ISO date from which they block. */
  readonly blocksFrom?: string;
  /** ISO-8601 UTC. */
  readonly dueAt?: string;
  readonly lead?: Principal;
  readonly escalatesAt?: NonNullable<JudgedGroup['escalatesAt']>;
  readonly exceptionId?: string;
  /** Whether an exception may be asked for. */
  readonly exceptable: boolean;
  /** Minute (finding-history.ts) at which each of them was first seen, the latest first. */
  readonly seen: readonly number[];
}

/** Why somebody is shown no warnings. */
export type NotSeen =
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** None is in force: nothing is warned of. */
  | { readonly kind: 'no-contract' }
  | { readonly kind: 'unknown-service'; readonly service: string };

/** What is decided of one service in one environment. */
export interface DecidedScope {
  readonly environment: string;
  readonly groups: readonly DecidedGroup[];
  readonly pasts: Pasts;
}

/** The warnings of a service, the same of several environments once; the severest first, else in any stable order. */
export function warningsIn(org: string, scopes: readonly DecidedScope[]): Warning[] {
  const alike = new Map<string, Found[]>();
  for (const { environment, groups, pasts } of scopes) {
    for (const { judged, head, group } of groups) {
      if (judged.decision !== 'warn') continue;
      const found = { environment, judged, past: group.past, pasts, receivedAt: head.receivedAt };
      const key = keyOf(judged);
      const others = alike.get(key);
      if (others === undefined) alike.set(key, [found]);
      else others.push(found);
    }
  }
  const keyed = [...alike].map(([key, found]) => ({ key, warning: joinedWarning(org, found) }));
  return keyed.sort((a, b) => bySeverity(a.warning, b.warning) || (a.key < b.key ? -1 : 1)).map((one) => one.warning);
}

interface Found {
  readonly environment: string;
  readonly judged: JudgedGroup;
  readonly past: Past | undefined;
  readonly pasts: Pasts;
  readonly receivedAt: string;
}

/** What a reader would tell apart. */
function keyOf(judged: JudgedGroup): string {
  const { control, tool, rule, severity, owner, lead, blocksFrom, dueAt, escalatesAt, exceptionId } = judged;
  return JSON.stringify([control, tool, rule, severity, owner, lead, blocksFrom, dueAt, escalatesAt, exceptionId]);
}

function joinedWarning(org: string, found: readonly Found[]): Warning {
  const [{ judged }] = found as [Found];
  const seen = firstSightings(found);
  const { service, control, category, tool, rule, severity, owner, because, blocksFrom } = judged;
  const { dueAt, lead, escalatesAt, exceptionId, exception, samples } = judged;
  return {
    org,
    service,
    environments: [...new Set(found.map(({ environment }) => environment))].sort(),
    ...(control === undefined ? {} : { control }),
    category,
    tool,
    rule,
    severity,
    count: seen.minutes.length,
    fingerprints: seen.fingerprints,
    samples,
    ...(because === undefined ? {} : { because }),
    owner,
    ...(blocksFrom === undefined ? {} : { blocksFrom }),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(lead === undefined ? {} : { lead }),
    ...(escalatesAt === undefined ? {} : { escalatesAt }),
    ...(exceptionId === undefined ? {} : { exceptionId }),
    exceptable: exception !== undefined && exception.maxDays > 0,
    seen: seen.minutes,
  };
}

/** Of listed findings each by itself; of those that were too many to list only how many there are, and the oldest. */
function firstSightings(found: readonly Found[]) {
  const first = new Map<string, number>();
  let unlisted: number[] = [];
  for (const { judged, past, pasts, receivedAt } of found) {
    const received = minuteOf(receivedAt);
    for (const print of judged.fingerprints) {
      const minute = (pasts.get(print) ?? past)?.firstSeen ?? received;
      first.set(print, Math.min(minute, first.get(print) ?? minute));
    }
    const more = judged.count - judged.fingerprints.length;
    if (more > unlisted.length) unlisted = Array.from({ length: more }, () => past?.firstSeen ?? received);
  }
  return {
    fingerprints: [...first.keys()].sort(),
    minutes: [...first.values(), ...unlisted].sort((a, b) => b - a),
  };
}

export function bySeverity(a: Warning, b: Warning): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}
