import { type Audit, auditOf } from './domain/audit.ts';
import { dateIn } from './domain/calendar.ts';
import type { Contract } from './domain/contract.ts';
import type { Gate } from './domain/gate.ts';
import { plusDays } from './domain/instant.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { periodStart } from './domain/review.ts';
import { isStale, type SourceNote } from './domain/source-note.ts';
import type { ActivityStore } from './ports/activity-store.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { GateStore } from './ports/gate-store.ts';
import { inLanes } from './ports/lanes.ts';
import type { OffPathStore } from './ports/off-path-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';
import type { SourceNotes } from './ports/source-notes.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'eventsSince'>;
  readonly exceptions: Pick<ExceptionStore, 'all'>;
  readonly gates: Pick<GateStore, 'receivedSince'>;
  readonly activity: Pick<ActivityStore, 'since'>;
  readonly offPaths: Pick<OffPathStore, 'since'>;
  readonly sourceNotes: Pick<SourceNotes, 'all'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type AuditReader = ReturnType<typeof createAudits>;

const MOST_SCOPES = 2_000;

/**
 * What was done about deployments since the period before this one began: requests, bypasses, exceptions, and what reports
 * say of the platform. Changes nothing. Rejects with StoreUnavailableError.
 */
export function createAudits(needs: Needs) {
  /** Undefined without a contract. */
  const audit = async (): Promise<Audit | undefined> => {
    const policy = await needs.policy.current();
    return policy.contract === undefined ? undefined : read(needs, policy, policy.contract);
  };
  return {
    audit,
    auditFor: async (by: PersonActor): Promise<Audit | Refusal | undefined> =>
      (await needs.strangerBecause(by)) ?? audit(),
  };
}

async function read(needs: Needs, { catalog }: PolicySnapshot, contract: Contract): Promise<Audit> {
  const { gates, scopes, exceptions, orgs } = needs;
  const now = needs.clock.now();
  const { everyDays } = contract.reviews;
  const since = `${plusDays(periodStart(dateIn(contract.calendar, now), everyDays), -everyDays)}T00:00:00.000Z`;
  const environments = [...contract.environments.keys()];
  const names = [...catalog.services.keys()].sort();
  const most = Math.floor(MOST_SCOPES / ((environments.length + 1) * orgs.length));
  const scopesOf = (service: string, all: readonly string[]) =>
    orgs.flatMap((org) => all.map((environment) => ({ org, service, environment })));
  const received: Gate[] = [];
  for await (const gate of gates.receivedSince(since)) received.push(gate);
  const found = await inLanes(names.slice(0, most), async (service) => ({
    service,
    seen: await Promise.all(scopesOf(service, ['-', ...environments]).map((scope) => scopes.eventsSince(scope, since))),
    excepted: await Promise.all(scopesOf(service, environments).map((scope) => exceptions.all(scope))),
  }));
  return auditOf({
    ...{ contractVersion: contract.version, services: Math.min(names.length, most), since, now },
    leftOut: Math.max(0, names.length - most),
    unkept: found.flatMap(({ seen }) => seen).reduce((sum, { unkept }) => sum + unkept, 0),
    gates: received,
    offPaths: await needs.offPaths.since(since),
    activities: await needs.activity.since(since),
    unknown: unreadIn((await needs.sourceNotes.all()).notes, now),
    exceptions: found.flatMap(({ excepted }) => excepted.flat()),
    events: found.map(({ service, seen }) => ({
      service,
      events: seen.flatMap(({ events }) => [...events.values()].flat()),
    })),
  });
}

/** Where what was done is written. */
const LOGS: readonly string[] = ['azure-devops-audit', 'azure-activity', 'deployments'];

function unreadIn(notes: readonly SourceNote[], now: string): string[] {
  return notes
    .filter((note) => LOGS.includes(note.source) && (note.failure !== undefined || isStale(note, now)))
    .map(({ source, name, failure }) => `${source} of ${name}: ${failure?.why ?? 'it was not read for hours'}`);
}
