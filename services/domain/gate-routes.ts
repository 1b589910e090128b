import type { Catalog } from './catalog.ts';
import type { Gate } from './gate.ts';
import type { Freeze, Route, RouteSubject } from './route.ts';
import { chooseRoute, organizationName, placeOf } from './routing.ts';

/** The part of the policy by which people are found. */
export interface Routing {
  readonly catalog: Catalog;
  readonly routes: readonly Route[];
  /** Service → why its own file of routes could not be read: no wider route stands in for it. */
  readonly brokenRoutes: ReadonlyMap<string, string>;
}

type Deployment = Pick<Gate, 'services' | 'environment' | 'run' | 'door'>;

/** The narrowest route of each service, each once; a sentence when one has none. */
export function routesOf(gate: Deployment, policy: Routing): Route[] | string {
  const broken = gate.services.find((name) => policy.brokenRoutes.has(name));
  if (broken !== undefined) return policy.brokenRoutes.get(broken) ?? broken;
  const routes = gate.services.map((name) => chooseRoute(policy.routes, subjectOf(gate, name, policy)));
  const found = routes.filter((route) => route !== undefined);
  if (found.length < gate.services.length) return `${gate.services.join(', ')} in ${gate.environment}`;
  return [...new Set(found)];
}

function subjectOf(gate: Deployment, name: string, policy: Routing): RouteSubject {
  return {
    ...placeOf(name, gate.environment, policy.catalog.services.get(name)),
    pipeline: gate.run.pipeline.name,
    project: gate.run.project,
    organization: organizationName(gate.door.organization),
  };
}

/** `today` is an ISO date in the contract's zone. */
export function frozenAt({ freezes }: Route, today: string): readonly Freeze[] {
  return freezes.filter(({ from, until }) => from <= today && today <= until);
}
