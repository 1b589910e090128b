import { byService, isLive, listed } from './domain/exception-list.ts';
import type { FindingFilter, FindingList } from './domain/finding-list.ts';
import type { Gate } from './domain/gate.ts';
import { plusDays } from './domain/instant.ts';
import type { OffPath } from './domain/off-path.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { type ScopeOverview, TIMELINE_DAYS, timelineOf, timelineSince } from './domain/scope-overview.ts';
import type { TriageRefusal } from './domain/triage-refusal.ts';
import type { ActivityStore } from './ports/activity-store.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { OffPathStore } from './ports/off-path-store.ts';
import type { Policy } from './ports/policy.ts';
import type { Reviews } from './ports/reviews.ts';
import type { Timelines } from './ports/timelines.ts';

/** A service, and one of its environments if only that is meant. */
export interface ScopeMeant {
  readonly service: string;
  readonly environment?: string;
}

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly timelines: Timelines;
  readonly exceptions: Pick<ExceptionStore, 'live'>;
  readonly reviews: Pick<Reviews, 'since'>;
  readonly offPaths: Pick<OffPathStore, 'since'>;
  readonly activity: Pick<ActivityStore, 'of'>;
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

/** What waits, what is found and excepted, and everything that happened lately, on one timeline. Changes nothing. Rejects when the store does not answer. */
export function createShowScope(needs: Needs) {
  return async (by: PersonActor, meant: ScopeMeant): Promise<ScopeOverview | TriageRefusal> => {
    const findings = await needs.listFindings(by, meant);
    if ('code' in findings) return findings;
    const { contract, catalog } = await needs.policy.current();
    const { service, environment } = findings.filter;
    if (contract === undefined) return { code: 'no-contract' };
    // The name of an environment alone: what is the reader's own in it is another question.
    if (service === undefined) return { code: 'unknown-service', known: [...catalog.services.keys()] };
    const open = await needs.openGates(by, { mine: false, scope: service });
    if (typeof open === 'string') return { code: 'stranger', refusal: open };
    const now = needs.clock.now();
    const isHere = isIn(environment);
    const waiting = open.filter(isHere).sort((a, b) => (a.closesAt < b.closesAt ? -1 : 1));
    const environments = environment === undefined ? [...contract.environments.keys()] : [environment];
    const [exceptions, remembered] = await Promise.all([
      needs.exceptions.live(service),
      rememberedOf(needs, service, environments, isHere, now),
    ]);
    return {
      service,
      ...(environment === undefined ? {} : { environment }),
      at: now,
      waiting,
      findings,
      exceptions: exceptions
        .filter((one) => isHere(one) && isLive(one.exception, now))
        .map(({ exception }) => exception)
        .sort(byService)
        .map((one) => listed(one, now)),
      timeline: timelineOf({ waiting, ...remembered }, now),
    };
  };
}

type IsHere = (one: { readonly environment: string }) => boolean;

/** As Azure DevOps writes an environment, or as the contract does. */
function isIn(environment: string | undefined): IsHere {
  return (one) => environment === undefined || one.environment.toLowerCase() === environment.toLowerCase();
}

const EVERYWHERE = '-';

async function rememberedOf(
  { timelines, reviews, offPaths, activity, orgs }: Needs,
  service: string,
  environments: readonly string[],
  isHere: IsHere,
  now: string,
) {
  const since = timelineSince(now);
  const isOurs = (one: { readonly environment: string }) => one.environment === EVERYWHERE || isHere(one);
  const scopes = orgs.flatMap((org) =>
    [EVERYWHERE, ...environments].map((environment) => ({ org, service, environment })),
  );
  const [noted, reviewed, raised, activities] = await Promise.all([
    Promise.all(scopes.map((scope) => timelines.since(scope, since))),
    // What is recorded lately may be of a period that began long before.
    reviews.since(plusDays(since.slice(0, 10), -TIMELINE_DAYS)),
    offPaths.since(since),
    activity.of(service, since),
  ]);
  return {
    noted: noted.flat(),
    reviews: reviewed.map(({ review }) => review),
    offPaths: raised.filter((action: OffPath) => action.services.includes(service) && isOurs(action)),
    activities: { ...activities, found: activities.found.filter(isOurs) },
  };
}
