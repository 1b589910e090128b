import type { Service } from './catalog.ts';
import {
  compareNarrowness,
  MATCH_KEYS,
  type MatchKey,
  type Route,
  type RoutePlace,
  type RouteSubject,
  type RunKey,
} from './route.ts';

/** The narrowest route that matches, or undefined: there is no default crowd. */
export function chooseRoute(routes: readonly Route[], subject: RouteSubject): Route | undefined {
  return narrowestFirst(routes.filter((route) => routeMatches(route, subject)))[0];
}

export function narrowestFirst(routes: readonly Route[]): Route[] {
  return routes.toSorted((a, b) => compareNarrowness(a.match, b.match) || (a.source < b.source ? -1 : 1));
}

/** What the catalog says about a deployment of this service before there is a run. */
export function placeOf(name: string, environment: string, service: Service | undefined): RoutePlace {
  const place = service?.environments.get(environment);
  return {
    service: name,
    environment,
    ...(service?.team === undefined ? {} : { team: service.team }),
    ...(place?.subscription === undefined ? {} : { subscription: place.subscription }),
    ...(place?.managementGroup === undefined ? {} : { managementGroup: place.managementGroup }),
    resourceGroups: place?.resourceGroups ?? [],
  };
}

/** How routes name the organization of this address. */
export function organizationName(url: string): string {
  return url.split('/').at(-1) ?? '';
}

export function keysOf(route: Route): MatchKey[] {
  return MATCH_KEYS.filter((key) => route.match[key] !== undefined);
}

function routeMatches(route: Route, subject: RouteSubject): boolean {
  const keys = keysOf(route);
  return keys.length > 0 && keys.every((key) => valuesOf(subject, key).includes(route.match[key]?.toLowerCase() ?? ''));
}

function valuesOf(subject: RouteSubject, key: MatchKey): string[] {
  const values =
    key === 'pipeline' || key === 'project' || key === 'organization' ? [subject[key]] : placesOf(subject, key);
  return values.map((text) => text.toLowerCase());
}

/** What a deployment has for a key that does not depend on its run. */
export function placesOf(place: RoutePlace, key: Exclude<MatchKey, RunKey>): readonly string[] {
  const value = key === 'resourceGroup' ? place.resourceGroups : place[key];
  return typeof value === 'string' ? [value] : (value ?? []);
}
