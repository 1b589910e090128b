import { byService, isLive, listed } from './domain/exception-list.ts';
import type { FindingFilter, FindingList } from './domain/finding-list.ts';
import type { Gate } from './domain/gate.ts';
import { plusDays } from './domain/instant.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { ReleasedIn } from './domain/release.ts';
import {
  categorised,
  type Remembered,
  type ScopeOverview,
  TIMELINE_DAYS,
  timelineOf,
  timelineSince,
} from './domain/scope-overview.ts';
import type { TriageRefusal } from './domain/triage-refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { Policy } from './ports/policy.ts';
import type { Reviews } from './ports/reviews.ts';
import type { ScopeStore } from './ports/scope-store.ts';

/** A service, and one of its environments if only that is meant. */
export interface ScopeMeant {
  readonly service: string;
  readonly environment?: string;
}

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'views' | 'eventsSince'>;
  readonly exceptions: Pick<ExceptionStore, 'all'>;
  readonly reviews: Pick<Reviews, 'since'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** What blocks or warns; names in any case of their letters. */
  readonly listFindings: (by: PersonActor, filter: FindingFilter) => Promise<FindingList | TriageRefusal>;
  /** What waits in a service or an environment. */
  readonly openGates: (
    by: PersonActor,
    filter: { readonly mine: false; readonly scope: string },
  ) => Promise<readonly Gate[] | Refusal>;
}

export type ShowScope = ReturnType<typeof createShowScope>;

/** Approvals, findings, exceptions and what happened lately, together. Changes nothing. Rejects when the store does not answer. */
export function createShowScope(needs: Needs) {
  return async (by: PersonActor, meant: ScopeMeant): Promise<ScopeOverview | TriageRefusal> => {
    const findings = await needs.listFindings(by, meant);
    if ('code' in findings) return findings;
    const { contract, catalog } = await needs.policy.current();
    const { service, environment } = findings.filter;
    if (contract === undefined) return { code: 'no-contract' };
    // The name of an environment alone: what is the reader's own in it is another question.
    if (service === undefined) return { code: 'unknown-service', known: [...catalog.services.keys()] };
    const waiting = await needs.openGates(by, { mine: false, scope: service });
    if (typeof waiting === 'string') return { code: 'stranger', refusal: waiting };
    const now = needs.clock.now();
    const environments = environment === undefined ? [...contract.environments.keys()] : [environment];
    const isHere = (gate: Gate) => environment === undefined || gate.environment === environment;
    const remembered = await rememberedOf(needs, service, environments, waiting.filter(isHere), now);
    return {
      service,
      ...(environment === undefined ? {} : { environment }),
      at: now,
      waiting: remembered.waiting,
      findings,
      exceptions: remembered.exceptions
        .filter((one) => isLive(one, now))
        .sort(byService)
        .map((one) => listed(one, now)),
      timeline: timelineOf(remembered, now),
    };
  };
}

const EVERYWHERE = '-';

async function rememberedOf(
  { scopes, exceptions, reviews, orgs }: Needs,
  service: string,
  environments: readonly string[],
  waiting: readonly Gate[],
  now: string,
): Promise<Remembered> {
  const since = timelineSince(now);
  const here = orgs.flatMap((org) => environments.map((environment) => ({ org, service, environment })));
  const everywhere = orgs.map((org) => ({ org, service, environment: EVERYWHERE }));
  const [views, kept, seen, reviewed] = await Promise.all([
    Promise.all(orgs.map((org) => scopes.views({ org, service }, environments))),
    Promise.all(here.map((scope) => exceptions.all(scope))),
    Promise.all(
      [...everywhere, ...here].map(async (scope) => ({ scope, ...(await scopes.eventsSince(scope, since)) })),
    ),
    // What is recorded lately may be of a period that began long before.
    reviews.since(plusDays(since.slice(0, 10), -TIMELINE_DAYS)),
  ]);
  return {
    waiting: [...waiting].sort((a, b) => (a.closesAt < b.closesAt ? -1 : 1)),
    releases: views.flatMap((view) =>
      [...view].flatMap(([environment, { release }]): ReleasedIn[] =>
        release === undefined ? [] : [{ environment, release }],
      ),
    ),
    exceptions: kept.flat(),
    reviews: reviewed.map(({ review }) => review),
    events: seen.map(({ scope: { environment }, events }) => ({
      ...(environment === EVERYWHERE ? {} : { environment }),
      events: [...events.values()].flatMap(categorised),
    })),
  };
}
