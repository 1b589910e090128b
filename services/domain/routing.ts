import { compareNarrowness, MATCH_KEYS, type MatchKey, type Route, type RouteSubject } from './route.ts';

/** The narrowest route that matches, or undefined: there is no default crowd. */
export function chooseRoute(routes: readonly Route[], subject: RouteSubject): Route | undefined {
  return routes
    .filter((route) => routeMatches(route, subject))
    .sort((a, b) => compareNarrowness(a.match, b.match) || (a.source < b.source ? -1 : 1))[0];
}

function keysOf(route: Route): MatchKey[] {
  return MATCH_KEYS.filter((key) => route.match[key] !== undefined);
}

function routeMatches(route: Route, subject: RouteSubject): boolean {
  const keys = keysOf(route);
  return keys.length > 0 && keys.every((key) => valuesOf(subject, key).includes(route.match[key]?.toLowerCase() ?? ''));
}

function valuesOf(subject: RouteSubject, key: MatchKey): string[] {
  const value = key === 'resourceGroup' ? subject.resourceGroups : subject[key];
  const values = typeof value === 'string' ? [value] : (value ?? []);
  return values.map((text) => text.toLowerCase());
}

/** What this route asks for that no gate can be given yet; such a gate stays closed. `today` is an ISO date. */
export function unsupportedIn(route: Route, today: string): string | undefined {
  if (route.levels.length !== 1) return `${route.source} asks for ${route.levels.length} levels of approval`;
  const quorum = route.levels[0]?.quorum ?? 1;
  if (quorum > 1) return `${route.source} asks for ${quorum} approvals`;
  const freeze = route.freezes.find(({ from, until }) => from <= today && today <= until);
  return freeze === undefined ? undefined : `${route.source} is frozen until ${freeze.until}`;
}
