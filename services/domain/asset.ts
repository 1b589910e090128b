import type { Catalog, ServiceEnvironment } from './catalog.ts';
import { withoutEndSlashes } from './end-slashes.ts';

/** Something in Azure: a resource, a resource group or a subscription. */
export interface Asset {
  /** ARM id as it was written; compared without regard to case. */
  readonly id: string;
  /** Lower case. */
  readonly subscriptionId: string;
  /** Display name, where it is known. */
  readonly subscription?: string;
  readonly resourceGroup?: string;
  /** Its own; Azure hands none down from group or subscription. */
  readonly tags: ReadonlyMap<string, string>;
  /** From the subscription upwards; each under every name that it has. */
  readonly managementGroups: readonly (readonly string[])[];
}

/** Which part of the catalog an asset belongs to. */
export type AssetPlace =
  | { readonly kind: 'known'; readonly service: string; readonly environment: string }
  /** Equally narrow for several: whose it is cannot be told. */
  | { readonly kind: 'tie'; readonly places: readonly Place[] }
  | { readonly kind: 'unknown' };

export interface Place {
  readonly service: string;
  readonly environment: string;
}

export function isSamePlace(one: Place, other: Place): boolean {
  return one.service === other.service && one.environment === other.environment;
}

/** Each once. */
export function distinctPlaces(places: readonly Place[]): Place[] {
  const all = places.map(({ service, environment }) => ({ service, environment }));
  return [...new Map(all.map((place) => [JSON.stringify(place), place])).values()];
}

const ARM_ID =
  /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/resourcegroups\/([^/]+))?(?:\/.*)?$/i;

/** What an ARM id says by itself; undefined: it is none of something within a subscription. */
export function assetOf(id: string): Asset | undefined {
  const [, subscriptionId, resourceGroup] = ARM_ID.exec(id) ?? [];
  if (subscriptionId === undefined) return undefined;
  return {
    id,
    subscriptionId: subscriptionId.toLowerCase(),
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    tags: new Map(),
    managementGroups: [],
  };
}

/** ARM ids are the same in any case. */
export function assetKey(id: string): string {
  return withoutEndSlashes(id.toLowerCase());
}

/** The same of an id as somebody wrote it, with its slash in front. */
export function armKey(id: string): string {
  return assetKey(`/${id.trim().replace(/^\/+/, '')}`);
}

interface Claim extends Place {
  readonly keys: ServiceEnvironment;
}

/**
 * Finds the service and environment that an asset belongs to: of those environments all of whose keys match, the
 * narrowest. A resource group is narrower than tags, these than a subscription, this than a management group, and of
 * management groups the nearest; then the one with more keys. One without keys matches nothing.
 */
export function createPlaces(catalog: Catalog): (asset: Asset) => AssetPlace {
  const claims = claimsOf(catalog);
  return (asset) => {
    const names = [asset.resourceGroup, asset.subscriptionId, asset.subscription, ''];
    const near = [...new Set(names.map((name) => name?.toLowerCase() ?? ''))].flatMap((name) => claims.get(name) ?? []);
    const found = [...new Set(near.map(({ claim }) => claim))].flatMap(({ keys, ...place }) => {
      const narrowness = narrownessOf(keys, asset);
      return narrowness === undefined ? [] : [{ place, narrowness }];
    });
    const [first, ...others] = found.sort((a, b) => compare(b.narrowness, a.narrowness));
    if (first === undefined) return { kind: 'unknown' };
    const equal = others.filter(({ narrowness }) => compare(narrowness, first.narrowness) === 0);
    if (equal.length === 0) return { kind: 'known', ...first.place };
    return { kind: 'tie', places: [first, ...equal].map(({ place }) => place) };
  };
}

/** By a name without which they cannot match, lower case; those that need none by the empty one. */
function claimsOf({ services }: Catalog) {
  const claims = [...services.values()].flatMap(({ name: service, environments }) =>
    [...environments].flatMap(([environment, keys]) => {
      const claim: Claim = { service, environment, keys };
      const needed = keys.resourceGroups.length > 0 ? keys.resourceGroups : [keys.subscription ?? ''];
      return needed.map((name) => ({ name: name.toLowerCase(), claim }));
    }),
  );
  return Map.groupBy(claims, ({ name }) => name);
}

/** Compared from left to right, the higher is narrower. */
type Narrowness = readonly number[];

/** Undefined: it does not match, or says nothing. */
function narrownessOf(keys: ServiceEnvironment, asset: Asset): Narrowness | undefined {
  const { subscription, managementGroup, resourceGroups, tags = new Map() } = keys;
  const height = managementGroup === undefined ? 0 : heightOf(managementGroup, asset);
  const matches =
    height !== -1 &&
    (subscription === undefined || isOneOf([asset.subscriptionId, asset.subscription], subscription)) &&
    (resourceGroups.length === 0 || resourceGroups.some((group) => isOneOf([asset.resourceGroup], group))) &&
    [...tags].every(([tag, value]) => tagOf(asset, tag) === value);
  const given = [resourceGroups.length > 0, tags.size > 0, subscription !== undefined, managementGroup !== undefined];
  if (!matches || !given.includes(true)) return undefined;
  return [given.length - given.indexOf(true), given.filter(Boolean).length, tags.size, -height];
}

function compare(one: Narrowness, other: Narrowness): number {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

/** How far above the asset; -1: nowhere. */
function heightOf(managementGroup: string, { managementGroups }: Asset): number {
  return managementGroups.findIndex((names) => isOneOf(names, managementGroup));
}

function isOneOf(names: readonly (string | undefined)[], name: string): boolean {
  return names.some((one) => one?.toLowerCase() === name.toLowerCase());
}

/** Azure keeps the names of tags without regard to case, their values with it. */
function tagOf({ tags }: Asset, name: string): string | undefined {
  return [...tags].find(([tag]) => tag.toLowerCase() === name.toLowerCase())?.[1];
}
