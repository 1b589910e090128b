import type { Place } from '../domain/asset.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { FoundTargets, PullTarget } from './signal-source.ts';

/**
 * What must be read whole to know all of a place: the subscription that the catalog names, the repositories of a service. What the catalog
 * names and nobody sees is among it, by its name: it is never read. Empty: nothing is known to show it.
 */
export function neededFor(
  { services }: Catalog,
  { targets, unseen }: FoundTargets,
): (organization: string, place: Place) => string[] {
  const named = namedTargets(targets);
  const missing = new Set([...unseen.keys()].map((name) => name.toLowerCase()));
  const missed = (names: readonly string[]) =>
    names.map((name) => name.toLowerCase()).filter((name) => missing.has(name));
  return (organization, { service, environment }) => {
    const known = services.get(service);
    const subscription = known?.environments.get(environment)?.subscription;
    const subscriptions = subscription === undefined ? [] : [subscription];
    const built = environment === '-' ? (named.repositories.get(key(organization, service)) ?? []) : [];
    if (built.length > 0) return [...built, ...missed(known?.repositories ?? [])];
    return [...(named.subscriptions.get(subscription?.toLowerCase() ?? '') ?? []), ...missed(subscriptions)];
  };
}

function namedTargets(targets: readonly PullTarget[]) {
  const subscriptions = new Map<string, string[]>();
  const repositories = new Map<string, string[]>();
  const add = (all: Map<string, string[]>, name: string, id: string) => all.set(name, [...(all.get(name) ?? []), id]);
  for (const { id, name, repository } of targets) {
    if (repository === undefined) for (const one of new Set([id, name.toLowerCase()])) add(subscriptions, one, id);
    for (const service of repository?.services ?? [])
      add(repositories, key(repository?.organization ?? '', service), id);
  }
  return { subscriptions, repositories };
}

function key(organization: string, service: string): string {
  return JSON.stringify([organization, service]);
}
