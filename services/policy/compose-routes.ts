import { areEquallyNarrow, type Route } from '../domain/route.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import { loadPolicyFile, missing, problemsOf, type ReadFile, serviceOfFile } from './load-policy-file.ts';
import { loadRoutes, type ReachesProduction, servicesWritten, withAuthorsExcluded } from './load-routes.ts';

/** File → what its last good version held. */
export type RouteFiles = ReadonlyMap<string, readonly Route[]>;

/** What the routes are read against. */
interface Surroundings {
  /** The services of the catalog. */
  readonly services: readonly string[];
  readonly reachesProduction: ReachesProduction;
}

interface ComposedRoutes {
  readonly routes: readonly Route[];
  /** Service → why none of its routes may be used. */
  readonly broken: ReadonlyMap<string, string>;
  readonly good: RouteFiles;
  readonly problems: readonly string[];
}

/** What one file adds. `unknownOthers`: it may hold routes of several services, which nobody can read. */
interface Contribution {
  readonly routes: readonly Route[];
  readonly closed: readonly string[];
  readonly unknownOthers: boolean;
}

/**
 * The routes of all files. A broken routes.yaml keeps its last good version; a broken file of the folder closes its
 * services. Where a route could be missing without anybody knowing for whom, only routes of one service stay in force:
 * a wider route must never stand in for a narrower one that is merely unreadable.
 */
export function composeRoutes(files: readonly PolicyFile[], good: RouteFiles, around: Surroundings): ComposedRoutes {
  const reads = files.map((file) => loadPolicyFile(file, (source) => loadRoutes(source, around.reachesProduction)));
  const parts =
    files.length === 0
      ? [{ routes: [...good.values()].flat(), closed: [], unknownOthers: false, why: '' }]
      : reads.map((read) => ({
          ...contributionOf(read, good.get(read.file), around.services),
          why: problemsOf(read).join('\n'),
        }));
  const clashes = clashesIn(parts.flatMap(({ routes }) => routes));
  const broken = new Map([
    ...parts.flatMap(({ closed, why }) => closed.map((name) => [nameIn(around.services, name), why] as const)),
    ...clashes.flatMap(({ service, problem }) =>
      service === undefined ? [] : [[nameIn(around.services, service), problem] as const],
    ),
  ]);
  const ownOnly = parts.some((part) => part.unknownOthers) || clashes.some(({ service }) => service === undefined);
  const lost =
    files.length === 0 ? [missing('routes.yaml', 'kind: ApprovalRoutes in this file or in routes/*.yaml')] : [];
  return {
    routes: parts
      .flatMap(({ routes }) => routes)
      .filter(({ match }) =>
        match.service === undefined ? !ownOnly : !broken.has(nameIn(around.services, match.service)),
      )
      .map((route) => withAuthorsExcluded(route, around.reachesProduction)),
    broken,
    good: files.length === 0 ? good : newest(reads, good),
    problems: [...lost, ...reads.flatMap(problemsOf), ...clashes.map(({ problem }) => problem)],
  };
}

function contributionOf(
  { file, loaded }: ReadFile<readonly Route[]>,
  last: readonly Route[] | undefined,
  services: readonly string[],
): Contribution {
  if (loaded.kind === 'loaded') return { routes: loaded.value, closed: [], unknownOthers: false };
  const named = serviceOfFile(file);
  if (named === undefined) return { routes: last ?? [], closed: [], unknownOthers: last === undefined };
  const written = servicesWritten(loaded.data);
  const own = (last ?? []).flatMap(({ match }) => match.service ?? []);
  const isAboutService = written.services.length > 0 || isAmong(services, named);
  return {
    routes: (last ?? []).filter(({ match }) => match.service === undefined),
    closed: [named, ...written.services, ...own],
    unknownOthers: last === undefined && (written.others || !isAboutService),
  };
}

/** Within one file the loader refuses these; two files can only be compared here. */
function clashesIn(routes: readonly Route[]) {
  return routes.flatMap((route, index) => {
    const earlier = routes.slice(0, index).find(({ match }) => areEquallyNarrow(match, route.match));
    if (earlier === undefined) return [];
    const problem = `${route.source} match: is as narrow as the one at ${earlier.source}; allowed: one route for one match`;
    return [{ service: route.match.service, problem }];
  });
}

function isAmong(services: readonly string[], name: string): boolean {
  return services.some((service) => service.toLowerCase() === name.toLowerCase());
}

/** The catalog's spelling: routes match without regard to case. */
function nameIn(services: readonly string[], name: string): string {
  return services.find((service) => service.toLowerCase() === name.toLowerCase()) ?? name;
}

/** Files that are gone are forgotten; broken ones keep what they last held. */
function newest(reads: readonly ReadFile<readonly Route[]>[], good: RouteFiles): RouteFiles {
  return new Map(
    reads.flatMap(({ file, loaded }) => {
      const routes = loaded.kind === 'loaded' ? loaded.value : good.get(file);
      return routes === undefined ? [] : [[file, routes] as const];
    }),
  );
}
