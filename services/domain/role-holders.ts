import { assetOf, type Place } from './asset.ts';
import type { Catalog } from './catalog.ts';
import { levelOf, namedByGroup } from './connection-reach.ts';
import { type Platform, type RoleFact, type SectionOf, sectionsOf } from './platform.ts';

/** Ids of Entra, lower case, of what service connections sign in as. */
export function connectionIdentities(platform: Platform): ReadonlySet<string> {
  const facts = sectionsOf(platform, 'connections').flatMap(({ known }) => known?.facts ?? []);
  const used = facts.filter(({ isDisabled }) => !isDisabled);
  return new Set(used.flatMap(({ clientId, principalId }) => [clientId ?? [], principalId ?? []].flat()));
}

/** Whether somebody else may change something in a whole subscription by it, or become who may. */
export function isHeldWide({ principalId, clientId, scope, may }: RoleFact, identities: ReadonlySet<string>): boolean {
  const isOfConnection = identities.has(principalId) || identities.has(clientId ?? '');
  return !isOfConnection && may !== 'read' && /^(?:subscription|management-group)$/.test(levelOf(scope));
}

/** Where a whole subscription matters: what the catalog has in it, or in a management group above, and what connections were made for within. */
export function placesOfSubscription(
  { target, known }: SectionOf<'roles'>,
  reached: readonly string[],
  catalog: Catalog,
  placesOf: (armId: string) => readonly Place[],
): Place[] {
  const inside = reached.filter((id) => assetOf(id)?.subscriptionId === target);
  const above = new Set((known?.facts ?? []).map(({ scope }) => scope));
  return [
    ...[`/subscriptions/${target}`, ...new Set(inside)].flatMap(placesOf),
    ...[...above].flatMap((scope) => namedByGroup(scope, catalog)),
  ];
}

/** Names of people, groups and services by their object id in Entra, as far as Azure DevOps or Azure says them. */
export function principalNames(platform: Platform): ReadonlyMap<string, string> {
  const reaching = sectionsOf(platform, 'reach').flatMap(({ known }) => known?.facts ?? []);
  const people = [
    ...reaching.flatMap(({ members, groups = [] }) => [...members, ...groups]),
    ...sectionsOf(platform, 'people').flatMap(({ known }) => known?.facts.noted ?? []),
  ];
  const roles = sectionsOf(platform, 'roles').flatMap(({ known }) => known?.facts ?? []);
  const named = [
    ...people.flatMap(({ id, oid, name }) => [id, ...(oid === undefined ? [] : [oid])].map((key) => [key, name])),
    ...roles.flatMap(({ principalId, principalName }) =>
      principalName === undefined ? [] : [[principalId, principalName]],
    ),
  ] as [string, string][];
  // Of several names of one the same in whatever order they come.
  return new Map(named.sort(([, a], [, b]) => (a < b ? 1 : -1)));
}
