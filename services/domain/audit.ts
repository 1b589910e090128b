import type { ActivityEvent } from './activity.ts';
import { ACTIVITY_GROUPS, type ActivityGroup, activityWords } from './activity-group.ts';
import { standingOf, type UnapprovedStanding } from './bypass.ts';
import { type Canonical, canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import type { Exception } from './exception.ts';
import type { Category } from './finding.ts';
import type { FindingEvent } from './finding-event.ts';
import type { Gate, GateState } from './gate.ts';
import type { OffPath } from './off-path.ts';

/** What people and machines did about deployments since an instant: for whoever reviews it, and for nothing else. */
export interface Audit {
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly since: string;
  readonly contractVersion: number;
  readonly services: number;
  /** Services that were not read because they are too many, and events that large imports did not keep. */
  readonly leftOut: number;
  readonly unkept: number;
  /** Requests that came in, by what became of them. */
  readonly requests: Readonly<Partial<Record<GateState, number>>>;
  /** Stages that went on without a decision, the newest first. */
  readonly bypasses: readonly AuditedBypass[];
  /** That came into force or ended, the newest first. */
  readonly exceptions: readonly AuditedException[];
  /** What was done beside the release path, the newest first. */
  readonly offPath: readonly AuditedOffPath[];
  /** What audit logs say was done, by group and scope. */
  readonly activities: readonly AuditedActivity[];
  /** What reports say of the platform and of who did what on it, the most first. */
  readonly changes: readonly AuditedChange[];
  /** Logs that could not be read, and why: what they say is not in here. */
  readonly unknown: readonly string[];
}

export interface AuditedOffPath extends Pick<OffPath, 'id' | 'kind' | 'services' | 'environment' | 'at'> {
  readonly standing: UnapprovedStanding;
}

/** The same kind of thing, done in the same scope. */
export interface AuditedActivity {
  readonly group: ActivityGroup;
  readonly services: readonly string[];
  /** `-`: of none. */
  readonly environment: string;
  /** `removed a check`. */
  readonly words: string;
  readonly count: number;
  /** Of these, how many were tried and did not succeed. */
  readonly failed: number;
}

export interface AuditedBypass {
  readonly requestId: string;
  readonly runName: string;
  readonly services: readonly string[];
  readonly environment: string;
  /** ISO-8601 UTC; when its request came. */
  readonly at: string;
  readonly standing: UnapprovedStanding;
}

export interface AuditedException {
  readonly exceptionId: string;
  readonly control: string;
  readonly service: string;
  readonly environment: string;
  readonly kind: 'granted' | 'ended';
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Findings of one rule in one service that appeared or came back. */
export interface AuditedChange {
  readonly service: string;
  readonly category: Category;
  readonly rule: string;
  readonly count: number;
}

export interface AuditBasis extends Pick<Audit, 'contractVersion' | 'services' | 'leftOut' | 'unkept'> {
  readonly gates: readonly Gate[];
  readonly exceptions: readonly Exception[];
  readonly offPaths: readonly OffPath[];
  readonly activities: readonly ActivityEvent[];
  readonly unknown: readonly string[];
  readonly events: readonly { readonly service: string; readonly events: readonly FindingEvent[] }[];
  readonly since: string;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** Signals about the platform and about what was done on it. */
const AUDITED: readonly Category[] = ['activity', 'platform'];

/** The same whatever the order of what it is made of. */
export function auditOf(basis: AuditBasis): Audit {
  const { gates, exceptions, events, offPaths, activities, unknown, since, now, ...read } = basis;
  const isWithin = (at: string | undefined): at is string => at !== undefined && at >= since && at <= now;
  const received = gates.filter(({ receivedAt }) => isWithin(receivedAt));
  const byState = Map.groupBy(received, ({ state }) => state);
  return {
    ...{ at: now, since, ...read },
    requests: Object.fromEntries([...byState].map(([state, all]) => [state, all.length])),
    bypasses: received
      .filter(({ state }) => state === 'bypassed')
      .map(bypassOf)
      .sort(newestFirst),
    exceptions: exceptions
      .flatMap(({ id: exceptionId, target: { control, service, environment }, grantedAt, end }) => {
        const of = { exceptionId, control, service, environment };
        return [
          ...(isWithin(grantedAt) ? [{ ...of, kind: 'granted', at: grantedAt } as const] : []),
          ...(grantedAt !== undefined && isWithin(end?.at) ? [{ ...of, kind: 'ended', at: end.at } as const] : []),
        ];
      })
      .sort(newestFirst),
    offPath: offPaths
      .filter(({ raisedAt }) => isWithin(raisedAt))
      .map(offPathOf)
      .sort(newestFirst),
    activities: activitiesIn(activities.filter(({ at }) => isWithin(at))),
    changes: changesIn(events, isWithin),
    unknown: [...new Set(unknown)].sort(),
  };
}

/** What somebody saw who looked at it. */
export function auditChecksum(audit: Audit): string {
  return sha256(canonicalJson(audit as unknown as Canonical));
}

function bypassOf({ id: requestId, run, services, environment, receivedAt: at, bypass }: Gate): AuditedBypass {
  return { requestId, runName: run.name, services, environment, at, standing: standingOf(bypass) };
}

function offPathOf({ id, kind, services, environment, at, bypass }: OffPath): AuditedOffPath {
  return { id, kind, services, environment, at, standing: standingOf(bypass) };
}

function activitiesIn(all: readonly ActivityEvent[]): AuditedActivity[] {
  // An entry that two reads brought in is one.
  const distinct = [...new Map(all.map((event) => [event.id, event])).values()];
  const rows = distinct.map((event) => {
    const { services, environment, hasFailed } = event;
    const { group, words } = activityWords(event);
    return { key: { group, services: [...services].sort(), environment, words }, hasFailed };
  });
  return [...Map.groupBy(rows, ({ key }) => JSON.stringify(key)).values()]
    .flatMap((same) =>
      same.slice(0, 1).map(({ key }) => {
        return { ...key, count: same.length, failed: same.filter(({ hasFailed }) => hasFailed).length };
      }),
    )
    .sort(byGroupAndScope);
}

/** Within a group by scope, what is of nothing that the catalog knows first; within a scope the most first. */
function byGroupAndScope(a: AuditedActivity, b: AuditedActivity): number {
  const groups = ACTIVITY_GROUPS.indexOf(a.group) - ACTIVITY_GROUPS.indexOf(b.group);
  const [one, other] = [a, b].map(({ services, environment }) => JSON.stringify([services, environment]));
  const scopes = (one ?? '') < (other ?? '') ? -1 : (one ?? '') > (other ?? '') ? 1 : 0;
  return groups || scopes || b.count - a.count || (a.words < b.words ? -1 : 1);
}

function changesIn(events: AuditBasis['events'], isWithin: (at: string) => boolean): AuditedChange[] {
  const changes = events.flatMap(({ service, events: all }) =>
    all.flatMap(({ kind, at, category, rule }) =>
      kind !== 'gone' && isWithin(at) && category !== undefined && AUDITED.includes(category) && rule !== undefined
        ? [{ service, category, rule }]
        : [],
    ),
  );
  return [...Map.groupBy(changes, ({ service, category, rule }) => JSON.stringify([service, category, rule]))]
    .sort(([a, many], [b, more]) => more.length - many.length || (a < b ? -1 : 1))
    .flatMap(([, same]) => same.slice(0, 1).map((change) => ({ ...change, count: same.length })));
}

function newestFirst<T extends { readonly at: string }>(a: T, b: T): number {
  const [one, other] = [a, b].map((moment) => JSON.stringify([moment.at, moment]));
  return (one ?? '') < (other ?? '') ? 1 : -1;
}
