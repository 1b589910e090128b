import {
  compareNarrowness,
  type MatchKey,
  narrowestKey,
  type Route,
  type RoutePlace,
  RUN_KEYS,
  type RunKey,
} from './route.ts';
import { keysOf, narrowestFirst, placesOf } from './routing.ts';

/** What of its run a deployment can have before there is one: every value that is possible, absent: any. */
export type ExpectedRun = Partial<Readonly<Record<RunKey, readonly string[]>>>;

/** One route of the policy, held against a deployment. */
export interface Considered {
  readonly route: Route;
  /** Keys that agree. */
  readonly agrees: readonly MatchKey[];
  /** Keys that agree with some runs only. */
  readonly depends: readonly RunKey[];
  /** The first key that agrees with no run, and what the deployment has instead: nothing, where the catalog names none. */
  readonly differs?: { readonly key: MatchKey; readonly has: readonly string[] };
}

/** What makes a route narrower than the next that matches: its narrowest key, having more keys, or its place in the files. */
export type Narrower =
  | { readonly by: 'alone' }
  | { readonly by: 'key' | 'keys' | 'place'; readonly key: MatchKey; readonly over: Route };

/** The routes that a deployment can have, and why. */
export interface RouteChoice {
  /** Narrowest first: those for some runs, then the one for all others; none: no route can match. */
  readonly possible: readonly Considered[];
  /** Why the last of `possible` wins when its run is none of the others'; absent when no route matches every run. */
  readonly narrower?: Narrower;
  /** They match too, and a narrower one wins; narrowest first. */
  readonly wider: readonly Considered[];
  /** They match no run; what agrees in most keys first. */
  readonly differing: readonly Considered[];
}

/** Holds every route against a deployment of which only the place is certain; chooses as `chooseRoute` does. */
export function explainRoutes(routes: readonly Route[], place: RoutePlace, expected: ExpectedRun): RouteChoice {
  const held = narrowestFirst(routes)
    .filter((route) => keysOf(route).length > 0)
    .map((route) => hold(route, place, expected));
  const matching = held.filter(({ differs }) => differs === undefined);
  const certain = matching.findIndex(({ depends }) => depends.length === 0);
  const until = certain === -1 ? matching.length : certain + 1;
  const chosen = matching[certain]?.route;
  return {
    possible: matching.slice(0, until),
    ...(chosen === undefined ? {} : { narrower: narrowerThan(chosen, matching[until]?.route) }),
    wider: matching.slice(until),
    differing: held
      .filter(({ differs }) => differs !== undefined)
      .sort((a, b) => b.agrees.length + b.depends.length - a.agrees.length - a.depends.length),
  };
}

type Fit = { readonly key: MatchKey } & (
  | { readonly fit: 'agrees' }
  | { readonly fit: 'depends'; readonly key: RunKey }
  | { readonly fit: 'differs'; readonly has: readonly string[] }
);

function hold(route: Route, place: RoutePlace, expected: ExpectedRun): Considered {
  const fits = keysOf(route).map((key) => fitOf(key, route.match[key] ?? '', place, expected));
  const differs = fits.find((one) => one.fit === 'differs');
  return {
    route,
    agrees: fits.flatMap(({ fit, key }) => (fit === 'agrees' ? [key] : [])),
    depends: fits.flatMap((one) => (one.fit === 'depends' ? [one.key] : [])),
    ...(differs === undefined ? {} : { differs: { key: differs.key, has: differs.has } }),
  };
}

function fitOf(key: MatchKey, wanted: string, place: RoutePlace, expected: ExpectedRun): Fit {
  if (!isRunKey(key)) {
    const has = placesOf(place, key);
    return includes(has, wanted) ? { key, fit: 'agrees' } : { key, fit: 'differs', has };
  }
  const has = expected[key];
  if (has === undefined) return { key, fit: 'depends' };
  if (!includes(has, wanted)) return { key, fit: 'differs', has };
  return has.length === 1 ? { key, fit: 'agrees' } : { key, fit: 'depends' };
}

function isRunKey(key: MatchKey): key is RunKey {
  return (RUN_KEYS as readonly MatchKey[]).includes(key);
}

function includes(names: readonly string[], name: string): boolean {
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

function narrowerThan({ match }: Route, next: Route | undefined): Narrower {
  const key = narrowestKey(match);
  if (next === undefined || key === undefined) return { by: 'alone' };
  if (compareNarrowness(match, next.match) === 0) return { by: 'place', key, over: next };
  return { by: narrowestKey(next.match) === key ? 'keys' : 'key', key, over: next };
}
