import type { Route } from '../services/domain/route.ts';
import { type Considered, explainRoutes } from '../services/domain/route-choice.ts';
import type { Approvers, Way, WhoApproves } from '../services/domain/who-approves.ts';
import { BOB, CARLA } from './builders.ts';

/** For everything in prod, asking the release managers. */
export function aRoute(overrides: Partial<Route> = {}): Route {
  return {
    source: 'routes.yaml:3',
    match: { environment: 'prod' },
    levels: [{ quorum: 1, from: ['group:release-managers'] }],
    never: [],
    post: { dm: true },
    comment: { approve: 'optional', reject: 'required' },
    freezes: [],
    ...overrides,
  };
}

/** Bob and Carla, of the release managers. */
export function someApprovers(overrides: Partial<Approvers> = {}): Approvers {
  return {
    from: ['group:release-managers'],
    quorum: 1,
    eligible: [
      { oid: BOB.oid, name: BOB.name },
      { oid: CARLA.oid, name: CARLA.name },
    ],
    excluded: [],
    empty: [],
    inactive: [],
    inactiveUnknown: [],
    ...overrides,
  };
}

/** Bob or Carla, both within reach. */
export function aWay(considered: Considered, overrides: Partial<Way> = {}): Way {
  const level = someApprovers();
  return {
    considered,
    levels: [level],
    never: ['requester', 'commit-authors'],
    told: { direct: level.eligible, unreachable: [] },
    ...overrides,
  };
}

/** payments-api in prod by these routes; `way` is what is special about each of them. */
export function anAnswer(
  routes: readonly Route[] = [aRoute()],
  way: Partial<Way> = {},
  overrides: Partial<WhoApproves> = {},
): WhoApproves {
  const place = {
    service: 'payments-api',
    environment: 'prod',
    team: 'payments',
    resourceGroups: ['rg-payments-prod'],
  };
  const choice = explainRoutes(routes, place, { organization: ['contoso'] });
  return {
    service: 'payments-api',
    environment: 'prod',
    approval: 'required',
    choice,
    ways: choice.possible.map((considered) => aWay(considered, way)),
    problems: [],
    ...overrides,
  };
}
