import { type Canonical, canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import type { Exception } from './exception.ts';
import type { Category } from './finding.ts';
import type { FindingEvent } from './finding-event.ts';
import type { Gate, GateState } from './gate.ts';

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
  /** What reports say of the platform and of who did what on it, the most first. */
  readonly changes: readonly AuditedChange[];
}

export interface AuditedBypass {
  readonly requestId: string;
  readonly runName: string;
  readonly services: readonly string[];
  readonly environment: string;
  /** ISO-8601 UTC; when its request came. */
  readonly at: string;
  readonly standing: 'not-explained' | 'explained' | 'confirmed';
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
  readonly events: readonly { readonly service: string; readonly events: readonly FindingEvent[] }[];
  readonly since: string;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** Signals about the platform and about what was done on it. */
const AUDITED: readonly Category[] = ['activity', 'platform'];

/** The same whatever the order of what it is made of. */
export function auditOf({ gates, exceptions, events, since, now, ...read }: AuditBasis): Audit {
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
    changes: changesIn(events, isWithin),
  };
}

/** What somebody saw who looked at it. */
export function auditChecksum(audit: Audit): string {
  return sha256(canonicalJson(audit as unknown as Canonical));
}

function bypassOf({ id: requestId, run, services, environment, receivedAt: at, bypass }: Gate): AuditedBypass {
  const standing = bypass === undefined ? 'not-explained' : bypass.confirmed === undefined ? 'explained' : 'confirmed';
  return { requestId, runName: run.name, services, environment, at, standing };
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
