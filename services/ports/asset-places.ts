import { type AssetPlace, assetKey, assetOf, createPlaces } from '../domain/asset.ts';
import type { Catalog, ServiceEnvironment } from '../domain/catalog.ts';
import type { Assets } from './assets.ts';

const SUBSCRIPTION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Where each of these assets (ARM ids) belongs. Azure is asked only where the catalog goes by more than an id says; what it does
 * not know any more is taken as its id has it. `names`: subscriptions whose name is known, by id. Rejects with AssetsUnavailableError.
 */
export async function assetPlaces(
  assets: Pick<Assets, 'find'> | undefined,
  catalog: Catalog,
  ids: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): Promise<(id: string) => AssetPlace> {
  const place = createPlaces(catalog);
  const isNamed = ids.every((id) => names.has(assetOf(id)?.subscriptionId ?? ''));
  const isAsked = ids.length > 0 && environmentsIn(catalog).some((keys) => asksAzure(keys, isNamed));
  const found = isAsked ? await assets?.find(ids) : undefined;
  const named = new Map(names);
  for (const { subscriptionId, subscription } of found?.values() ?? [])
    if (subscription !== undefined) named.set(subscriptionId, subscription);
  return (id) => {
    const asset = found?.get(assetKey(id)) ?? assetOf(id);
    if (asset === undefined) return { kind: 'unknown' };
    const subscription = named.get(asset.subscriptionId);
    return place(subscription === undefined ? asset : { ...asset, subscription });
  };
}

function environmentsIn({ services }: Catalog): readonly ServiceEnvironment[] {
  return [...services.values()].flatMap(({ environments }) => [...environments.values()]);
}

function asksAzure({ subscription, managementGroup, tags }: ServiceEnvironment, isNamed: boolean): boolean {
  const goesByName = subscription !== undefined && !SUBSCRIPTION_ID.test(subscription);
  return (goesByName && !isNamed) || managementGroup !== undefined || (tags !== undefined && tags.size > 0);
}
